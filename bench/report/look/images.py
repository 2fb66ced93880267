"""Images side by side."""

from __future__ import annotations

import numpy as np


def draw_strip(axis, images: np.ndarray, name: str) -> None:
    """Draws images [N, H, W, C] in one row, with a name at the left."""
    show_image(axis, image_grid(images, len(images)))
    axis.set_ylabel(name, rotation=0, ha="right", va="center")


def image_grid(images: np.ndarray, columns: int) -> np.ndarray:
    """Joins images [N, H, W, C] into one, row by row with ``columns`` in each and white lines
    between them."""
    framed = np.pad(images, ((0, 0), (0, 1), (0, 1), (0, 0)), constant_values=255)
    missing = -len(framed) % columns
    framed = np.pad(framed, ((0, missing), (0, 0), (0, 0), (0, 0)), constant_values=255)
    _, height, width, channels = framed.shape
    rows = framed.reshape(-1, columns, height, width, channels).swapaxes(1, 2)
    return rows.reshape(-1, columns * width, channels)[:-1, :-1]


def show_image(axis, image: np.ndarray) -> None:
    """Draws an image [H, W, C] pixel by pixel, without axes."""
    axis.imshow(image.squeeze(), cmap="gray", vmin=0, vmax=255, interpolation="nearest")
    axis.set_xticks([])
    axis.set_yticks([])
    for spine in axis.spines.values():
        spine.set_visible(False)
