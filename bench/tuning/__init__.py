"""The search for a method's hyperparameters: proposals of candidates, and their measurement."""
