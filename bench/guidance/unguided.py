"""No guidance: the conditional model alone, dense or at a sparsity."""

from __future__ import annotations

from dataclasses import dataclass

from bench.guidance.base import Branch, Guidance
from bench.guidance.registry import register
from bench.guidance.schedule import Gamma, check, resolve


@register("unguided")
@dataclass(frozen=True)
class Unguided(Guidance):
    """v = v(c; gamma). Velocity. With gamma > 0 it is the "naive sparsity" of arXiv 2601.01608,
    Figure 4."""

    gamma: Gamma = 0.0

    def __post_init__(self):
        check("gamma", self.gamma)

    def branches(self, step):
        return (Branch("conditional", gamma=resolve(self.gamma, step)),)

    def combine(self, predictions, step):
        return predictions["conditional"]
