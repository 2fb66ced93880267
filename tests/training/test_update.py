"""One step of a training against its formula, with plain gradient descent as the optimizer."""

from __future__ import annotations

import pytest
import torch

from bench.config.training import TrainingConfig
from bench.data.conditions import Labels
from bench.seeds import generator
from bench.training.distributed import ALONE
from bench.training.ema import EMA
from bench.training.losses import draw
from bench.training.update import Update
from tests.conftest import random_model

X = torch.randn(6, 1, 8, 8, generator=torch.Generator().manual_seed(5))
RATE = 0.1


class OneStep:
    """The weights, their gradients and their average before and after step ``step``."""

    def __init__(self, step, ema_decay=0.9, **settings):
        settings = TrainingConfig(
            steps=100, batch_size=6, gamma=0.5, learning_rate=RATE, ema_decay=ema_decay, **settings
        )
        model = random_model("routed").requires_grad_(True).train()
        ema = EMA(model, ema_decay)
        self.before = {name: p.detach().clone() for name, p in model.named_parameters()}
        optimizer = torch.optim.SGD(model.parameters(), lr=RATE)
        drawn = draw(model, settings, 6, generator(0, "training step", step))
        Update(model, ema, optimizer, settings, ALONE)(step, X, Labels(torch.arange(6)), drawn)
        self.after = {name: p.detach() for name, p in model.named_parameters()}
        self.gradients = {name: p.grad for name, p in model.named_parameters()}
        self.average = ema.weights

    @property
    def gradient_norm(self):
        """That of all gradients together."""
        return torch.cat([gradient.flatten() for gradient in self.gradients.values()]).norm().item()


def test_the_average_takes_in_the_weights_after_the_step():
    one = OneStep(1, ema_decay=0.9)
    assert any((one.after[name] != one.before[name]).any() for name in one.after)
    for name, weight in one.after.items():
        torch.testing.assert_close(one.average[name], weight, rtol=0, atol=1e-6)


@pytest.mark.parametrize(
    ("step", "part"),
    [(1, 0.25), (3, 0.75), (4, 1.0), (9, 1.0), (80, 1.0), (81, 1.0), (91, 0.5), (100, 0.05)],
)
def test_the_learning_rate_rises_and_stays_and_falls(step, part):
    one = OneStep(step, warmup_steps=4, decay_steps=20)
    for name, gradient in one.gradients.items():
        moved = one.before[name] - one.after[name]
        torch.testing.assert_close(moved, part * RATE * gradient, rtol=1e-3, atol=1e-6)


def test_gradients_are_clipped_to_their_norm():
    free = OneStep(1).gradient_norm
    assert OneStep(1, gradient_clip=0.1 * free).gradient_norm == pytest.approx(0.1 * free, rel=1e-4)
    assert OneStep(1, gradient_clip=2 * free).gradient_norm == pytest.approx(free, rel=1e-4)


def test_bf16_gradients_are_near_those_of_fp32_but_not_the_same():
    fp32, bf16 = (
        torch.cat([gradient.flatten() for gradient in OneStep(1, dtype=dtype).gradients.values()])
        for dtype in ("fp32", "bf16")
    )
    assert bf16.dtype == torch.float32
    assert 0 < (fp32 - bf16).norm() < 0.05 * fp32.norm()
