"""What the jobs of a scale have in common: its files, and the hours of its methods."""

from __future__ import annotations

import dataclasses
import math
from functools import cache
from pathlib import Path

from bench.config.runs import read_snapshot
from bench.config.scale import Hardware, Scale
from bench.data.shards import MANIFEST
from bench.results import Results
from bench.stages.hours import candidate_hours, sampling_hours

# Where a scale states no rates, hours only compare the jobs of a stage, by their MACs.
MACS_ALONE = Hardware(autoencoder_images_per_second=math.inf, inception_images_per_second=math.inf)


class Pipeline:
    """A scale and its folder of results, as the jobs see them.

    Attributes:
        gpu: GPUs of a job that uses one; none on a scale without `hardware`.
        rated: the scale, with rates in any case.
    """

    def __init__(self, scale: Scale, results: Results):
        self.scale, self.results = scale, results
        self.gpu = 1 if scale.hardware else 0
        self.rated = scale if scale.hardware else dataclasses.replace(scale, hardware=MACS_ALONE)
        self._candidate_hours, self._sampling_hours = cache(self._candidate), cache(self._sampling)

    def text_states(self, part: str) -> tuple[Path, ...]:
        """What a job waits for that reads the captions of a part."""
        if not self.scale.text:
            return ()
        if self.scale.latents and part in self.scale.latents.text_shards:
            return (self.results.text_shards(part) / MANIFEST,)
        return (self.results.text_states(part),)

    def models(self, run: str, method: str, replicate: int = 0) -> tuple[Path, ...]:
        """The weights that a cell evaluates."""
        weak = self.scale.weak_checkpoint(run, method, replicate)
        evaluated = (self.scale.checkpoint(run, replicate), *([weak] if weak else []))
        return tuple(self.results.checkpoint(*weights) for weights in evaluated)

    def row(self, run: str, method: str) -> Path:
        """The rows of a cell."""
        return self.results.folder / "rows" / run / f"{method}.csv"

    def blocks(self) -> list[tuple[int, int, int]]:
        """Seed, first and end of every shard of a cell."""
        measurement = self.scale.measurement
        return [(seed, *ends) for seed in measurement.seeds for ends in measurement.shards]

    def images_of_cell(self) -> int:
        """The samples of all its blocks."""
        return len(self.scale.measurement.seeds) * self.scale.measurement.samples

    def candidate_hours(self, run: str, method: str) -> float:
        """The hours of a candidate; cells on several snapshots of a run cost the same."""
        return self._candidate_hours(read_snapshot(run).name, read_snapshot(method).name)

    def sampling_hours(self, run: str, method: str) -> float:
        """The hours of a sample, in the same way."""
        return self._sampling_hours(read_snapshot(run).name, read_snapshot(method).name)

    def _candidate(self, run, method):
        return candidate_hours(self.rated, run, self.scale.method(method).example)

    def _sampling(self, run, method):
        return sampling_hours(self.rated, run, self.scale.method(method).example, 1)
