"""Published weights and reference data: where they are from, and what they should be."""
