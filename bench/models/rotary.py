"""Rotary positions (RoFormer, arXiv 2104.09864): queries and keys are turned by angles that grow
with the position, so that their products depend on distances alone."""

from __future__ import annotations

import torch
from torch import Tensor

# Angles of one position run from 1 to about 1 / BASE. An image has few positions along an axis; at
# 10,000, the custom for text, most of its channels would hardly turn (RoPE-ViT, arXiv 2403.13298).
IMAGE_BASE = 100.0
TEXT_BASE = 10_000.0


def line_rotation(length: int, width: int) -> Tensor:
    """Cosines and sines for positions on a line and a head of ``width`` channels,
    [length, width / 2, 2]."""
    return _rotation(_angles(length, width // 2, TEXT_BASE))


def axial_rotation(side: int, width: int) -> Tensor:
    """Cosines and sines for the patches of a square, row by row, [side * side, width / 2, 2]: half
    of the channels turn with the row, half with the column."""
    axis = _angles(side, width // 4, IMAGE_BASE)
    rows, columns = axis.repeat_interleave(side, dim=0), axis.repeat(side, 1)
    return _rotation(torch.cat([rows, columns], dim=1))


def rotate(x: Tensor, rotation: Tensor) -> Tensor:
    """Turns heads x [B, H, T, width] by ``rotation`` [B, T, width / 2, 2] or [T, width / 2, 2]:
    channel i and channel i + width / 2 are a pair."""
    cosines, sines = rotation.unsqueeze(-4).unbind(-1)
    first, second = x.chunk(2, dim=-1)
    turned = (first * cosines - second * sines, second * cosines + first * sines)
    return torch.cat(turned, dim=-1)


def _angles(positions, count, base):
    frequencies = base ** -(torch.arange(count, dtype=torch.float64) / count)
    return torch.arange(positions, dtype=torch.float64).unsqueeze(1) * frequencies


def _rotation(angles):
    return torch.stack([angles.cos(), angles.sin()], dim=-1).float()
