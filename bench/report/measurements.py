"""The measurements that claims rest on.

A claim is settled on complete measurements alone: every method here raises `NotRun` where a cell, a
replicate of it, or a file is missing, and where a value is not a finite number.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd

from bench.report.evidence import Cell, NotRun
from bench.report.methods import display_name
from bench.report.reading import read_distances, read_gap, read_specs
from bench.report.rows import Rows
from bench.report.statistics import Comparison, compare
from bench.results import Results


class Measurements:
    """The rows and the other results of a scale."""

    def __init__(self, rows: Rows, results: Results):
        self.rows = rows
        self.results = results

    def blocks(self, cell: Cell, column: str) -> pd.Series:
        """A column of a cell, by seed."""
        values = self.rows.blocks(*cell, column)
        if values.empty:
            raise NotRun(cell_name(cell))
        return self._complete(values, f"the column {column} of {cell_name(cell)}")

    def distances(self, cell: Cell) -> pd.Series:
        """The mean distance of a cell's samples from the unguided ones, by seed."""
        path = self.results.distances(*cell)
        if not path.exists():
            raise NotRun(f"the distance of {cell_name(cell)}")
        # mean() would leave out what is not a number.
        means = read_distances(path).groupby("seed")["distance"].agg(lambda d: np.mean(d.values))
        return self._complete(means, f"the distance of {cell_name(cell)}")

    def weak_checkpoints(self, cell: Cell) -> pd.DataFrame:
        """The FID of a cell with every weak checkpoint that was measured: a row per seed, a column
        per step of the weak checkpoint."""
        run, method = cell
        sweep = self.rows.sweep(run, method)
        sweep = sweep[sweep["run"] == run].dropna(subset="weak_checkpoint_step")
        fids = sweep.drop_duplicates(["seed", "weak_checkpoint_step"])
        fids = fids.pivot(index="seed", columns="weak_checkpoint_step", values="fid")
        for step, column in fids.items():
            self._complete(column, f"the FID of {cell_name(cell)} with weak step {step:g}")
        return fids

    def compare(self, first: pd.Series, second: pd.Series, *runs: str) -> Comparison:
        """Compares two columns by seed; ``runs`` are those that they were measured on."""
        if len(self.rows.seeds) < 2:
            raise NotRun("a second replicate, without which there is no interval,")
        return compare(first, second, retrained=self.rows.all_retrained(runs))

    def replicates(self, runs: Sequence[str]) -> str:
        """The replicates that an interval over ``runs`` is taken over, in words."""
        if not runs:
            return ""
        count = len(self.rows.seeds)
        retrained = self.rows.all_retrained(runs)
        return f"{count} trainings" if retrained else f"{count} sample blocks of one training"

    def grid(self, cell: Cell) -> pd.DataFrame:
        """The points of a cell's grid."""
        path = self.results.grid(*cell)
        if not path.exists():
            raise NotRun(f"the grid of {cell_name(cell)}")
        grid = read_specs(path)
        if not _finite(grid["fid"]):
            raise NotRun(f"the FID of every point of the grid of {cell_name(cell)}")
        return grid

    def point_noise(self, cell: Cell) -> tuple[float, int]:
        """The noise of a point's FID in the grid of a cell.

        A point is measured once. Its noise is taken from the measured cells of the same run:
        log FID by replicate and method, without what a replicate adds to all methods alike, because
        the points share one block of samples. The standard deviation of what is left is pooled
        over the methods. It is scaled by sqrt(N / n) from the N samples of a replicate to the n of
        a point, as the sampling error of a Fréchet distance falls with the root of the number
        of samples. Replicates that are trainings of their own differ by more than their samples, so
        that this is an upper bound there.

        Returns:
            The standard deviation of log FID, and its degrees of freedom.
        """
        run = cell[0]
        self.blocks(cell, "fid")
        methods = [method for name, method in self.rows.cells() if name == run]
        if len(methods) < 2 or len(self.rows.seeds) < 2:
            raise NotRun(f"a second cell and replicate on {run}, which tell the noise of its grid,")
        logs = np.log([self.blocks((run, method), "fid") for method in methods])
        rest = logs - logs.mean(0) - logs.mean(1, keepdims=True) + logs.mean()
        freedom = (logs.shape[0] - 1) * (logs.shape[1] - 1)
        measured = self.blocks((run, methods[0]), "samples").iloc[0]
        on_grid = self.grid(cell)["samples"].iloc[0]
        deviation = np.sqrt((rest**2).sum() / freedom * measured / on_grid)
        if not np.isfinite(deviation):
            raise NotRun(f"a positive FID of every cell on {run}")
        return float(deviation), freedom

    def relative_gap(self, run: str, gamma: float) -> float:
        """The loss that left-out tokens add to the trained model's, relative to the loss that the
        null class adds."""
        path = self.results.gap(run)
        if not path.exists():
            raise NotRun(f"the capacity gap of {run}")
        gap = read_gap(path)
        losses = gap[gap["step"] == gap["step"].max()].groupby(["condition", "gamma"])["loss"]
        means = losses.agg(lambda loss: np.mean(loss.values))
        needed = [("given", 0.0), ("given", gamma), ("null", 0.0)]
        whole, sparse, null = (means.get(key, np.nan) for key in needed)
        if not _finite([whole, sparse, null]) or null <= whole:
            raise NotRun(f"the capacity gap of {run}, relative to that of the null class,")
        return (sparse - whole) / (null - whole)

    def _complete(self, values, name):
        complete = values.reindex(self.rows.seeds)
        lacking = complete.index[~np.isfinite(complete.to_numpy(dtype=float))]
        if len(lacking):
            raise NotRun(f"{name} in replicate {lacking[0]:g}")
        return complete


def cell_name(cell: Cell) -> str:
    """The name of a cell in text."""
    run, method = cell
    return f"{display_name(method)} on {run}"


def _finite(values: Iterable[float]) -> bool:
    return bool(np.isfinite(np.asarray(values, dtype=float)).all())
