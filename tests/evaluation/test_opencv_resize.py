"""Resizing as OpenCV does it, against the real arithmetic within its rounding."""

from __future__ import annotations

import hashlib

import pytest
import torch
import torch.nn.functional as F

from bench.evaluation.opencv_resize import resize_as_opencv


@pytest.mark.parametrize("size", [(80, 80), (37, 111), (20, 30)])
def test_within_rounding_of_the_bilinear(size):
    image = torch.randint(0, 256, (3, 40, 60), generator=torch.Generator().manual_seed(0)).byte()
    found = resize_as_opencv(image, size)
    exact = F.interpolate(image[None].double(), size=size, mode="bilinear")[0]
    assert found.dtype == torch.uint8
    assert (found.double() - exact).abs().max() < 1
    # Not cut off: halves and quarters go up.
    assert abs((found.double() - exact).mean()) < 0.15


def test_the_same_size_is_the_same_image():
    image = torch.arange(256).byte().view(1, 16, 16)
    assert torch.equal(resize_as_opencv(image, (16, 16)), image)


def test_values_of_opencv():
    """cv2.resize of one row to three: its fixed-point weights make the middle one differ."""
    image = torch.tensor([[[0, 255, 10, 200]]]).byte()
    outer, middle = [0, 91, 237, 132, 23, 132, 200], [0, 91, 237, 133, 24, 132, 200]
    assert resize_as_opencv(image, (3, 7)).tolist() == [[outer, middle, outer]]


@pytest.mark.parametrize(
    ("size", "sha256"),
    [
        ((80, 111), "61ac914477655740"),
        ((800, 1200), "31c8bfea19c16d41"),
        ((25, 33), "eeb78248f9813110"),
    ],
)
def test_bit_for_bit(size, sha256):
    """The hashes are those of OpenCV 5.0's results for the same pixels."""
    channel, row, column = (torch.arange(length) for length in (3, 40, 60))
    row, channel = row[:, None], channel[:, None, None]
    image = (13 * channel + 37 * row + 91 * column + row * column).remainder(256).byte()
    found = resize_as_opencv(image, size).numpy().tobytes()
    assert hashlib.sha256(found).hexdigest().startswith(sha256)
