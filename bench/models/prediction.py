"""Predictions of a network, turned into velocities on the path x_t = (1 - t) z + t x.

A network sees a scaled state and a time of its own, and its velocity is a combination of its
output and of the state; `network_input` and `velocity` are the two ends.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor


class VelocityPrediction:
    """The output is the velocity: SiT, TREAD and everything trained here."""

    def network_input(self, x_t: Tensor, t: Tensor) -> tuple[Tensor, Tensor]:
        """The state [B, C, H, W] and the times [B] that the network is given."""
        return x_t, t

    def velocity(self, output: Tensor, x_t: Tensor, t: Tensor) -> Tensor:
        """The velocity [B, C, H, W] of the network's output."""
        return output

    def loss_weight(self, t: Tensor) -> Tensor:
        """The weights [B] of the squared errors of velocities in training."""
        return torch.ones_like(t)


class ReversedVelocityPrediction(VelocityPrediction):
    """The output is noise - data, and time runs from data to noise: the flow matching of diffusers'
    pipelines, PRX's among them."""

    def network_input(self, x_t, t):
        return x_t, 1 - t

    def velocity(self, output, x_t, t):
        return -output


class DataPrediction(VelocityPrediction):
    """The output is the data: v = (x - x_t) / (1 - t).

    An error of the data is 1 / (1 - t) times as large in the velocity. Its square is weighted, not
    with 1 / (1 - t)^2 as the velocity's would be, but with no more than MAX_WEIGHT: near the data,
    where nothing is left to predict, that weight would drown the rest.
    """

    MAX_WEIGHT = 4.0
    # No solver asks for a later velocity; it keeps the division finite.
    LAST_TIME = 1 - 1e-3

    def velocity(self, output, x_t, t):
        return (output - x_t) / _per_sample(1 - t.clamp(max=self.LAST_TIME))

    def loss_weight(self, t):
        return (self.MAX_WEIGHT * (1 - t).square()).clamp(max=1)


class EpsilonPrediction(VelocityPrediction):
    """The output is the noise of a variance-preserving process: DiT (arXiv 2212.09748).

    Its 1,000 steps have betas from 1e-4 to 0.02. The network is asked at the step s with the
    signal-to-noise ratio of x_t (between two steps, linear in its logarithm), for the state scaled
    to unit variance: x_t / sqrt(t^2 + (1 - t)^2). Then v = (x_t - epsilon) / t. Noisier than step
    999, that is below t = 0.0063, the network knows nothing: step and divisor stay there.
    """

    STEPS = 1000

    def __init__(self):
        betas = torch.linspace(1e-4, 0.02, self.STEPS, dtype=torch.float64)
        signal = (1 - betas).cumprod(0)
        # Half of the logarithm of the signal-to-noise ratio; it falls with the step.
        self.log_ratios = (signal.log() - (1 - signal).log()) / 2
        self.first_time = float(self.log_ratios[-1].sigmoid())

    def network_input(self, x_t, t):
        scale = (t.square() + (1 - t).square()).rsqrt()
        return _per_sample(scale) * x_t, self.step(t)

    def step(self, t: Tensor) -> Tensor:
        """The step [B], from 0 to 999, with the signal-to-noise ratio of time t [B]."""
        table = self.log_ratios.to(t.device)
        ratio = t.double().logit().clamp(table[-1], table[0])
        after = torch.searchsorted(-table, -ratio).clamp(min=1)
        low, high = table[after], table[after - 1]
        return (after - (ratio - low) / (high - low)).to(t.dtype)

    def velocity(self, output, x_t, t):
        return (x_t - output) / _per_sample(t.clamp(min=self.first_time))


class EDMPrediction(VelocityPrediction):
    """EDM's preconditioned denoiser (arXiv 2206.00364, equation 7; sigma_data = 0.5): MaskDiT.

    With sigma = (1 - t) / t its state is x_t / t, and v = (D(x_t / t; sigma) - x_t) / (1 - t). Put
    together, nothing divides by t or 1 - t: with r = sqrt((1 - t)^2 + t^2 / 4), the network F sees
    x_t / r and v = ((t / 4 - (1 - t)) / r^2) x_t + F / (2 r). Its time is ln(sigma) / 4, with
    sigma held between EDM's 0.002 and 80.
    """

    SIGMA_DATA = 0.5
    SIGMA_MIN, SIGMA_MAX = 0.002, 80.0

    def network_input(self, x_t, t):
        log_sigma = -t.logit().clamp(-math.log(self.SIGMA_MAX), -math.log(self.SIGMA_MIN))
        return x_t / _per_sample(self._norm(t)), log_sigma / 4

    def velocity(self, output, x_t, t):
        norm = self._norm(t)
        of_state = (self.SIGMA_DATA**2 * t - (1 - t)) / norm.square()
        of_output = self.SIGMA_DATA / norm
        return _per_sample(of_state) * x_t + _per_sample(of_output) * output

    def _norm(self, t):
        return ((1 - t).square() + (self.SIGMA_DATA * t).square()).sqrt()


PREDICTIONS = {
    "velocity": VelocityPrediction,
    "reversed_velocity": ReversedVelocityPrediction,
    "data": DataPrediction,
    "epsilon": EpsilonPrediction,
    "edm": EDMPrediction,
}


def _per_sample(factor):
    return factor.view(-1, 1, 1, 1)
