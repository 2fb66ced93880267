"""Sparsity that changes over the steps."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from bench.guidance.base import Step
from bench.guidance.ranges import check_gamma


@dataclass(frozen=True)
class Schedule:
    """A half cosine from ``start`` at the first step to ``end`` at the last (arXiv 2601.01608)."""

    schedule: Literal["cosine"]
    start: float
    end: float

    def __post_init__(self):
        check_gamma("start", self.start)
        check_gamma("end", self.end)

    def at(self, step: Step) -> float:
        """gamma at ``step``."""
        progress = step.index / max(step.total - 1, 1)
        weight = (1 + math.cos(math.pi * progress)) / 2
        # Exact at both ends, which end + (start - end) weight is not.
        return weight * self.start + (1 - weight) * self.end


Gamma = float | Schedule


def check(key: str, gamma: Gamma) -> None:
    """Raises BadInput where a constant gamma is out of range; a schedule has checked itself."""
    if not isinstance(gamma, Schedule):
        check_gamma(key, gamma)


def resolve(gamma: Gamma, step: Step) -> float:
    """The number that gamma is at ``step``."""
    return gamma.at(step) if isinstance(gamma, Schedule) else gamma


def ends(gamma: Gamma) -> tuple[float, float]:
    """gamma at the first and at the last step."""
    return (gamma.start, gamma.end) if isinstance(gamma, Schedule) else (gamma, gamma)
