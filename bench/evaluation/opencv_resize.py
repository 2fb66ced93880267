"""Bilinear resizing of 8-bit images as OpenCV does it, for networks that were trained on it."""

from __future__ import annotations

import torch
from torch import Tensor

# OpenCV's weights have 11 bits. Four more are cut off between the passes, 16 after them, and 2 at
# the end, with rounding.
ONE = 1 << 11


def resize_as_opencv(image: Tensor, size: tuple[int, int]) -> Tensor:
    """An image uint8 [C, H, W] at another size (height, width), uint8.

    Bit for bit ``cv2.resize`` with INTER_LINEAR, which computes in fixed point and is not
    antialiased.
    """
    height, width = size
    left, right, of_left, of_right = _taps(image.shape[2], width, image.device)
    rows = image[..., left].int() * of_left + image[..., right].int() * of_right
    upper, lower, *weights = _taps(image.shape[1], height, image.device)
    of_upper, of_lower = (weight[:, None] for weight in weights)
    sums = ((rows[:, upper] >> 4) * of_upper >> 16) + ((rows[:, lower] >> 4) * of_lower >> 16)
    return (sums + 2 >> 2).to(torch.uint8)


def _taps(length, new_length, device):
    """The two pixels that each new one lies between, and their weights, [new_length] each."""
    steps = torch.arange(new_length, dtype=torch.float64, device=device)
    position = ((steps + 0.5) * (length / new_length) - 0.5).float()
    first = position.floor()
    share = position - first
    # Beyond an edge lies its last pixel.
    pixels = ((first.long() + tap).clamp(0, length - 1) for tap in (0, 1))
    return *pixels, ((1 - share) * ONE).round().int(), (share * ONE).round().int()
