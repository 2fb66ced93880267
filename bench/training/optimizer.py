"""The optimizer of a training."""

from __future__ import annotations

import torch
from torch import nn

from bench.config.training import TrainingConfig
from bench.training.muon import Muon


def optimizer_of(model: nn.Module, settings: TrainingConfig) -> torch.optim.AdamW:
    """AdamW; with a ``muon_learning_rate``, Muon for the matrices of the stacked layers."""
    adamw = {"betas": settings.betas, "weight_decay": settings.weight_decay, "fused": True}
    if not settings.muon_learning_rate:
        return torch.optim.AdamW(model.parameters(), lr=settings.learning_rate, **adamw)
    matrices = stacked_matrices(model)
    chosen = set(map(id, matrices))
    others = [weight for weight in model.parameters() if id(weight) not in chosen]
    return Muon(matrices, others, settings.muon_learning_rate, settings.learning_rate, **adamw)


def stacked_matrices(model: nn.Module) -> list[nn.Parameter]:
    """The weights of all linear layers inside of lists of layers: what reads the input, and what
    writes the output, is not among them."""
    return [
        layer.weight
        for stack in model.modules()
        if isinstance(stack, nn.ModuleList)
        for layer in stack.modules()
        if isinstance(layer, nn.Linear)
    ]
