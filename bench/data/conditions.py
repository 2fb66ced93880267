"""What samples are asked for."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Generator, Tensor

LABEL_MODE = "random"


def draw_labels(generators: Sequence[Generator], num_classes: int) -> Tensor:
    """A uniformly random class per generator: [B]."""
    return torch.stack([torch.randint(num_classes, (), generator=g) for g in generators])
