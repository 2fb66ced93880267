"""The results that figures and claims rest on."""

from __future__ import annotations

from pathlib import Path

from bench.config.scale import Scale
from bench.results import Results

Cell = tuple[str, str]  # run, method


class NotRun(Exception):
    """Something that a figure or a claim rests on is not part of the scale."""


class Evidence:
    """The files that a run of a scale makes.

    Each method returns the files of the cells or runs that it is given, and raises `NotRun` where
    the scale's configuration lacks one of them.
    """

    def __init__(self, scale: Scale, results: Results):
        self.scale = scale
        self.results = results

    def metrics(self, *cells: Cell) -> list[Path]:
        """The rows of a scale with classes, among them those of ``cells``."""
        self._check_classes()
        self._check(cells, self.scale.cells)
        return [self.results.metrics]

    def first_samples(self, *cells: Cell) -> list[Path]:
        """The first shard of each cell's first seed block."""
        self._check(cells, self.scale.cells)
        seed, (first, end) = min(self.scale.measurement.seeds), self.scale.measurement.shards[0]
        return [self.results.shard(*cell, seed, first, end) for cell in cells]

    def class_samples(self, *cells: Cell) -> list[Path]:
        """`first_samples` of a scale with classes."""
        self._check_classes()
        return self.first_samples(*cells)

    def prompt_samples(self, *cells: Cell) -> list[Path]:
        """`first_samples` of a scale with prompts."""
        if not self.scale.text:
            raise NotRun("samples of prompts")
        return self.first_samples(*cells)

    def omega_sweeps(self, *cells: Cell) -> list[Path]:
        """The samples over omega of each cell."""
        self._check(cells, self.scale.swept_cells)
        return [self.results.omega_sweep(*cell) for cell in cells]

    def throughput(self) -> list[Path]:
        """The speed of Sparse Guidance over both sparsities, and the rows, whose number of steps a
        sample takes."""
        if self.scale.throughput is None:
            raise NotRun("throughput")
        return [self.results.throughput, self.results.metrics]

    def distances(self, *cells: Cell) -> list[Path]:
        """The distances of each cell's samples from the unguided ones."""
        self._check([*cells, *((run, "unguided") for run, _ in cells)], self.scale.cells)
        return [self.results.distances(*cell) for cell in cells]

    def sparsity_grids(self, *cells: Cell) -> list[Path]:
        """The grids over both sparsities of Sparse Guidance, two or more values of each."""
        self._check(cells, self.scale.grid_cells)
        for run, method in cells:
            grid = self.scale.method(method).grid
            if any(len(grid.get(gamma, ())) < 2 for gamma in ("gamma_strong", "gamma_weak")):
                raise NotRun(f"a grid over both sparsities of {method} on {run}")
        return [self.results.grid(*cell) for cell in cells]

    def searches(self) -> list[Path]:
        """The searches of all cells that are tuned."""
        return [self.results.search(*cell) for cell in self.scale.tuned_cells]

    def grids(self) -> list[Path]:
        """All grids."""
        return [self.results.grid(*cell) for cell in self.scale.grid_cells]

    def checkpoints(self, *runs: str) -> list[Path]:
        """The trained models of ``runs``."""
        self._check(runs, self.scale.runs)
        return [self.results.checkpoint(*self.scale.checkpoint(run)) for run in runs]

    def gaps(self) -> list[Path]:
        """The capacity gaps of all runs that are not finetunings."""
        if not self.scale.has_images:
            raise NotRun("images to lose on")
        return [
            self.results.gap(name) for name, run in self.scale.runs.items() if run.initial is None
        ]

    def _check_classes(self):
        if self.scale.text:
            raise NotRun("samples of classes")

    @staticmethod
    def _check(needed, available):
        for one in needed:
            if one not in available:
                raise NotRun(str(one))
