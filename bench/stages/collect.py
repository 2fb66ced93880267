"""The collection of rows from several files in one."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from bench.files.atomic import write_text
from bench.files.csv_rows import read_rows


def collect(sources: Sequence[Path], out: Path) -> int:
    """Writes the rows of several files of cells, or of several of `grid`, to one; returns their
    number.

    Raises:
        BadInput: a file holds no such rows, or those of the first have another measure, the FID or
            the preference.
    """
    # As text, so that no digit changes.
    measure = "preference" if "preference" in read_rows(sources[0]) else "fid"
    rows = pd.concat([read_rows(path, measure, dtype=str) for path in sources])
    write_text(out, rows.to_csv(index=False))
    return len(rows)
