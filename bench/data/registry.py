"""Datasets by name: modules with their ``FACTS`` and a function ``splits``."""

from __future__ import annotations

from bench.config.parse import suggest
from bench.data import digits
from bench.data.dataset import Facts, Split
from bench.errors import BadInput

DATASETS = {"digits": digits}


def facts(dataset: str) -> Facts:
    """The facts of a dataset by name.

    Raises:
        BadInput: there is no such dataset.
    """
    return _module(dataset).FACTS


def load_split(dataset: str, split: str) -> Split:
    """The ``train`` or ``reference`` (held-out) split of a dataset.

    Raises:
        BadInput: there is no such dataset or split.
    """
    splits = _module(dataset).splits()
    if split not in splits:
        raise BadInput(f"split: unknown split {split!r}{suggest(split, splits)}")
    return splits[split]


def _module(dataset):
    if dataset not in DATASETS:
        raise BadInput(f"dataset: unknown dataset {dataset!r}{suggest(dataset, DATASETS)}")
    return DATASETS[dataset]
