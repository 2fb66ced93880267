"""The capacity gap of a run: held-out loss by snapshot, condition, gamma and t."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from bench.files.csv_rows import read_rows


def read_gap(path: Path) -> pd.DataFrame:
    """Columns run, step, condition ("given" or "null"), gamma, t, loss."""
    # keep_default_na: pandas would read the null condition as a missing value.
    columns = ("run", "step", "condition", "gamma", "t", "loss")
    return read_rows(path, *columns, keep_default_na=False)
