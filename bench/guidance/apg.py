"""Adaptive projected guidance: CFG's update without the part that oversaturates."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from bench.errors import BadInput
from bench.guidance.base import Branch, Guidance
from bench.guidance.ranges import check_omega
from bench.guidance.registry import register

PER_SAMPLE = (1, 2, 3)


@register("apg")
@dataclass(frozen=True)
class AdaptiveProjectedGuidance(Guidance):
    """D = D(c) + (omega - 1) (u_orthogonal + eta u_parallel), u = D(c) - D(null). Denoised.
    arXiv 2410.02416, Algorithm 1.

    D(.) = x_t + (1 - t) v(.) is the predicted data. u is first accumulated over the steps,
    u_i = (D(c) - D(null)) + momentum u_(i-1), then shortened to at most ``norm_threshold`` (0:
    never), then split into the parts parallel and orthogonal to D(c), per sample. With
    ``space="velocity"`` the same is done to the velocities themselves. "Steps" are evaluations: a
    solver of second order accumulates twice a step.
    """

    omega: float
    eta: float = 0.0
    norm_threshold: float = 0.0
    momentum: float = 0.0
    space: Literal["denoised", "velocity"] = "denoised"

    def __post_init__(self):
        check_omega(self.omega)
        if self.norm_threshold < 0:
            raise BadInput(f"norm_threshold: {self.norm_threshold} is negative; 0 switches it off")
        if abs(self.momentum) >= 1:
            raise BadInput(
                f"momentum: {self.momentum} is outside (-1, 1); the average would diverge"
            )

    def branches(self, step):
        return Branch("conditional"), Branch("unconditional", condition="null")

    def combine(self, predictions, step):
        conditional, unconditional = predictions["conditional"], predictions["unconditional"]
        if self.space == "velocity":
            return conditional + (self.omega - 1) * self._update(conditional, unconditional, step)
        to_data = 1 - step.t
        if to_data == 0:
            # At the data the prediction is x_t itself, with and without the condition.
            return conditional
        update = self._update(
            step.x_t + to_data * conditional, step.x_t + to_data * unconditional, step
        )
        return conditional + (self.omega - 1) * update / to_data

    def _update(self, conditional, unconditional, step):
        update = conditional - unconditional
        if self.momentum:
            update = update + self.momentum * step.state.get("apg_update", 0)
            step.state["apg_update"] = update
        if self.norm_threshold:
            norm = update.square().sum(PER_SAMPLE, keepdim=True).sqrt()
            update = update * (self.norm_threshold / norm.clamp(min=1e-12)).clamp(max=1)
        # In double precision: the projection cancels where the two are nearly parallel.
        u, d = update.double(), conditional.double()
        length = d.square().sum(PER_SAMPLE, keepdim=True).clamp(min=1e-24)
        along = (u * d).sum(PER_SAMPLE, keepdim=True) / length
        parallel = along * d
        return (u - parallel + self.eta * parallel).to(update.dtype)
