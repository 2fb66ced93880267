"""Datasets by name.

A dataset is a module with an ``INFO`` and, unless it has captions or prompts in the place of
classes (bench/data/prompted.py), a function ``splits``. One that no library brings also names its
``FILES`` with their SHA-256, the ``FOLDER`` that they are fetched into, and their sources: an
``ADDRESS`` and a ``DEBIAN_PACKAGE``.
"""

from __future__ import annotations

from pathlib import Path
from types import ModuleType

from bench.data import digits, fashion, geneval, shapes
from bench.data.dataset import DatasetInfo, Split
from bench.errors import BadInput
from bench.parsing import suggest

DATASETS = {"digits": digits, "fashion": fashion, "shapes": shapes, "geneval": geneval}


def dataset_info(dataset: str) -> DatasetInfo:
    """The shape and the classes of a dataset by name.

    Raises:
        BadInput: there is no such dataset.
    """
    return module(dataset).INFO


def load_split(dataset: str, split: str) -> Split:
    """The ``train`` or ``reference`` (held-out) split of a dataset.

    Raises:
        BadInput: there is no such dataset or split.
    """
    splits = module(dataset).splits()
    if split not in splits:
        raise BadInput(f"split: unknown split {split!r}{suggest(split, splits)}")
    return splits[split]


def fetched_datasets() -> list[str]:
    """The names of the datasets whose files `fetch` gets."""
    return [name for name in DATASETS if hasattr(DATASETS[name], "FILES")]


def files(dataset: str) -> list[Path]:
    """The files that a dataset is read from; none where a library brings it."""
    found = module(dataset)
    return [found.FOLDER / name for name in getattr(found, "FILES", ())]


def module(dataset: str) -> ModuleType:
    """The module of a dataset by name.

    Raises:
        BadInput: there is no such dataset.
    """
    if dataset not in DATASETS:
        raise BadInput(f"dataset: unknown dataset {dataset!r}{suggest(dataset, DATASETS)}")
    return DATASETS[dataset]
