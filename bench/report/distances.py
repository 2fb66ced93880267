"""How far guidance moved each sample from the unguided one of the same seed."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from bench.files.csv_rows import read_rows


def read_distances(results: Path, run: str, method: str) -> pd.DataFrame:
    """Columns seed, index, distance: a row per sample of a cell."""
    return read_rows(results / "distances" / run / f"{method}.csv", "seed", "index", "distance")
