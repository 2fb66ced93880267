"""Rotary positions against their definition."""

from __future__ import annotations

import torch

from bench.models.rotary import axial_rotation, line_rotation, rotate


def products(rotation, query, key):
    """Of a query and a key of [width], at every pair of positions: [T, T]."""
    count = len(rotation)
    turned = (rotate(x.expand(1, 1, count, -1), rotation)[0, 0] for x in (query, key))
    first, second = turned
    return first @ second.T


def test_products_depend_on_the_distance_alone():
    query, key = torch.randn(2, 16, generator=torch.Generator().manual_seed(0))
    found = products(line_rotation(9, 16), query, key)
    for i in range(1, 9):
        torch.testing.assert_close(found[1:, 1:], found[:-1, :-1])
        assert (found[0, i] - found[0, 0]).abs() > 1e-3


def test_products_in_an_image_depend_on_rows_and_columns_between():
    side = 4
    query, key = torch.randn(2, 16, generator=torch.Generator().manual_seed(1))
    found = products(axial_rotation(side, 16), query, key).view(side, side, side, side)
    # Both one row down, both one column to the right.
    torch.testing.assert_close(found[1:, :, 1:], found[:-1, :, :-1])
    torch.testing.assert_close(found[:, 1:, :, 1:], found[:, :-1, :, :-1])
    from_corner = found[0, 0].flatten()
    distances = (from_corner.unsqueeze(0) - from_corner.unsqueeze(1)).abs()
    assert distances[~torch.eye(side**2, dtype=torch.bool)].min() > 1e-4


def test_turning_keeps_lengths():
    x = torch.randn(2, 3, 16, 8, generator=torch.Generator().manual_seed(2))
    torch.testing.assert_close(rotate(x, axial_rotation(4, 8)).norm(dim=-1), x.norm(dim=-1))


def test_a_rotation_of_each_sample_is_that_of_its_tokens():
    x = torch.randn(2, 3, 16, 8, generator=torch.Generator().manual_seed(3))
    rotation = axial_rotation(4, 8)
    keep = torch.tensor([[4, 0, 9], [15, 2, 1]])
    index = keep[:, None, :, None].expand(-1, 3, -1, 8)
    kept = rotate(x.gather(2, index), rotation[keep])
    assert torch.equal(kept, rotate(x, rotation).gather(2, index))
