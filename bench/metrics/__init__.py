"""Mathematics over features: tensors in, numbers out; it knows no model, guidance or file."""

import importlib

# Imported on first use: reports need the table of metrics alone, and torch takes seconds.
_MODULES = {
    "PrecisionRecall": "neighbours",
    "frechet_distance": "frechet",
    "inception_score": "inception",
    "kernel_distance": "neighbours",
    "precision_recall": "neighbours",
}
__all__ = list(_MODULES)


def __getattr__(name):
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_MODULES[name]}"), name)
