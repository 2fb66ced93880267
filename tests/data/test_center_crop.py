"""ADM's crop: halved, scaled, cut at the centre."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from bench.data.center_crop import center_crop, read_image
from bench.data.image_listing import Entry
from bench.errors import BadInput
from tests.data.images import random_image


def test_an_image_of_the_size_stays_as_it_is():
    image = random_image(np.random.default_rng(0), 32, 32)
    assert np.array_equal(center_crop(image, 32), np.array(image).transpose(2, 0, 1))


def test_the_centre_of_the_longer_side_is_kept():
    columns = np.repeat(np.arange(96, dtype=np.uint8)[None, :, None], 32, axis=0)
    image = Image.fromarray(columns.repeat(3, axis=2))
    assert np.array_equal(center_crop(image, 32)[0, 0], np.arange(32, 64))
    assert np.array_equal(
        center_crop(image.transpose(Image.Transpose.TRANSPOSE), 32)[0, :, 0], np.arange(32, 64)
    )


def test_large_images_are_averaged_first():
    rng = np.random.default_rng(0)
    pixels = rng.integers(0, 256, (128, 128, 3), dtype=np.uint8)
    boxes = pixels.reshape(32, 4, 32, 4, 3).mean((1, 3)).transpose(2, 0, 1)
    # PIL rounds after each direction of each halving.
    assert np.abs(center_crop(Image.fromarray(pixels), 32) - boxes).max() <= 2


def test_a_size_that_no_halving_meets():
    image = random_image(np.random.default_rng(0), 100, 75)
    assert center_crop(image, 32).shape == (3, 32, 32)
    # 75 is halved once, to 37; the whole height then becomes 32.
    halved = image.resize((50, 37), Image.Resampling.BOX)
    scaled = np.array(halved.resize((43, 32), Image.Resampling.BICUBIC))
    assert np.array_equal(center_crop(image, 32), scaled[:, 5:37].transpose(2, 0, 1))


def test_a_damaged_image_is_one_line(tmp_path):
    random_image(np.random.default_rng(0), 64, 64).save(tmp_path / "a.jpg")
    contents = (tmp_path / "a.jpg").read_bytes()
    (tmp_path / "a.jpg").write_bytes(contents[: len(contents) // 2])
    entry = Entry("a.jpg", 0, len(contents) // 2, 0, "a")
    with pytest.raises(BadInput, match=r"a\.jpg: image a cannot be read"):
        read_image(tmp_path, entry, 32)


def test_grey_and_palette_images_become_rgb(tmp_path):
    for mode in ("L", "P", "CMYK"):
        path = tmp_path / f"{mode}.{'png' if mode == 'P' else 'jpg'}"
        random_image(np.random.default_rng(0), 40, 40).convert(mode).save(path)
        entry = Entry(path.name, 0, path.stat().st_size, 0, mode)
        assert read_image(tmp_path, entry, 32).shape == (3, 32, 32)
