"""Muon against torch's own, and what it is given to train."""

from __future__ import annotations

import pytest
import torch

from bench.config.training import TrainingConfig
from bench.errors import BadInput
from bench.training.muon import Muon, orthogonal
from bench.training.optimizer import optimizer_of, stacked_matrices
from tests.conftest import random_model

SHAPES = ((16, 16), (16, 16), (40, 16), (16, 40))


def gradients(seed):
    stream = torch.Generator().manual_seed(seed)
    return [torch.randn(shape, generator=stream) for shape in SHAPES]


def test_steps_are_torchs():
    """But for the rounding of torch's own to bf16."""
    ours, theirs = ([torch.nn.Parameter(w) for w in gradients(0)] for _ in range(2))
    bias = torch.nn.Parameter(torch.ones(3))
    settings = {"weight_decay": 0.1, "betas": (0.9, 0.99), "fused": True}
    muon = Muon(ours, [bias], 0.02, 1e-3, **settings)
    reference = torch.optim.Muon(theirs, lr=0.02, weight_decay=0.1)
    for step in range(1, 4):
        for mine, other, gradient in zip(ours, theirs, gradients(step)):
            mine.grad, other.grad = gradient.clone(), gradient.clone()
        bias.grad = torch.ones(3)
        muon.step()
        reference.step()
    for mine, other, first in zip(ours, theirs, gradients(0)):
        assert (mine - first).abs().max() > 0.01
        torch.testing.assert_close(mine, other, atol=1e-3, rtol=0)
    expected = torch.nn.Parameter(torch.ones(3))
    adamw = torch.optim.AdamW([expected], lr=1e-3, **settings)
    for _ in range(3):
        expected.grad = torch.ones(3)
        adamw.step()
    torch.testing.assert_close(bias, expected)


@pytest.mark.parametrize("shape", SHAPES)
def test_orthogonal_matrices_have_singular_values_near_one(shape):
    matrices = torch.randn(3, *shape, generator=torch.Generator().manual_seed(0))
    found = torch.linalg.svdvals(orthogonal(matrices))
    assert found.min() > 0.3
    assert found.max() < 1.3


def test_muon_trains_the_matrices_of_the_layers():
    model = random_model("prompted")
    chosen = {id(weight) for weight in stacked_matrices(model)}
    names = {name for name, weight in model.named_parameters() if id(weight) in chosen}
    assert "blocks.0.attention.query.weight" in names
    assert "blocks.3.feed_forward.down.weight" in names
    assert "text_layers.layers.1.attention.out.weight" in names
    for name in ("x_embedder.proj", "text_layers.linear", "final_layer.linear", "modulation.1"):
        assert f"{name}.weight" not in names
    assert all(weight.ndim == 2 for weight in stacked_matrices(model))
    settings = TrainingConfig(1, learning_rate=1e-3, muon_learning_rate=0.01, betas=(0.9, 0.98))
    others, matrices = optimizer_of(model, settings).param_groups
    assert [group["lr"] for group in (others, matrices)] == [1e-3, 0.01]
    assert {id(weight) for weight in matrices["params"]} == chosen
    total = len(list(model.parameters()))
    assert len(others["params"]) + len(matrices["params"]) == total
    with pytest.raises(BadInput, match=r"muon_learning_rate: -1\.0 is negative"):
        TrainingConfig(1, muon_learning_rate=-1.0)
