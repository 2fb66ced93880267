"""Classifier-free guidance."""

from __future__ import annotations

from dataclasses import dataclass

from bench.guidance.base import Branch, Guidance, extrapolate
from bench.guidance.ranges import check_omega
from bench.guidance.registry import register


@register("cfg")
@dataclass(frozen=True)
class ClassifierFreeGuidance(Guidance):
    """v = omega v(c) + (1 - omega) v(null). Velocity. arXiv 2207.12598."""

    omega: float

    def __post_init__(self):
        check_omega(self.omega)

    def branches(self, step):
        return Branch("conditional"), Branch("unconditional", condition="null")

    def combine(self, predictions, step):
        return extrapolate(self.omega, predictions["conditional"], predictions["unconditional"])
