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
from bench.evaluation.extractor import PoolExtractor
from bench.evaluation.reference import Reference
from bench.evaluation.score import frechet_distance_to
from bench.guidance import Guidance, build
from bench.sampling.models import Models
from bench.sampling.sampler import sample


@dataclass(frozen=True)
class TuningBlock:
    """Samples of one seed under any guidance, and their FID."""

    models: Models
    sampling: SamplingConfig
    tuning: Tuning
    extractor: PoolExtractor
    reference: Reference

    def measure(self, spec: Mapping) -> dict:
        """A row of a search or a grid: the spec as JSON, its FID, its cost, and what it was
        measured on.

        Raises:
            BadInput: the spec cannot be evaluated with these checkpoints.
        """
        guidance = build(spec)
        self.models.check(guidance, self.sampling)
        start = time.perf_counter()
        fid = self._fid(guidance)
        return {
            "guidance": json.dumps(spec),
            "fid": fid,
            "linear_gmacs": guided_macs(guidance, self.models.configs, self.sampling).linear / 1e9,
            "samples": self.tuning.samples,
            "seed": self.tuning.seed,
            "wall_seconds": round(time.perf_counter() - start, 3),
        }

    @cached_property
    def unguided_fid(self) -> float:
        """The FID of the same samples without guidance."""
        return self._fid(build({"method": "unguided"}))

    def _fid(self, guidance: Guidance) -> float:
        batches = sample(
            self.models.networks,
            guidance,
            self.sampling,
            self.models.conditions(self.sampling),
            self.tuning.seed,
            range(self.tuning.samples),
            decode=self.models.decode,
        )
        images = torch.cat([batch.images for batch in batches])
        return frechet_distance_to(self.reference, "pool", [self.extractor.pool(images)])
