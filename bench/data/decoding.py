"""Encoded images as 8-bit RGB, whatever they are stored as."""

from __future__ import annotations

import io
import warnings

import numpy as np
from PIL import Image, UnidentifiedImageError

# Formats whose wide grey samples Pillow gives as its mode I, from 0 to 65535.
SIXTEEN_BITS_AS_I = ("PNG", "PPM")


def decode(contents: bytes) -> Image.Image:
    """The image in RGB, 8 bits per channel.

    Of samples of 16 bits the upper 8 are kept, as Pillow itself does in colour images.
    Transparency is left out, as in ADM's code.

    Raises:
        ValueError: the image cannot be decoded, or its samples have no fixed range.
    """
    try:
        with warnings.catch_warnings():
            # Half as large as what Pillow refuses; it is read all the same.
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(contents)) as image:
                return _to_rgb(image)
    except UnidentifiedImageError:
        raise ValueError("not an image of a known format") from None
    except Exception as error:
        # Decoders raise almost anything at damaged bytes.
        raise ValueError(str(error) or type(error).__name__) from None


def _to_rgb(image):
    image.load()
    if image.mode.startswith("I;16") or (image.mode == "I" and image.format in SIXTEEN_BITS_AS_I):
        # Pillow's own conversion saturates: it takes them for 8 bits.
        image = Image.fromarray((np.asarray(image) >> 8).astype(np.uint8))
    elif image.mode in ("I", "F"):
        kind = "whole numbers" if image.mode == "I" else "floating-point numbers"
        raise ValueError(f"its samples are {kind} of 32 bits, which have no fixed range")
    elif image.mode == "P":
        # Pillow warns of transparency that it loses on the direct way.
        image = image.convert("RGBA")
    return image.convert("RGB")
