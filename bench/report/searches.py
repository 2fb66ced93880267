"""The results of a search, with its hyperparameters as columns."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd

from bench.errors import BadInput


def read_search(results: Path, run: str, method: str) -> pd.DataFrame:
    """The candidates of a method on a run: the keys of the spec, then metrics and cost."""
    path = results / "tuning" / run / f"{method}.csv"
    try:
        rows = pd.read_csv(path)
    except FileNotFoundError:
        raise BadInput(f"{path}: no such file; run the search first") from None
    specs = pd.DataFrame([json.loads(text) for text in rows["guidance"]])
    return pd.concat([specs, rows.drop(columns="guidance")], axis=1)
