"""Solvers of dx/dt = v(x, t) from t = 0 (noise) to t = 1 (data) in uniform steps.

A solver says beforehand at which steps and times it evaluates the velocity; costs follow from
that. This module does not import torch, so that configurations are checked in no time.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from torch import Tensor

    # velocity(x [B, C, H, W], t, index of the step) -> [B, C, H, W]
    Velocity = Callable[[Tensor, float, int], Tensor]


class Solver(Protocol):
    """A solver with uniform steps."""

    def evaluations(self, steps: int) -> list[tuple[int, float]]:
        """The step, from 0, and the time of every evaluation of the velocity, in their order."""

    def solve(self, velocity: Velocity, x: Tensor, steps: int) -> Tensor:
        """The state [B, C, H, W] at t = 1 from that at t = 0."""


class Euler:
    """First order: ``steps`` evaluations."""

    def evaluations(self, steps: int) -> list[tuple[int, float]]:
        return [(index, index / steps) for index in range(steps)]

    def solve(self, velocity: Velocity, x: Tensor, steps: int) -> Tensor:
        for index in range(steps):
            x = x + velocity(x, index / steps, index) / steps
        return x


class Heun:
    """Second order: 2 ``steps`` - 1 evaluations. The last step is Euler's, as in EDM
    (arXiv 2206.00364), for no model was trained at t = 1."""

    def evaluations(self, steps: int) -> list[tuple[int, float]]:
        ends = [(index, end / steps) for index in range(steps) for end in (index, index + 1)]
        return ends[:-1]

    def solve(self, velocity: Velocity, x: Tensor, steps: int) -> Tensor:
        for index in range(steps):
            slope = velocity(x, index / steps, index)
            ahead = x + slope / steps
            if index + 1 < steps:
                end = velocity(ahead, (index + 1) / steps, index)
                ahead = x + (slope + end) / (2 * steps)
            x = ahead
        return x


SOLVERS: dict[str, Solver] = {"euler": Euler(), "heun": Heun()}
