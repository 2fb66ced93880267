"""How far a run of a scale is, from its files alone: nothing here writes or takes a lock."""
