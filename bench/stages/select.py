"""The choice of a method's hyperparameters from what its searches found."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from bench.errors import BadInput
from bench.files.atomic import write_text
from bench.files.csv_rows import read_rows


def select(searches: Sequence[Path], all_rows: Path, out: Path) -> pd.Series:
    """Writes the rows of all searches to ``all_rows`` and the best spec to ``out``; returns
    the best row.

    Raises:
        BadInput: a file holds no candidates, none of them has a FID, or the best spec is not JSON.
    """
    rows = pd.concat([read_rows(path, "guidance", "fid") for path in searches], ignore_index=True)
    chosen = best(rows)
    spec = _read_spec(chosen["guidance"])
    write_text(all_rows, rows.to_csv(index=False))
    write_text(out, json.dumps(spec) + "\n")
    return chosen


def best(rows: pd.DataFrame) -> pd.Series:
    """The row with the lowest FID; the first one of several.

    Raises:
        BadInput: no row has a FID.
    """
    if not rows["fid"].notna().any():
        raise BadInput("no candidate has a FID; look into the searches")
    return rows.loc[rows["fid"].idxmin()]


def _read_spec(text):
    try:
        return json.loads(text)
    except (TypeError, ValueError):
        raise BadInput(f"the spec of the best candidate is not valid JSON: {text!r}") from None
