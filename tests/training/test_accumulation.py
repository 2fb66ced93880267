"""A batch in micro batches is the batch in one go: the same draws, the same step."""

from __future__ import annotations

import pytest
import torch

from bench.config.training import TrainingConfig
from bench.data.pixels import PixelData
from bench.data.registry import load_split
from bench.seeds import generator
from bench.training.batches import batches
from bench.training.distributed import ALONE
from bench.training.ema import EMA
from bench.training.losses import draw
from bench.training.update import Update
from tests.conftest import ARCHITECTURES, conditions, random_model

X = torch.randn(12, 1, 8, 8, generator=torch.Generator().manual_seed(5))
ROWS = [row % 10 for row in range(12)]
CPU = torch.device("cpu")


def one_step(kind, micro_batch, **settings):
    """The loss, the gradients and the sizes of the forward passes of a step on a batch of 12."""
    model = random_model(kind).requires_grad_(True).train()
    gamma = 0.0 if kind == "dense" else 0.5
    settings = TrainingConfig(
        steps=10, batch_size=12, micro_batch=micro_batch, gamma=gamma, **settings
    )
    sizes = []
    model.register_forward_pre_hook(lambda module, inputs: sizes.append(len(inputs[0])))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    update = Update(model, EMA(model, 0.9), optimizer, settings, ALONE)
    drawn = draw(model, settings, 12, generator(0, "training step", 1))
    value = update(1, X, conditions(kind, ROWS), drawn)
    return value, {name: weight.grad for name, weight in model.named_parameters()}, sizes


@pytest.mark.parametrize("kind", ARCHITECTURES)
@pytest.mark.parametrize("micro_batch", [1, 3, 6])
def test_gradients_are_those_of_the_batch(kind, micro_batch):
    value, gradients, _ = one_step(kind, None)
    parted, of_parts, sizes = one_step(kind, micro_batch)
    assert sizes == [micro_batch] * (12 // micro_batch)
    torch.testing.assert_close(parted, value, rtol=1e-6, atol=0)
    # Rounding of sums in another order; seen: 3e-7.
    largest = max(gradient.abs().max() for gradient in gradients.values())
    for name, gradient in gradients.items():
        difference = (of_parts[name] - gradient).abs().max()
        assert difference < 2e-6 * largest, name


def test_the_norm_that_is_clipped_is_of_the_whole_batch():
    _, free, _ = one_step("prompted", None)
    norm = torch.cat([gradient.flatten() for gradient in free.values()]).norm().item()
    _, clipped, _ = one_step("prompted", 3, gradient_clip=norm / 2)
    for name, gradient in free.items():
        torch.testing.assert_close(clipped[name], gradient / 2, rtol=1e-3, atol=1e-5)


def test_draws_do_not_depend_on_micro_batches():
    data, model = PixelData(load_split("digits", "train")), random_model("routed")

    def read(micro_batch):
        settings = TrainingConfig(steps=2, batch_size=12, gamma=0.5, micro_batch=micro_batch)
        return list(batches(data, model, settings, range(1, 3), 0, ALONE, CPU))

    for (_, x, labels, drawn), (_, other_x, others, other) in zip(read(None), read(3)):
        assert torch.equal(x, other_x)
        assert torch.equal(labels.values, others.values)
        for name in ("t", "noise", "drop_condition", "keep"):
            assert torch.equal(getattr(drawn, name), getattr(other, name)), name
