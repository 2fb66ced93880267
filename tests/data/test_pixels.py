"""Pixels as models see them, and samples as pixels."""

from __future__ import annotations

import pytest
import torch

from bench.data.pixels import from_uint8, to_uint8

PIXELS = torch.arange(256, dtype=torch.uint8)


def test_models_see_pixels_from_minus_one_to_one():
    seen = from_uint8(PIXELS)
    assert (seen[0], seen[255]) == (-1, 1)
    torch.testing.assert_close(seen.diff(), torch.full((255,), 2 / 255), rtol=0, atol=1e-6)


def test_a_sample_is_rounded_to_the_nearest_pixel():
    for shift in (-0.4, 0.0, 0.4):
        assert torch.equal(to_uint8(from_uint8(PIXELS) + shift / 127.5), PIXELS)


def test_the_official_codes_truncate():
    """127.5 x + 128, of which the fraction is cut off."""
    x = torch.tensor([-1.0, -0.999, 0.0, 0.5, 0.99, 1.0])
    expected = [0, 0, 128, 191, 254, 255]
    assert to_uint8(x, "truncate").tolist() == expected


@pytest.mark.parametrize("rule", ["round", "truncate"])
def test_samples_beyond_the_range_are_clamped(rule):
    assert to_uint8(torch.tensor([-3.0, 3.0]), rule).tolist() == [0, 255]
