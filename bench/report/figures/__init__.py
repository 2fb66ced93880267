"""One module per figure of the paper: ``draw(results) -> (figure, data)``."""
