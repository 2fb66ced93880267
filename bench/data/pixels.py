"""Conversions between stored pixels and the values that models see."""

from __future__ import annotations

import hashlib

import torch
from torch import Generator, Tensor

from bench.data.conditions import Labels
from bench.data.dataset import Split
from bench.errors import BadInput

# The rules by name, and as rows of results spell them.
UINT8_RULES = {"round": "round(127.5 x + 127.5)", "truncate": "truncate(127.5 x + 128)"}


def from_uint8(images: Tensor) -> Tensor:
    """Converts uint8 from 0 to 255 into float32 from -1 to 1."""
    return images.float() / 127.5 - 1


def to_uint8(images: Tensor, rule: str = "round") -> Tensor:
    """Converts floats from -1 to 1 into uint8 by one of `UINT8_RULES`, and clamps those beyond.

    Raises:
        BadInput: a value is not finite. As a pixel it would be black, and its FID a number.
    """
    if not images.isfinite().all():
        raise BadInput(
            "the samples hold values that are not finite; look at the checkpoint's training log, "
            "and at omega"
        )
    scaled = images * 127.5
    pixels = (scaled + 127.5).round() if rule == "round" else scaled + 128
    return pixels.clamp(0, 255).to(torch.uint8)


class PixelData:
    """A split of images as `TrainingData`; its decoding is not random."""

    null = None

    def __init__(self, split: Split):
        self.images = torch.from_numpy(split.images)
        self.labels = torch.from_numpy(split.labels)

    @property
    def identity(self) -> dict[str, str]:
        digest = hashlib.sha256(self.images.numpy())
        digest.update(self.labels.numpy())
        return {"data_sha256": digest.hexdigest()}

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, rows: Tensor) -> tuple[Tensor, Labels]:
        return self.images[rows], Labels(self.labels[rows])

    def draw(self, batch: int, stream: Generator) -> tuple[()]:
        return ()

    def decode(self, stored: Tensor) -> Tensor:
        return from_uint8(stored)
