"""The collection of rows from several files in one."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from bench.files.atomic import write_text
from bench.files.csv_rows import read_rows


def collect(sources: Sequence[Path], out: Path) -> int:
    """Writes the rows of several files of `evaluate`, or of several of `grid`, to one; returns
    their number.

    Raises:
        BadInput: a file holds no such rows.
    """
    # As text, so that no digit changes.
    rows = pd.concat([read_rows(path, "seed", "fid", dtype=str) for path in sources])
    write_text(out, rows.to_csv(index=False))
    return len(rows)
