"""Checks that several sections share."""

from bench.errors import BadInput


def check_positive(settings, *keys: str) -> None:
    """Raises BadInput for the first of ``keys`` that is zero or less."""
    for key in keys:
        if getattr(settings, key) <= 0:
            raise BadInput(f"{key}: {getattr(settings, key)} is not positive")


def check_name(key: str, name: str) -> None:
    """Raises BadInput where ``name`` cannot name a folder everywhere."""
    if not name.replace("_", "").replace("-", "").isalnum():
        raise BadInput(f"{key}: names are letters, digits, '_' and '-', for they name folders")
