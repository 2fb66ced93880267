"""Folders in the layout of HPSv3's benchmark."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from bench.data.hpdv3 import CATEGORIES


def write_benchmark(folder: Path, captions: Mapping[str, Sequence[str]]) -> None:
    """The captions of some categories; each other category has one, its own name."""
    folder.mkdir(exist_ok=True)
    for category in CATEGORIES:
        name = category.replace("_", " ").title()
        entries = [{"caption": text, "id": 7} for text in captions.get(category, [category])]
        (folder / f"benchmark_{name}.json").write_text(json.dumps(entries))
