"""Whatever an image is stored as, models see it in 8 bits; what cannot be read is one line."""

from __future__ import annotations

import struct
import warnings
import zlib

import numpy as np
import pytest
from PIL import Image

from bench.data.center_crop import read_image
from bench.data.image_listing import Entry
from bench.errors import BadInput
from tests.data.images import random_image

SIZE = 32


@pytest.fixture
def read(tmp_path):
    """Reads a file of the folder as `encode` does, without a warning."""

    def of(path):
        entry = Entry(path.name, 0, path.stat().st_size, 0, path.stem)
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            return read_image(tmp_path, entry, SIZE)

    return of


@pytest.fixture
def levels():
    """Grey levels of 8 bits, [SIZE, SIZE], all of them, in no order."""
    return np.random.default_rng(0).permutation(SIZE * SIZE).reshape(SIZE, SIZE) // 4


def write_png(path, samples, colour, depth):
    """A PNG of samples [H, W, C]; Pillow writes no 16-bit colour and no 2 or 4 bits."""
    height, width, _ = samples.shape
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    if depth == 16:
        rows = [row.astype(">u2").tobytes() for row in samples]
    else:
        bits = [np.unpackbits(row.astype(np.uint8), axis=-1)[:, -depth:] for row in samples]
        rows = [np.packbits(row.ravel()).tobytes() for row in bits]
    chunks = (b"IHDR", header), (b"IDAT", zlib.compress(b"\0" + b"\0".join(rows))), (b"IEND", b"")
    path.write_bytes(
        b"\x89PNG\r\n\x1a\n"
        + b"".join(
            struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
            for name, data in chunks
        )
    )
    return path


@pytest.mark.parametrize("name", ["grey.png", "little.tif", "big.tif", "grey.pgm", "grey.jp2"])
def test_grey_of_16_bits(read, tmp_path, levels, name):
    # A level and a few more of its 256 steps.
    wide = (levels * 256 + 77).astype(">u2" if name == "big.tif" else "<u2")
    path = tmp_path / name
    if name.endswith(".pgm"):
        path.write_bytes(b"P5 %d %d 65535\n" % (SIZE, SIZE) + wide.astype(">u2").tobytes())
    else:
        options = {"irreversible": False} if name.endswith(".jp2") else {}
        Image.fromarray(wide).save(path, **options)
    assert np.array_equal(read(path), [levels] * 3)


@pytest.mark.parametrize(("colour", "channels"), [(0, 1), (2, 3), (4, 2), (6, 4)])
def test_png_of_16_bits(read, tmp_path, colour, channels, levels):
    """Grey and colour, with transparency and without."""
    samples = np.stack([np.roll(levels, channel, axis=0) for channel in range(channels)], axis=-1)
    found = read(write_png(tmp_path / "a.png", samples * 256 + 200, colour, depth=16))
    expected = samples[..., :3] if channels > 2 else samples[..., :1].repeat(3, axis=-1)
    assert np.array_equal(found, expected.transpose(2, 0, 1))


@pytest.mark.parametrize("depth", [1, 2, 4])
def test_few_levels_span_the_whole_range(read, tmp_path, levels, depth):
    few = levels >> (8 - depth)
    found = read(write_png(tmp_path / "a.png", few[..., None], 0, depth))
    assert np.array_equal(found, [few * 255 // (2**depth - 1)] * 3)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "CMYK", "LAB"])
def test_other_modes(read, tmp_path, mode):
    image = random_image(np.random.default_rng(0), SIZE, SIZE).convert(mode)
    path = tmp_path / "a.tif"
    image.save(path)
    assert np.array_equal(read(path), np.array(image.convert("RGB")).transpose(2, 0, 1))


@pytest.mark.parametrize("transparency", [3, bytes(range(256))])
def test_transparency_is_left_out(read, tmp_path, transparency):
    image = random_image(np.random.default_rng(0), SIZE, SIZE).convert("P")
    path = tmp_path / "a.png"
    image.save(path, transparency=transparency)
    assert np.array_equal(read(path), np.array(image.convert("RGB")).transpose(2, 0, 1))


@pytest.mark.parametrize("kind", ["int32", "float32"])
def test_samples_without_a_range_are_refused(read, tmp_path, levels, kind):
    path = tmp_path / "a.tif"
    Image.fromarray((levels / 255).astype(kind)).save(path)
    with pytest.raises(BadInput, match=r"a\.tif: image a cannot be read \(its samples are"):
        read(path)


def test_a_large_image_is_read_and_a_larger_one_refused(read, tmp_path, monkeypatch):
    path = tmp_path / "a.png"
    random_image(np.random.default_rng(0), 64, 64).save(path)
    expected = read(path)
    # Pillow warns of more pixels than this, and refuses twice as many.
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 64 * 64 - 1)
    assert np.array_equal(read(path), expected)
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 64 * 64 // 2 - 1)
    with pytest.raises(BadInput, match=r"a\.png: image a cannot be read \(Image size \(4096"):
        read(path)


@pytest.mark.parametrize("kept", [0, 5, 30, 60, "half", "beginning"])
@pytest.mark.parametrize("kind", ["png", "jpg", "webp", "tif", "gif"])
def test_a_damaged_image_is_refused(tmp_path, kind, kept):
    path = tmp_path / f"a.{kind}"
    random_image(np.random.default_rng(0), 64, 64).save(path)
    contents = path.read_bytes()
    if kept == "beginning":
        path.write_bytes(contents[:20] + bytes(len(contents) - 20))
    else:
        path.write_bytes(contents[: len(contents) // 2 if kept == "half" else kept])
    entry = Entry(path.name, 0, path.stat().st_size, 0, "a")
    with pytest.raises(BadInput, match=rf"a\.{kind}: image a cannot be read \(.+\)"):
        read_image(tmp_path, entry, SIZE)
