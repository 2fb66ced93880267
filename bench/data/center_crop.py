"""The preprocessing of ADM's ImageNet experiments (arXiv 2105.05233)."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from bench.data.decoding import decode
from bench.data.image_listing import Entry, read_bytes
from bench.errors import BadInput


def center_crop(image: Image.Image, size: int) -> np.ndarray:
    """The central square of an RGB image, scaled: uint8 [3, size, size].

    The image is halved by box averaging as long as its shorter side stays at ``size`` or above,
    scaled by bicubic interpolation so that this side is ``size``, and cut at the centre.
    """
    while min(image.size) >= 2 * size:
        image = image.resize((image.width // 2, image.height // 2), Image.Resampling.BOX)
    scale = size / min(image.size)
    scaled = (round(image.width * scale), round(image.height * scale))
    pixels = np.array(image.resize(scaled, Image.Resampling.BICUBIC))
    top, left = (pixels.shape[0] - size) // 2, (pixels.shape[1] - size) // 2
    return pixels[top : top + size, left : left + size].transpose(2, 0, 1)


def read_image(folder: Path, entry: Entry, size: int) -> np.ndarray:
    """The image of an entry after the centre crop, in RGB: uint8 [3, size, size].

    Raises:
        BadInput: the image cannot be read.
    """
    try:
        image = decode(read_bytes(folder, entry))
    except (OSError, ValueError) as error:
        raise BadInput(
            f"{folder / entry.file}: image {entry.key} cannot be read ({error}); mend it, or set "
            "latents.unreadable to skip"
        ) from None
    return center_crop(image, size)
