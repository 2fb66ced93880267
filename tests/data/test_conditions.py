"""Class labels as conditions, and where a block of samples takes them from."""

from __future__ import annotations

import torch

from bench.data.conditions import Labels, LabelSource


def test_balanced_labels_go_round():
    """Sample i has the class i mod num_classes, whichever samples stand beside it."""
    source = LabelSource(3, "balanced")
    assert source.given(range(7), ()).values.tolist() == [0, 1, 2, 0, 1, 2, 0]
    assert source.given([8, 3], ()).values.tolist() == [2, 0]


def test_where_takes_these_conditions_for_true():
    chosen = Labels(torch.tensor([1, 2])).where(
        torch.tensor([True, False]), Labels(torch.tensor([8, 9]))
    )
    assert chosen.values.tolist() == [1, 9]
