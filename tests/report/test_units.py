"""Units of MACs."""

from __future__ import annotations

import math

import pytest

from bench.report.units import fitting_unit


@pytest.mark.parametrize(
    ("gmacs", "name"),
    [
        ([114.42, 228.84, -16.75], "GMACs"),
        ([0.0049, 0.0098, math.nan], "MMACs"),
        ([9000.0, 1.0], "TMACs"),
        ([0.00049], "kMACs"),
        ([-0.002, 0.0005], "MMACs"),
        ([1.0], "GMACs"),
        ([0.0], "GMACs"),
        ([math.nan], "GMACs"),
        ([], "GMACs"),
    ],
)
def test_the_largest_value_chooses(gmacs, name):
    assert fitting_unit(gmacs).name == name
