"""One module per verb of ``python -m bench``: its options, and the call of its stage."""
