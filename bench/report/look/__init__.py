"""The look that figures share, and drawings that several of them are made of."""
