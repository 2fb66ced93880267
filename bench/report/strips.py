"""Strips of samples: the same seeds, uncurated, under several cells."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from bench.errors import BadInput
from bench.tensors import read_tensors


def first_samples(results: Path, run: str, method: str, count: int) -> np.ndarray:
    """The first ``count`` images of a cell's first seed block, uint8 [N, H, W, C].

    Raises:
        BadInput: the cell has no samples.
    """
    folder = results / "samples" / run / method
    blocks = sorted(folder.glob("seed-*"), key=lambda path: int(path.name.split("-")[1]))
    shards = sorted(blocks[0].glob("*.safetensors"), key=_first_index) if blocks else []
    if not shards:
        raise BadInput(f"{folder}: holds no samples; draw them first")
    images = read_tensors(shards[0], "samples")[0]["images"][:count]
    return images.permute(0, 2, 3, 1).numpy()


def draw_strip(axis, images: np.ndarray, name: str) -> None:
    """Images side by side on one axis, with a name at the left."""
    gap = np.full((images.shape[1], 1, images.shape[3]), 255, np.uint8)
    parts = [part for image in images for part in (image, gap)][:-1]
    strip = np.concatenate(parts, axis=1)
    axis.imshow(strip.squeeze(), cmap="gray", vmin=0, vmax=255, interpolation="nearest")
    axis.set_xticks([])
    axis.set_yticks([])
    for spine in axis.spines.values():
        spine.set_visible(False)
    axis.set_ylabel(name, rotation=0, ha="right", va="center")


def _first_index(path):
    return int(path.name.split("-")[0])
