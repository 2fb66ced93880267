"""Strips of samples: the same seeds, uncurated, under several cells."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from bench.errors import BadInput
from bench.files.tensors import read_tensors


def first_samples(results: Path, run: str, method: str, count: int) -> np.ndarray:
    """The first ``count`` images of a cell's first seed block, uint8 [N, H, W, C].

    Raises:
        BadInput: the cell has no samples.
    """
    images = _first_shard(results, run, method)["images"][:count]
    return images.permute(0, 2, 3, 1).numpy()


def first_labels(results: Path, run: str, method: str, count: int) -> np.ndarray:
    """The labels [N] that `first_samples` were drawn with."""
    return _first_shard(results, run, method)["labels"][:count].numpy()


def draw_strip(axis, images: np.ndarray, name: str) -> None:
    """Images side by side on one axis, with a name at the left."""
    show_image(axis, image_grid(images, len(images)))
    axis.set_ylabel(name, rotation=0, ha="right", va="center")


def image_grid(images: np.ndarray, columns: int) -> np.ndarray:
    """Images [N, H, W, C] as one, row by row with ``columns`` in each, white lines between."""
    framed = np.pad(images, ((0, 0), (0, 1), (0, 1), (0, 0)), constant_values=255)
    missing = -len(framed) % columns
    framed = np.pad(framed, ((0, missing), (0, 0), (0, 0), (0, 0)), constant_values=255)
    _, height, width, channels = framed.shape
    rows = framed.reshape(-1, columns, height, width, channels).swapaxes(1, 2)
    return rows.reshape(-1, columns * width, channels)[:-1, :-1]


def show_image(axis, image: np.ndarray) -> None:
    """An image [H, W, C] pixel by pixel, without axes."""
    axis.imshow(image.squeeze(), cmap="gray", vmin=0, vmax=255, interpolation="nearest")
    axis.set_xticks([])
    axis.set_yticks([])
    for spine in axis.spines.values():
        spine.set_visible(False)


def _first_shard(results, run, method):
    folder = results / "samples" / run / method
    blocks = sorted(folder.glob("seed-*"), key=lambda path: int(path.name.split("-")[1]))
    shards = sorted(blocks[0].glob("*.safetensors"), key=_first_index) if blocks else []
    if not shards:
        raise BadInput(f"{folder}: holds no samples; draw them first")
    return read_tensors(shards[0], "samples", ("images", "labels"))[0]


def _first_index(path):
    return int(path.name.split("-")[0])
