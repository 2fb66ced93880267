"""Ties: inside the noise of the paired blocks, or closer than retraining moves FID."""

from __future__ import annotations

import pandas as pd
import pytest

from bench.report.statistics import compare


def blocks(*values):
    return pd.Series(values, index=range(1, len(values) + 1))


def test_blocks_are_paired():
    """A shift common to both cells is no noise."""
    found = compare(blocks(1.0, 2.0, 3.0), blocks(1.5, 2.51, 3.49), retrained=True)
    assert found.difference == pytest.approx(-0.5)
    # t(0.975, 2) = 4.3027 times sd 0.01 / sqrt(3)
    assert found.margin == pytest.approx(4.3027 * 0.01 / 3**0.5, rel=1e-3)
    assert not found.tie


def test_noise_is_a_tie():
    assert compare(blocks(1.0, 2.0, 3.0), blocks(2.0, 1.5, 3.2), retrained=True).tie


def test_a_gap_under_retraining_noise_is_a_tie():
    first = blocks(10.0, 11.0, 12.0)
    assert compare(first, first * 1.0129, retrained=False).tie
    assert not compare(first, first * 1.0131, retrained=False).tie
    # Replicates that were trained anew hold that noise themselves.
    assert not compare(first, first * 1.01, retrained=True).tie


def test_one_block_settles_nothing():
    assert compare(blocks(1.0), blocks(9.0), retrained=True).tie


def test_only_common_seeds_count():
    assert compare(blocks(1.0, 2.0, 3.0), blocks(2.0, 3.0), retrained=True).difference == -1.0


def test_a_lower_score_is_a_negative_per_cent_of_a_negative_one():
    """Preference scores lie on both sides of zero."""
    found = compare(blocks(-5.0, -5.1), blocks(-4.0, -4.0), retrained=True)
    assert found.percent == pytest.approx(-26.25)
    low, high = found.interval_percent
    assert low < found.percent < high
