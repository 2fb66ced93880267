"""Solvers of dx/dt = v(x, t) from t = 0 (noise) to t = 1 (data) in uniform steps."""

from __future__ import annotations

from collections.abc import Callable

from torch import Tensor

# velocity(x [B, C, H, W], t, index) -> [B, C, H, W]
Velocity = Callable[[Tensor, float, int], Tensor]


def euler(velocity: Velocity, x: Tensor, steps: int) -> Tensor:
    """First order, ``steps`` evaluations."""
    for index in range(steps):
        x = x + velocity(x, index / steps, index) / steps
    return x


def heun(velocity: Velocity, x: Tensor, steps: int) -> Tensor:
    """Second order, 2 ``steps`` - 1 evaluations: the last step is Euler's, as in EDM
    (arXiv 2206.00364), for no model was trained at t = 1."""
    for index in range(steps):
        slope = velocity(x, index / steps, index)
        ahead = x + slope / steps
        if index + 1 < steps:
            end = velocity(ahead, (index + 1) / steps, index)
            ahead = x + (slope + end) / (2 * steps)
        x = ahead
    return x


SOLVERS = {"euler": euler, "heun": heun}
