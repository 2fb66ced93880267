"""The tuning block: few samples of a seed of their own, on which candidates are measured."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import torch

from bench.config.evaluation import Tuning
from bench.config.sampling import SamplingConfig
from bench.cost import guided_macs
from bench.data.conditions import concatenate
from bench.guidance import Guidance, build
from bench.sampling.models import Models
from bench.sampling.sampler import sample
from bench.tuning.objectives import Objective


@dataclass(frozen=True)
class TuningBlock:
    """Samples of one seed under any guidance, and how good they are."""

    models: Models
    sampling: SamplingConfig
    tuning: Tuning
    objective: Objective

    def measure(self, spec: Mapping) -> dict:
        """A row of a search or a grid: the spec as JSON, the objective, the cost, and what it
        was measured on.

        Raises:
            BadInput: the spec cannot be evaluated with these checkpoints.
        """
        guidance = build(spec)
        self.models.check(guidance, self.sampling)
        start = time.perf_counter()
        value = self._value(guidance)
        return {
            "guidance": json.dumps(spec),
            self.objective.column: value,
            "linear_gmacs": guided_macs(guidance, self.models.configs, self.sampling).linear / 1e9,
            "samples": self.tuning.samples,
            "seed": self.tuning.seed,
            "wall_seconds": round(time.perf_counter() - start, 3),
        }

    @cached_property
    def unguided(self) -> dict:
        """The objective on the same samples without guidance, as a column of rows."""
        value = self._value(build({"method": "unguided"}))
        return {f"unguided_{self.objective.column}": value}

    def _value(self, guidance: Guidance) -> float:
        batches = list(
            sample(
                self.models.networks,
                guidance,
                self.sampling,
                self.models.conditions(self.sampling),
                self.tuning.seed,
                range(self.tuning.samples),
                decode=self.models.decode,
            )
        )
        images = torch.cat([batch.images for batch in batches])
        return self.objective.measure(images, concatenate([batch.conditions for batch in batches]))
