"""metrics.csv, by cell."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from bench.config.evaluation import REAL
from bench.errors import BadInput
from bench.files.csv_rows import read_rows

COLUMNS = (
    "run",
    "method",
    "seed",
    "fid",
    "linear_gmacs",
    "steps",
    "checkpoint_iterations",
    "weak_checkpoint_step",
    "evaluator",
)


class Rows:
    """The rows of a scale: one per cell and seed block."""

    def __init__(self, results: Path):
        self.path = results / "metrics.csv"
        self.frame = read_rows(self.path, *COLUMNS)
        if not self.cells():
            raise BadInput(f"{self.path}: holds no cell; measure one first")

    def cells(self) -> list[tuple[str, str]]:
        """Every (run, method) measured on a trained model with its usual weak checkpoint, in the
        file's order, real images left out."""
        pairs = dict.fromkeys(zip(self.frame["run"], self.frame["method"]))
        return [pair for pair in pairs if pair != REAL and "@" not in "".join(pair)]

    @property
    def evaluator(self) -> str:
        """The network whose features the scale is measured in, and its weights' hash."""
        return self.frame["evaluator"].iloc[0]

    def snapshot(self, run: str, method: str, as_long_as: str) -> str:
        """The label of ``run``'s snapshot that was trained for as many iterations as the run
        ``as_long_as``; ``run`` itself where ``method`` was not measured on one."""
        lengths = self.frame.loc[self.frame["run"] == as_long_as, "checkpoint_iterations"]
        of_method = self.frame[self.frame["method"] == method]
        snapshots = of_method[of_method["run"].str.startswith(f"{run}@")]
        found = snapshots.loc[snapshots["checkpoint_iterations"].isin(lengths), "run"]
        return run if found.empty else found.iloc[0]

    def sweep(self, run: str, method: str) -> pd.DataFrame:
        """The rows of a method on a run's every snapshot, with its every weak checkpoint."""
        names = self.frame[["run", "method"]].apply(lambda labels: labels.str.split("@").str[0])
        return self.frame[(names["run"] == run) & (names["method"] == method)]

    def blocks(self, run: str, method: str, column: str) -> pd.Series:
        """A column of one cell by seed; empty where the cell was not measured.

        Raises:
            BadInput: no cell was measured with this column.
        """
        if column not in self.frame:
            raise BadInput(f"{self.path}: lacks the column {column}; measure it anew")
        mine = self.frame[(self.frame["run"] == run) & (self.frame["method"] == method)]
        return mine.set_index("seed")[column]
