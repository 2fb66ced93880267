"""AutoGuidance: an earlier checkpoint as the weak branch."""

from __future__ import annotations

from dataclasses import dataclass

from bench.guidance.base import Branch, Guidance, extrapolate
from bench.guidance.ranges import check_omega
from bench.guidance.registry import register


@register("autoguidance")
@dataclass(frozen=True)
class AutoGuidance(Guidance):
    """v = omega v_main(c) + (1 - omega) v_weak(c). Velocity. arXiv 2406.02507."""

    omega: float

    def __post_init__(self):
        check_omega(self.omega)

    def branches(self, step):
        return Branch("strong"), Branch("weak", checkpoint="weak")

    def combine(self, predictions, step):
        return extrapolate(self.omega, predictions["strong"], predictions["weak"])
