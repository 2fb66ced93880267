"""The exponential moving average of a model's weights."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class EMA:
    """fp32 averages by parameter name; they start as the weights themselves."""

    def __init__(self, model: nn.Module, decay: float):
        self.decay = decay
        self.weights = {name: p.detach().clone() for name, p in model.named_parameters()}

    @torch.no_grad()
    def update(self, model: nn.Module) -> None:
        """average <- decay average + (1 - decay) weights."""
        current = [p.detach() for p in model.parameters()]
        torch._foreach_lerp_(list(self.weights.values()), current, 1 - self.decay)

    def load(self, weights: dict[str, Tensor]) -> None:
        """Takes over averages by name."""
        for name, average in self.weights.items():
            average.copy_(weights[name])
