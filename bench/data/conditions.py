"""What samples are asked for."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Generator, Tensor


def draw_labels(generators: Sequence[Generator], num_classes: int) -> Tensor:
    """A uniformly random class per generator: [B]."""
    return torch.stack([torch.randint(num_classes, (), generator=g) for g in generators])


def balanced_labels(indices: Sequence[int], num_classes: int) -> Tensor:
    """The classes in turn: [B], index i has class i mod num_classes."""
    return torch.tensor(indices) % num_classes
