"""The rows of metrics.csv, by cell."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property
from pathlib import Path

import pandas as pd

from bench.config.evaluation import REAL
from bench.config.runs import read_snapshot
from bench.errors import BadInput
from bench.files.csv_rows import read_rows

COLUMNS = (
    "run",
    "method",
    "seed",
    "samples",
    "linear_gmacs",
    "steps",
    "checkpoint_iterations",
    "weak_checkpoint_step",
    "evaluator",
)
# What guidance is judged by, in scales with classes, in those with prompts, and in those that have
# prompts and no preference score; and whether higher is better.
QUALITIES = {"fid": False, "preference": True, "geneval": True}
SUMMARIZED = ("fid", "recall", "linear_gmacs", "steps")


class Rows:
    """The rows of a scale: one per cell and seed block.

    Attributes:
        path: the file.
        frame: its rows; those of the file unless others are given.
        snapshots: runs that stand for one of their snapshots, and its step.

    Raises:
        BadInput: the file is missing, lacks a column, holds no cell, or a seed block twice.
    """

    def __init__(
        self,
        path: Path,
        frame: pd.DataFrame | None = None,
        snapshots: Mapping[str, int] | None = None,
    ):
        self.path = path
        self.frame = self._read() if frame is None else frame
        self.snapshots = snapshots or {}
        if not any(column in self.frame for column in QUALITIES):
            raise BadInput(f"{path}: lacks the column {' or '.join(QUALITIES)}; measure it anew")
        if not self.cells():
            raise BadInput(f"{path}: holds no cell; measure one first")

    def _read(self):
        rows = read_rows(self.path, *COLUMNS)
        blocks = rows[["run", "method", "seed"]]
        for block in blocks[blocks.duplicated()].head(1).itertuples():
            raise BadInput(
                f"{self.path}: holds two rows of {block.method} on {block.run} with the seed "
                f"{block.seed:g}; collect it anew"
            )
        return rows

    def cells(self) -> list[tuple[str, str]]:
        """Every (run, method) measured on a trained model with its usual weak checkpoint, in the
        order of the file; real images are left out."""
        pairs = dict.fromkeys(zip(self.frame["run"], self.frame["method"]))
        return [pair for pair in pairs if pair != REAL and "@" not in "".join(pair)]

    @property
    def quality(self) -> str:
        """The first column of `QUALITIES` that the scale has, an empty one only for want of
        others."""
        found = [column for column in QUALITIES if column in self.frame]
        return next((column for column in found if self.frame[column].notna().any()), found[0])

    @property
    def evaluator(self) -> str:
        """The network whose features the scale is measured in, and its weights' hash."""
        return self.frame["evaluator"].iloc[0]

    def snapshot(self, run: str, method: str, as_long_as: str) -> str:
        """The snapshot of ``run`` that was trained for as many iterations as the run
        ``as_long_as``; ``run`` itself where ``method`` was not measured on one."""
        lengths = self.frame.loc[self.frame["run"] == as_long_as, "checkpoint_iterations"]
        of_method = self.frame[self.frame["method"] == method]
        snapshots = of_method[of_method["run"].str.startswith(f"{run}@")]
        found = snapshots.loc[snapshots["checkpoint_iterations"].isin(lengths), "run"]
        return run if found.empty else found.iloc[0]

    def trained_as_long_as(self, run: str) -> Rows:
        """The rows of models that were trained for as many iterations as ``run``.

        A run that was trained longer and measured at a snapshot of that length stands for that
        snapshot: rows ``routed@800000`` take the place and the name of those of ``routed``, and
        ``snapshots`` of what is returned names the step. Other runs stay as they are.
        """
        by_length = self.frame.groupby("run")["checkpoint_iterations"]
        lengths = {name: set(group.dropna()) for name, group in by_length}
        wanted, frame, snapshots = lengths.get(run), self.frame, {}
        for label in lengths:
            name, step = read_snapshot(label)
            if step is not None and lengths[label] == wanted != lengths.get(name):
                frame = frame[frame["run"] != name].replace({"run": {label: name}})
                snapshots[name] = step
        return Rows(self.path, frame, snapshots) if snapshots else self

    def sweep(self, run: str, method: str) -> pd.DataFrame:
        """The rows of a method on every snapshot of a run, with every weak checkpoint."""
        names = self.frame[["run", "method"]].apply(lambda column: column.str.split("@").str[0])
        return self.frame[(names["run"] == run) & (names["method"] == method)]

    @property
    def retrained(self) -> bool:
        """Tells if replicates are trainings of their own, and not sample blocks of one training."""
        return any(count > 1 for count in self._trainings.values())

    def all_retrained(self, runs: Iterable[str]) -> bool:
        """Tells if the replicates of each of ``runs`` are trainings of their own."""
        return all(self._trainings.get(run, 0) > 1 for run in runs)

    @cached_property
    def _trainings(self):
        if "training_seed" not in self.frame:
            return {}
        return self.frame.groupby("run")["training_seed"].nunique().to_dict()

    @cached_property
    def _by_cell(self):
        return {
            cell: rows.set_index("seed") for cell, rows in self.frame.groupby(["run", "method"])
        }

    @cached_property
    def seeds(self) -> pd.Index:
        """The seeds of the replicates; a cell that was measured in full has a row of each."""
        return pd.Index(self.frame["seed"].dropna().unique()).sort_values()

    def blocks(self, run: str, method: str, column: str) -> pd.Series:
        """A column of one cell by seed; empty where the cell was not measured.

        Raises:
            BadInput: no cell was measured with this column.
        """
        if column not in self.frame:
            raise BadInput(f"{self.path}: lacks the column {column}; measure it anew")
        rows = self._by_cell.get((run, method))
        return pd.Series(dtype=float) if rows is None else rows[column]

    def summarize(self) -> pd.DataFrame:
        """Each cell in one line: columns run, method, the mean of each of `SUMMARIZED` over seed
        blocks, and the standard deviations fid_sd and recall_sd (0 for a single block)."""
        lines = []
        for run, method in self.cells():
            line = {"run": run, "method": method}
            line |= {column: self.blocks(run, method, column).mean() for column in SUMMARIZED}
            for column in ("fid", "recall"):
                sd = self.blocks(run, method, column).std(ddof=1)
                line[f"{column}_sd"] = 0.0 if pd.isna(sd) else sd
            lines.append(line)
        return pd.DataFrame(lines)
