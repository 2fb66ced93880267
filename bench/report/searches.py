"""The results of a search, with its hyperparameters as columns."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd

from bench.files.csv_rows import read_rows


def read_search(results: Path, run: str, method: str) -> pd.DataFrame:
    """The candidates of a method on a run: the keys of the spec, then metrics and cost."""
    path = results / "tuning" / run / f"{method}.csv"
    rows = read_rows(path, "guidance", "fid")
    specs = pd.DataFrame([json.loads(text) for text in rows["guidance"]])
    return pd.concat([specs, rows.drop(columns="guidance")], axis=1)


def omega_at_an_end(search: pd.DataFrame) -> float | None:
    """The best candidate's omega where it is the largest or the smallest searched, so that a wider
    search might find a better one; None where it lies between others, or was not searched."""
    omegas = search["omega"] if "omega" in search else pd.Series(dtype=float)
    if omegas.nunique() < 2:
        return None
    best = omegas[search["fid"].idxmin()]
    return best if best in (omegas.min(), omegas.max()) else None
