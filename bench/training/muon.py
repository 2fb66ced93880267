"""Muon (Jordan et al. 2024, kellerjordan.github.io/posts/muon): momentum whose matrices are made
orthogonal before each step.

torch.optim.Muon does the same, but always in bf16, which CPUs without bf16 instructions emulate: at
a width of 128 its step takes three times as long as the gradients themselves. Here matrices of one
shape go together, in fp32 on a CPU.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from bench.training.sharding import part_like, whole

# Of the quintic iteration: its slope at zero is as large as can be.
COEFFICIENTS = (3.4445, -4.7750, 2.0315)
ITERATIONS = 5
MOMENTUM = 0.95


class Muon(torch.optim.AdamW):
    """Muon for ``matrices``, AdamW for ``others``, each with its own learning rate.

    The state of a matrix is its "momentum".
    """

    def __init__(
        self,
        matrices: Sequence[nn.Parameter],
        others: Sequence[nn.Parameter],
        matrix_learning_rate: float,
        learning_rate: float,
        **settings,
    ):
        groups = [
            {"params": others, "lr": learning_rate, "orthogonal": False},
            {"params": matrices, "lr": matrix_learning_rate, "orthogonal": True},
        ]
        super().__init__(groups, lr=learning_rate, **settings)

    @torch.no_grad()
    def step(self, closure=None):
        for group in self.param_groups:
            if group["orthogonal"]:
                self._step_matrices(group)
        # AdamW passes over weights without gradients.
        return super().step(closure)

    def _step_matrices(self, group):
        by_shape = {}
        for weight in group["params"]:
            if weight.grad is not None:
                by_shape.setdefault(weight.shape, []).append(weight)
        for (rows, columns), weights in by_shape.items():
            # Singular vectors are of whole matrices, also where each rank keeps a part of them.
            updates = orthogonal(torch.stack([whole(self._momentum(weight)) for weight in weights]))
            # So that outputs change as much whatever the shape.
            size = group["lr"] * max(1, rows / columns) ** 0.5
            for weight, update in zip(weights, updates):
                weight.mul_(1 - group["lr"] * group["weight_decay"])
                weight.sub_(part_like(update, weight), alpha=size)

    def _momentum(self, weight):
        """Nesterov's: the gradient, moved towards its average."""
        gradient, weight.grad = weight.grad, None
        state = self.state[weight]
        if not state:
            state["momentum"] = torch.zeros_like(gradient)
        average = state["momentum"].lerp_(gradient, 1 - MOMENTUM)
        return gradient.lerp(average, MOMENTUM)


def orthogonal(matrices: Tensor) -> Tensor:
    """Matrices [N, rows, columns] with the same singular vectors, and singular values near 1."""
    rows, columns = matrices.shape[1:]
    x = matrices.transpose(1, 2) if rows > columns else matrices
    x = x.to(torch.bfloat16 if x.is_cuda else torch.float32)
    x = x / x.norm(dim=(1, 2), keepdim=True).clamp(min=1e-7)
    first, third, fifth = COEFFICIENTS
    for _ in range(ITERATIONS):
        gram = x @ x.transpose(1, 2)
        x = first * x + (third * gram + fifth * gram @ gram) @ x
    return x.transpose(1, 2) if rows > columns else x
