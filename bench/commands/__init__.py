"""One module per verb of ``python -m bench``: its arguments, and what runs it."""
