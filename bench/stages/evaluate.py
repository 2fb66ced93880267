"""Computes the metrics of one cell, a row per seed block."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from bench.evaluation.rows import evaluation_rows
from bench.files.atomic import write_text


def evaluate(
    features: list[Path], reference: Path, preview: int | None, names: Mapping[str, str], out: Path
) -> list[dict]:
    """Writes the rows of a cell, which it returns.

    Args:
        features, reference, preview: as `evaluation_rows` takes them.
        names: the columns that say which cell it is; they come first.

    Raises:
        BadInput: as `evaluation_rows`.
    """
    rows = [{**names, **row} for row in evaluation_rows(features, reference, preview)]
    write_text(out, pd.DataFrame(rows).to_csv(index=False))
    return rows
