"""The moving average of a model's weights, from which samples are drawn."""

from __future__ import annotations

import torch
from torch import nn


class EMA:
    """fp32 averages by parameter name, free of the weights that training starts from.

    After n steps the average is (1 - d) / (1 - d^n) times the sum over i = 1..n of d^(n - i) w_i,
    where w_i are the weights after step i: an exponential average with its bias corrected as in
    Adam (arXiv 1412.6980, section 3). An average that is started with the initial weights w_0
    keeps d^n of them, which is most of it early on, and then measures the initialization.
    """

    def __init__(self, model: nn.Module, decay: float):
        self.decay = decay
        self.weights = {name: p.detach().clone() for name, p in model.named_parameters()}

    @torch.no_grad()
    def update(self, model: nn.Module, step: int) -> None:
        """Takes in the weights after step ``step``, counted from 1; they alone are the average
        after the first."""
        current = [p.detach() for p in model.parameters()]
        weight = (1 - self.decay) / (1 - self.decay**step)
        torch._foreach_lerp_(list(self.weights.values()), current, weight)

    def profile(self, step: int) -> dict:
        """A description of the average after ``step`` steps, for a checkpoint's header; ``span`` is
        the number of steps that it effectively averages over, the inverse sum of its squared
        weights."""
        decay = self.decay
        inverse_span = (1 - decay) * (1 + decay**step) / ((1 + decay) * (1 - decay**step))
        return {
            "profile": "exponential, bias-corrected",
            "decay": decay,
            "steps": step,
            "span": round(1 / inverse_span, 2),
        }
