"""The splits of a scale's dataset, be they images or latents of images."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from bench.data.center_crop import read_image
from bench.data.conditions import Labels
from bench.data.dataset import TrainingData
from bench.data.image_listing import read_listing
from bench.data.latents import Latents
from bench.data.pixels import PixelData, from_uint8
from bench.data.registry import load_split

# The number of images that are read at a time.
PART = 512


def training_data(scale) -> TrainingData:
    """The samples that the models of a scale are trained on."""
    if scale.latents:
        return Latents(Path(scale.latents.folder) / "train")
    return PixelData(load_split(scale.dataset, "train"))


def held_out(scale, count: int) -> tuple[Tensor, Labels]:
    """Held-out samples as the models see them, float32 [N, C, H, W], and their labels.

    N is ``count``, or the size of the split where that is smaller.
    """
    if scale.latents:
        latents = Latents(Path(scale.latents.folder) / "reference")
        stored, labels = latents[spread(len(latents), count)]
        return latents.mean(stored), labels
    split = load_split(scale.dataset, "reference")
    images, labels = split.images[:count], split.labels[:count]
    return from_uint8(torch.from_numpy(images)), Labels(torch.from_numpy(labels))


def real_images(scale, split: str, count: int | None) -> Iterator[Tensor]:
    """Real images of a split, ``count`` or all of them: uint8 [n, C, H, W], in parts that fit into
    memory."""
    if scale.latents:
        folder = Path(getattr(scale.latents, split))
        listing = read_listing(Path(scale.latents.folder) / f"{split}.csv")
        for rows in spread(len(listing), count or len(listing)).split(PART):
            images = [read_image(folder, listing[row], scale.latents.image_size) for row in rows]
            yield torch.from_numpy(np.stack(images))
    else:
        yield torch.from_numpy(load_split(scale.dataset, split).images[:count])


def spread(total: int, count: int) -> Tensor:
    """Up to ``count`` of ``total`` rows, at equal distances, since images lie in the order of their
    classes: int64 [min(count, total)]."""
    return torch.linspace(0, total - 1, min(count, total), dtype=torch.float64).round().long()
