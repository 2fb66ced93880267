"""The splits of a scale's dataset, be they images or latents of images."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from bench.data.conditions import Labels
from bench.data.dataset import TrainingData
from bench.data.latents import Latents
from bench.data.pixels import PixelData, from_uint8
from bench.data.registry import load_split
from bench.data.split_images import SplitImages
from bench.errors import BadInput

# The number of images that are read at a time.
PART = 512


def training_data(scale) -> TrainingData:
    """The samples that the models of a scale are trained on."""
    if scale.latents:
        return read_latents(scale, "train")
    return PixelData(load_split(scale.dataset, "train"))


def read_latents(scale, split: str) -> Latents:
    """The encoded images of a split.

    Raises:
        BadInput: as `Latents`, or there are none, or they are of another image size or of more
            classes.
    """
    folder, info = Path(scale.latents.folder) / split, scale.dataset_info
    latents = Latents(folder)
    if latents.shape[-1] != info.input_size:
        raise BadInput(
            f"{folder}: its latents are {latents.shape[-1]} wide, but latents.image_size, "
            f"{scale.latents.image_size}, makes them {info.input_size}; encode the images anew"
        )
    if info.num_classes is None:
        return latents
    largest = max(latents.labels.tolist(), default=None)
    if largest is None or largest >= info.num_classes:
        raise BadInput(
            f"{folder}: its largest label is {largest}, but latents.num_classes is "
            f"{info.num_classes}; encode the images anew"
        )
    return latents


def held_out(scale, count: int) -> tuple[Tensor, Labels]:
    """Held-out samples as the models see them, float32 [N, C, H, W], and their labels.

    N is ``count``, or the size of the split where that is smaller.
    """
    if scale.latents:
        latents = read_latents(scale, "reference")
        stored, labels = latents[spread(len(latents), count)]
        return latents.mean(stored), labels
    split = load_split(scale.dataset, "reference")
    images, labels = split.images[:count], split.labels[:count]
    return from_uint8(torch.from_numpy(images)), Labels(torch.from_numpy(labels))


def real_images(scale, split: str, count: int | None) -> tuple[Iterator[Tensor], list[str]]:
    """Real images of a split, ``count`` or all of them: uint8 [n, C, H, W], in parts that fit into
    memory.

    Returns:
        The parts; and the keys of the images that could not be read and were left out, as they are
        from the latents, a list that grows with the parts.
    """
    if not scale.latents:
        images = load_split(scale.dataset, split).images[:count]
        return iter([torch.from_numpy(images)]), []
    listing = Path(scale.latents.folder) / f"{split}.csv"
    images = SplitImages(scale.latents, split, listing)
    return _in_parts(images, spread(len(images), count or len(images)), listing), images.unreadable


def _in_parts(images, rows, listing):
    is_empty = True
    for part in rows.split(PART):
        pixels = [image for _, image, _ in images.read(part.tolist())]
        if pixels:
            is_empty = False
            yield torch.from_numpy(np.stack(pixels))
    if is_empty:
        raise BadInput(f"{listing}: none of its images can be read")


def spread(total: int, count: int) -> Tensor:
    """Up to ``count`` of ``total`` rows, at equal distances, since images lie in the order of their
    classes: int64 [min(count, total)]."""
    return torch.linspace(0, total - 1, min(count, total), dtype=torch.float64).round().long()
