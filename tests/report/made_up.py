"""A made-up scale with all the results that claims look at, in which every claim holds."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd

from bench.results import Results

SEEDS = (1, 2, 3)
# What differs between cells: FID, recall and MACs of a step.
CELLS = {
    ("routed", "unguided"): (5.0, 0.5, 1.0),
    ("routed", "cfg"): (4.5, 0.5, 2.0),
    ("routed", "autoguidance"): (3.0, 0.5, 2.0),
    ("routed", "apg"): (3.1, 0.5, 2.0),
    ("routed", "icg"): (3.3, 0.5, 2.0),
    ("routed", "sparse_guidance"): (2.0, 0.6, 1.2),
    ("routed", "sparse_guidance_flops"): (1.8, 0.6, 0.85),
    ("routed", "sparse_guidance_fid"): (1.2, 0.6, 1.5),
    ("routed", "autoguidance_sparse_guidance"): (2.5, 0.5, 1.5),
    ("routed", "naive_sparsity_50"): (6.0, 0.5, 0.6),
    ("routed", "naive_sparsity_70"): (7.0, 0.5, 0.5),
    ("routed", "naive_sparsity_90"): (8.0, 0.5, 0.3),
    # With another weak checkpoint: AG varies by 1.5, AG+SG by 0.2.
    ("routed", "autoguidance@30"): (4.5, 0.5, 2.0),
    ("routed", "autoguidance_sparse_guidance@30"): (2.7, 0.5, 1.5),
    # One that AG+SG alone has: it tells nothing about which of the two is flatter.
    ("routed", "autoguidance_sparse_guidance@40"): (4.9, 0.5, 1.5),
    ("finetuned", "cfg"): (2.2, 0.5, 2.0),
    ("masked", "unguided"): (9.0, 0.5, 1.0),
    ("masked", "cfg"): (7.5, 0.5, 2.0),
    ("masked", "sparse_guidance"): (6.8, 0.5, 1.2),
    ("dense", "unguided"): (4.0, 0.5, 1.0),
    ("dense", "sparse_guidance"): (6.0, 0.5, 1.2),
}
MEASURED = ["fid", "recall"]
OMEGAS, GAMMAS = (1.3, 1.5, 1.7), (0.0, 0.4, 0.8)
# A grid's FID at (omega, gamma_strong, gamma_weak).
GRIDS = {
    # The optimum moves from (0, 0) to (0.8, 0.8) and is 2 everywhere.
    ("routed", "autoguidance_sparse_guidance"): lambda o, s, w: 2 + abs(4 * (o - 1.3) - s - w),
    # Both are unguided at 5; 8 of 9 points gain, against 4.
    ("routed", "sparse_guidance"): lambda o, s, w: 2 + 5 * s * w + (4 * (s * w > 0.6)),
    ("masked", "sparse_guidance"): lambda o, s, w: 2 + 9 * max(s - 0.3, 0) + 9 * max(w - 0.3, 0),
}
DISTANCES = {("routed", "cfg"): 2.0, ("routed", "sparse_guidance"): 1.0}
# The loss with 9 of 10 tokens left out; 1 with all of them, and 1.5 with the null class.
GAPS = {"routed": 3.0, "masked": 1.2}


class Scale:
    """The results of a scale as frames, to be changed and written.

    Attributes:
        metrics: metrics.csv.
        grids, distances: by cell.
        gap: by run.
    """

    def __init__(self, cells=CELLS, noise: float = 0.002, seed: int = 0):
        """Draws results: every measured value is multiplied by exp(noise z)."""
        self.generator, self.noise = np.random.default_rng(seed), noise
        self.metrics = pd.DataFrame(
            self._row(run, method, block, *values)
            for (run, method), values in cells.items()
            for block in SEEDS
        )
        self.grids = {cell: self._grid(fid) for cell, fid in GRIDS.items()}
        self.distances = {cell: self._distances(mean) for cell, mean in DISTANCES.items()}
        self.gap = {run: self._gap(loss) for run, loss in GAPS.items()}

    def write(self, folder: Path) -> Results:
        results = Results(folder)
        self.metrics.to_csv(results.metrics, index=False)
        files = [(results.grid(*cell), frame) for cell, frame in self.grids.items()]
        files += [(results.distances(*cell), frame) for cell, frame in self.distances.items()]
        files += [(results.gap(run), frame) for run, frame in self.gap.items()]
        for path, frame in files:
            path.parent.mkdir(parents=True, exist_ok=True)
            frame.to_csv(path, index=False)
        return results

    def of(self, run: str, method: str) -> pd.Series:
        """Marks the rows of a cell."""
        return (self.metrics["run"] == run) & (self.metrics["method"] == method)

    def exchange(self, one: tuple[str, str], other: tuple[str, str]) -> None:
        """Exchanges two cells, with all of their weak checkpoints; files, where both have one."""
        cells = self.metrics[["run", "method"]].apply(tuple, axis=1)
        names = {cell: cell for cell in cells}
        for cell in names:
            method, at, step = cell[1].partition("@")
            for old, new in ((one, other), (other, one)):
                if (cell[0], method) == old:
                    names[cell] = (new[0], new[1] + at + step)
        self.metrics[["run", "method"]] = [names[cell] for cell in cells]
        for frames in (self.grids, self.distances):
            if one in frames and other in frames:
                frames[one], frames[other] = frames[other], frames[one]

    def _noisy(self, value):
        return value * np.exp(self.noise * self.generator.standard_normal())

    def _row(self, run, method, seed, fid, recall, macs):
        at = method.partition("@")[2]
        weak = int(at or 10) if method.startswith("autoguidance") else None
        row = {"run": run, "method": method, "seed": seed, "training_seed": seed, "samples": 1000}
        row |= {"fid": self._noisy(fid), "recall": self._noisy(recall), "linear_gmacs": macs}
        row |= {"weak_checkpoint_step": weak, "checkpoint_iterations": 100}
        return row | {"steps": 20, "evaluator": "classifier 0123456789ab"}

    def _grid(self, fid):
        points = [(o, s, w) for o in OMEGAS for s in GAMMAS for w in GAMMAS]
        keys, unguided = ("omega", "gamma_strong", "gamma_weak"), self._noisy(5.0)
        return pd.DataFrame(
            {
                "guidance": json.dumps(dict(zip(keys, point))),
                "fid": self._noisy(fid(*point)),
                "unguided_fid": unguided,
                # As many as are measured, so that both have the same noise.
                "samples": 1000,
            }
            for point in points
        )

    def _distances(self, mean):
        return pd.DataFrame(
            {"seed": seed, "index": index, "distance": distance + 0.1 * index}
            for seed in SEEDS
            for distance in [self._noisy(mean)]
            for index in range(4)
        )

    @staticmethod
    def _gap(sparse):
        losses = {("given", 0.0): 1.0, ("given", 0.9): sparse, ("null", 0.0): 1.5}
        return pd.DataFrame(
            {"run": "run", "step": 1, "condition": c, "gamma": g, "t": 0.5, "loss": loss}
            for (c, g), loss in losses.items()
        )
