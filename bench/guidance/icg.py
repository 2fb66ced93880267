"""Independent condition guidance: a random condition in place of the null one."""

from __future__ import annotations

from dataclasses import dataclass

from bench.guidance.base import Branch, Guidance, extrapolate
from bench.guidance.ranges import check_omega
from bench.guidance.registry import register


@register("icg")
@dataclass(frozen=True)
class IndependentConditionGuidance(Guidance):
    """v = omega v(c) + (1 - omega) v(c'), c' drawn anew at every evaluation. Velocity.
    arXiv 2407.02687."""

    omega: float

    def __post_init__(self):
        check_omega(self.omega)

    def branches(self, step):
        return Branch("conditional"), Branch("independent", condition="random")

    def combine(self, predictions, step):
        return extrapolate(self.omega, predictions["conditional"], predictions["independent"])
