"""metrics.csv, by cell."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from bench.errors import BadInput

REAL = ("real", "train")


class Rows:
    """The rows of a scale: one per cell and seed block."""

    def __init__(self, results: Path):
        path = results / "metrics.csv"
        try:
            self.frame = pd.read_csv(path)
        except FileNotFoundError:
            raise BadInput(f"{path}: no such file; run the measurements first") from None
        except (pd.errors.ParserError, pd.errors.EmptyDataError) as error:
            raise BadInput(f"{path}: not a CSV of rows: {error}") from None
        missing = {"run", "method", "seed", "fid"} - set(self.frame.columns)
        if missing:
            raise BadInput(f"{path}: lacks the columns {', '.join(sorted(missing))}")

    def cells(self) -> list[tuple[str, str]]:
        """Every (run, method) measured, in the file's order, real images left out."""
        pairs = dict.fromkeys(zip(self.frame["run"], self.frame["method"]))
        return [pair for pair in pairs if pair != REAL]

    def blocks(self, run: str, method: str, column: str) -> pd.Series:
        """A column of one cell by seed; empty where the cell was not measured."""
        mine = self.frame[(self.frame["run"] == run) & (self.frame["method"] == method)]
        return mine.set_index("seed")[column]
