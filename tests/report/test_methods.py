"""The names of methods."""

from __future__ import annotations

import pytest

from bench.report.methods import colour, display_name, math_name


@pytest.mark.parametrize(
    ("method", "text", "math"),
    [
        ("cfg_sparse_guidance", "CFG+SG", "CFG+SG"),
        ("sparse_guidance_flops", "SG_FLOPS", r"SG$_\mathrm{FLOPS}$"),
        ("naive_sparsity_50", "naive γ = 0.5", r"$\gamma$ = 0.5"),
        ("autoguidance@300", "AG, weak step 300", "AG, weak step 300"),
        ("mine", "mine", "mine"),
        ("mine@5", "mine, weak step 5", "mine, weak step 5"),
    ],
)
def test_names(method, text, math):
    assert display_name(method) == text
    assert math_name(method) == math


def test_a_method_of_ones_own_is_black():
    assert colour("mine") == "#000000"
    assert colour("cfg") != colour("mine")
