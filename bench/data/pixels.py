"""Between stored pixels and what models see."""

from __future__ import annotations

import torch
from torch import Tensor

UINT8_RULE = "round(127.5 x + 127.5)"


def from_uint8(images: Tensor) -> Tensor:
    """uint8 0..255 to float32 -1..1."""
    return images.float() / 127.5 - 1


def to_uint8(images: Tensor) -> Tensor:
    """Floats, -1..1 and beyond, to uint8 by `UINT8_RULE` with clamping."""
    return (images * 127.5 + 127.5).round().clamp(0, 255).to(torch.uint8)
