"""The losses against their formulas, computed the long way."""

from __future__ import annotations

import pytest
import torch

from bench.config.training import TrainingConfig
from bench.data.conditions import Labels
from bench.models.prediction import PREDICTIONS
from bench.seeds import generator
from bench.training.losses import draw, loss
from tests.conftest import prompts, random_model

X = torch.randn(6, 1, 8, 8, generator=torch.Generator().manual_seed(5))
LABELS = torch.arange(6)
Y = Labels(LABELS)


def drawn(model, gamma=0.5, **settings):
    config = TrainingConfig(steps=1, gamma=gamma, **settings)
    return draw(model, config, 6, generator(0, "training step", 1))


def velocities(model, d):
    """Prediction and target, from the path x_t = (1 - t) noise + t x."""
    t = d.t.view(-1, 1, 1, 1)
    x_t = (1 - t) * d.noise + t * X
    y = torch.tensor([10 if dropped else label for dropped, label in zip(d.drop_condition, LABELS)])
    return model(x_t, d.t, y, d.keep), X - d.noise


@torch.inference_mode()
@pytest.mark.parametrize(("kind", "gamma"), [("dense", 0.0), ("routed", 0.5), ("masked", 0.0)])
def test_flow_matching(kind, gamma):
    model = random_model(kind)
    d = drawn(model, gamma, class_dropout=0.5)
    assert 0 < d.drop_condition.sum() < 6
    velocity, target = velocities(model, d)
    expected = (velocity - target).square().mean()
    torch.testing.assert_close(loss(model, X, Y, d, 0.1), expected)


@torch.inference_mode()
def test_data_prediction():
    """The squared error of the data, weighted with min(1 / (1 - t)^2, 4)."""
    model = random_model("prompted")
    model.prediction, outputs = PREDICTIONS["data"](), []
    model.final_layer.register_forward_hook(lambda *args: outputs.append(args[2]))
    d = drawn(model, time="logit_normal")
    prompt = prompts()[:6]
    found = loss(model, X, prompt, d, 0.1)
    error = (model.unpatchify(outputs[0]) - X).square().mean((1, 2, 3))
    weight = torch.tensor([min(1 / (1 - t) ** 2, 4) for t in d.t])
    assert weight.max() == 4
    assert weight.min() < 2
    torch.testing.assert_close(found, (weight * error).mean())


@torch.inference_mode()
@pytest.mark.parametrize("mask_weight", [0.0, 0.1])
def test_masked_models_are_charged_as_in_equation_a4(mask_weight):
    model = random_model("masked")
    d = drawn(model)
    velocity, target = velocities(model, d)
    visible, masked = [], []
    for i in range(6):
        v, goal = model.patchify(velocity)[i], model.patchify(target)[i]
        for token in range(16):
            if token in d.keep[i]:
                visible.append((v[token] - goal[token]).square().mean())
            else:
                masked.append(((1 - d.t[i]) ** 2) * v[token].square().mean())
    expected = torch.stack(visible).mean() + mask_weight * torch.stack(masked).mean()
    torch.testing.assert_close(loss(model, X, Y, d, mask_weight), expected)


def test_draws():
    model = random_model("routed")
    config = TrainingConfig(steps=1, gamma=0.5, class_dropout=0.3)
    d = draw(model, config, 4000, generator(0, "training step", 1))
    assert d.keep.shape == (4000, 8)
    assert abs(d.drop_condition.float().mean() - 0.3) < 0.04
    assert abs(d.t.mean() - 0.5) < 0.03
    assert abs(d.t.std() - 12**-0.5) < 0.02
    # Each sample keeps tokens of its own: every token with probability 1/2, to 5 standard errors.
    counts = torch.zeros(4000, 16).scatter_add(1, d.keep, torch.ones(4000, 8))
    assert counts.max() == 1
    assert (counts.mean(0) - 0.5).abs().max() < 5 * 0.5 / 4000**0.5
    logit_normal = draw(
        model,
        TrainingConfig(steps=1, time="logit_normal"),
        4000,
        generator(0, "training step", 1),
    )
    shifted = draw(
        model,
        TrainingConfig(steps=1, time="logit_normal", time_mean=-1.1, time_deviation=0.5),
        4000,
        generator(0, "training step", 1),
    )
    expected = 0.5 * torch.logit(logit_normal.t) - 1.1
    torch.testing.assert_close(torch.logit(shifted.t), expected, atol=1e-3, rtol=1e-3)
    assert logit_normal.keep is None
    assert abs(torch.logit(logit_normal.t).mean()) < 5 / 4000**0.5
    assert abs(torch.logit(logit_normal.t).std() - 1) < 0.06
