"""Samples depend on what they should, and on nothing else."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
import torch
from torch import nn

from bench.config.model import model_config
from bench.config.sampling import SamplingConfig
from bench.data.conditions import LabelSource, concatenate
from bench.data.pixels import UINT8_RULES, to_uint8
from bench.data.prompts import PromptSource
from bench.errors import BadInput
from bench.guidance import Branch, build
from bench.models import build as build_model
from bench.models.prediction import VelocityPrediction
from bench.sampling.sampler import Trajectory, integrate, sample
from bench.sampling.subsets import fixed_count
from bench.seeds import generator
from tests.conftest import PROMPTED, TINY, prompts, random_model
from tests.guidance.test_contract import ALL


def draw(spec, indices, seed=3, batch_size=64, models=None, **settings):
    models = models or {"main": random_model("routed"), "weak": random_model("routed", seed=1)}
    settings = SamplingConfig(steps=4, batch_size=batch_size, **settings)
    batches = list(sample(models, build(spec), settings, LabelSource(10), seed, indices))
    labels = concatenate([batch.conditions for batch in batches]).values
    return torch.cat([batch.images for batch in batches]), labels


@pytest.mark.parametrize("name", ALL)
def test_layout_changes_nothing(name):
    """Any batch size, any split into shards, any order: the same images, to the bit."""
    images, labels = draw(ALL[name], range(20))
    for batch_size in (1, 3, 7):
        again = draw(ALL[name], range(20), batch_size=batch_size)
        assert torch.equal(again[0], images)
        assert torch.equal(again[1], labels)
    assert torch.equal(draw(ALL[name], range(13, 20), batch_size=2)[0], images[13:])
    assert torch.equal(draw(ALL[name], [5, 2])[0], images[[5, 2]])


@torch.inference_mode()
@pytest.mark.parametrize("subsets", ["fixed", "bernoulli"])
@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize(
    ("architecture", "source"),
    [(TINY, LabelSource(10)), (PROMPTED, PromptSource(prompts()))],
    ids=["labels", "prompts"],
)
def test_the_last_bit_does_not_depend_on_the_batch(name, subsets, architecture, source):
    """Wide enough for the CPU's blocked kernels, and before rounding to uint8 hides anything."""
    torch.manual_seed(0)
    model = build_model({**architecture, "hidden_size": 64, "route": [1, 2]}).eval()
    for parameter in model.parameters():
        parameter.normal_(std=0.05)
    models, settings = {"main": model, "weak": model}, SamplingConfig(steps=3, subsets=subsets)

    def states(indices):
        return integrate(models, build(ALL[name]), settings, source, 0, indices)[0]

    whole = states(list(range(21)))
    for size in (1, 2, 5):
        parts = [list(range(21))[i : i + size] for i in range(0, 21, size)]
        assert torch.equal(torch.cat([states(part) for part in parts]), whole)


def test_conditions_are_drawn_independently():
    models = {"main": random_model("routed")}
    settings = SamplingConfig(steps=1)
    trajectory = Trajectory(models, None, settings, LabelSource(10), 0, range(600))
    icg = build(ALL["icg"]).branches(None)
    drawn = trajectory.conditions(icg)
    conditions = {kind: labels.values for kind, labels in drawn.items()}
    assert torch.equal(conditions["null"], torch.full((600,), 10))
    for kind in ("given", "random"):
        counts = torch.bincount(conditions[kind], minlength=10)
        assert (counts - 60).abs().max() < 5 * 7.4  # standard deviations of a binomial
    agree = (conditions["given"] == conditions["random"]).sum()
    assert abs(agree - 60) < 5 * 7.4
    # Another evaluation has other random conditions, independent of the first.
    again = trajectory.conditions(icg)["random"].values
    assert abs((conditions["random"] == again).sum() - 60) < 5 * 7.4


def test_each_draw_is_from_the_stream_of_its_purpose():
    """Noise, conditions and subsets of a sample are independent of each other."""
    models, source = {"main": random_model("routed")}, LabelSource(10)
    trajectory = Trajectory(models, None, SamplingConfig(steps=1), source, 3, range(40))

    def streams(purpose):
        return [generator(3, purpose, index) for index in range(40)]

    noise = [torch.randn(1, 8, 8, generator=stream) for stream in streams("noise")]
    assert torch.equal(trajectory.noise, torch.stack(noise))
    given, random = trajectory.given, trajectory.conditions([Branch("a", condition="random")])
    assert torch.equal(given.values, source.random(streams("condition")).values)
    expected = source.random(streams("random condition")).values
    assert torch.equal(random["random"].values, expected)
    assert torch.equal(trajectory.draw_subsets(0.5), fixed_count(16, 0.5, streams("subsets")))


@pytest.mark.parametrize("rule", UINT8_RULES)
def test_pixels_are_of_decoded_samples_by_the_given_rule(rule):
    def decode(data):
        # Half of the values lie halfway between two pixels, where the rules differ.
        return torch.where(data > data.median(), -data, torch.full_like(data, 1 / 127.5))

    models, guidance = {"main": random_model("routed")}, build({"method": "unguided"})
    settings, source = SamplingConfig(steps=2, uint8_rule=rule), LabelSource(10)
    data, _ = integrate(models, guidance, settings, source, 0, [0, 1])
    (batch,) = sample(models, guidance, settings, source, 0, [0, 1], decode)
    assert torch.equal(batch.images, to_uint8(decode(data), rule))
    other = next(name for name in UINT8_RULES if name != rule)
    assert not torch.equal(batch.images, to_uint8(decode(data), other))


def test_bf16_is_near_fp32_but_not_the_same():
    models, guidance = {"main": random_model("routed")}, build({"method": "unguided"})
    fp32, bf16 = (
        integrate(models, guidance, SamplingConfig(2, dtype=dtype), LabelSource(10), 0, [0, 1])[0]
        for dtype in ("fp32", "bf16")
    )
    assert bf16.dtype == torch.float32
    assert 0 < (fp32 - bf16).abs().max() < 0.05


@pytest.mark.parametrize("subsets", ["fixed", "bernoulli"])
def test_every_evaluation_keeps_other_tokens(subsets):
    settings = SamplingConfig(steps=1, subsets=subsets)
    models = {"main": random_model("routed")}
    trajectory = Trajectory(models, None, settings, LabelSource(10), 0, range(8))
    first, second = (
        [sorted(keep.tolist()) for keep in trajectory.draw_subsets(0.5)] for _ in range(2)
    )
    # One of the C(16, 8) = 12,870 subsets comes twice by chance, but not for two samples.
    assert sum(one == other for one, other in zip(first, second)) <= 1


@torch.inference_mode()
def test_the_first_channels_alone_are_guided():
    model = build_model({**TINY, "in_channels": 3}).eval()
    for parameter in model.parameters():
        parameter.normal_(std=0.1, generator=torch.Generator().manual_seed(0))

    def velocity(omega, channels):
        settings = SamplingConfig(steps=4, guided_channels=channels)
        guidance = build({"method": "cfg", "omega": omega})
        trajectory = Trajectory({"main": model}, guidance, settings, LabelSource(10), 0, [0, 1])
        return trajectory.velocity(trajectory.noise, 0.25, 1)

    conditional, guided, some = velocity(1.0, None), velocity(3.0, None), velocity(3.0, 2)
    assert (guided - conditional).abs().amin((0, 2, 3)).min() > 0
    assert torch.equal(some[:, :2], guided[:, :2])
    assert torch.equal(some[:, 2:], conditional[:, 2:])


@pytest.mark.parametrize("settings", [{"solver": "heun"}, {"dtype": "bf16"}])
def test_layout_changes_nothing_with_other_settings(settings):
    spec = ALL["sparse_guidance"]
    images, _ = draw(spec, range(9), **settings)
    assert torch.equal(draw(spec, range(9), batch_size=2, **settings)[0], images)


def test_bernoulli_subsets_are_others():
    spec = ALL["sparse_guidance"]
    images, _ = draw(spec, range(9), subsets="bernoulli")
    assert not torch.equal(images, draw(spec, range(9))[0])


def test_seed_and_index_change_the_sample():
    images, _ = draw(ALL["unguided"], range(2))
    assert not torch.equal(images[0], images[1])
    assert not torch.equal(draw(ALL["unguided"], range(2), seed=4)[0], images)


def test_methods_start_from_the_same_noise_and_labels():
    _, labels = draw(ALL["unguided"], range(30))
    for name in ALL:
        assert torch.equal(draw(ALL[name], range(30))[1], labels)
    assert len(labels.unique()) > 5
    # At omega = 1 every dense method is the unguided sampler.
    unguided, _ = draw(ALL["unguided"], range(8))
    for name in ("cfg", "icg", "autoguidance"):
        assert torch.equal(draw({**ALL[name], "omega": 1.0}, range(8))[0], unguided)


@dataclass(frozen=True)
class Colours:
    """Conditions that are no labels: the mean of the data that each sample is asked for, and
    whether it is asked for any."""

    means: torch.Tensor
    asked: torch.Tensor

    def __len__(self):
        return len(self.means)

    def __getitem__(self, part):
        return Colours(self.means[part], self.asked[part])

    def to(self, device, non_blocking=False):
        return self

    @classmethod
    def concatenate(cls, parts):
        means, asked = ([vars(part)[name] for part in parts] for name in ("means", "asked"))
        return cls(torch.cat(means), torch.cat(asked))


@dataclass(frozen=True)
class OneColour:
    """A source that asks every sample for data of one mean."""

    mean: float

    def given(self, indices, streams):
        return Colours(torch.full((len(indices),), self.mean), torch.ones(len(indices)).bool())

    def random(self, streams):
        return self.given(streams, streams)


class GaussianModel(nn.Module):
    """The exact velocity where data are N(m, SD^2), with a mean m that is the condition's plus
    ``offset``, -0.1 without a condition, and shifts with gamma:
    v = m + (t s^2 - (1 - t)) / ((1 - t)^2 + t^2 s^2) (x - t m)."""

    SD = 0.2
    sample_shape, device = (1, 8, 8), torch.device("cpu")

    def __init__(self, offset, sparse_shift):
        super().__init__()
        self.config, self.prediction = model_config(TINY), VelocityPrediction()
        self.offset, self.sparse_shift = offset, sparse_shift

    def prefix(self, x, t, condition, perturbation=None):
        mean = torch.where(condition.asked, condition.means + self.offset, -0.1)
        return torch.cat([x, t.view(-1, 1, 1, 1).expand_as(x)], 1), mean

    def suffix(self, tokens, mean, keep, perturbation=None):
        x, t = tokens.chunk(2, dim=1)
        fraction = 0.0 if keep is None else 1 - keep.shape[1] / self.config.tokens
        mean = mean.view(-1, 1, 1, 1) + self.sparse_shift * fraction
        variance = (1 - t) ** 2 + (t * self.SD) ** 2
        return mean + (t * self.SD**2 - (1 - t)) / variance * (x - t * mean)

    def null_condition(self, batch):
        return Colours(torch.zeros(batch), torch.zeros(batch).bool())


@pytest.mark.parametrize(
    ("spec", "mean"),
    [
        ({"method": "unguided"}, 0.2),
        ({"method": "unguided", "gamma": 0.5}, 0.2 - 0.1),
        ({"method": "cfg", "omega": 1.5}, 1.5 * 0.2 - 0.5 * (-0.1)),
        ({"method": "apg", "omega": 1.5, "eta": 1.0}, 1.5 * 0.2 - 0.5 * (-0.1)),
        ({"method": "autoguidance", "omega": 1.5}, 1.5 * 0.2 - 0.5 * 0.0),
        ({"method": "icg", "omega": 1.5}, 0.2),
        (
            {"method": "sparse_guidance", "omega": 1.5, "gamma_strong": 0.25, "gamma_weak": 0.75},
            1.5 * (0.2 - 0.05) - 0.5 * (0.2 - 0.15),
        ),
        (
            {
                "method": "sparse_guidance",
                "omega": 1.5,
                "gamma_strong": 0.0,
                "gamma_weak": 0.5,
                "weak_condition": "null",
            },
            1.5 * 0.2 - 0.5 * (-0.1 - 0.1),
        ),
    ],
)
def test_gaussian_data_are_sampled_exactly(spec, mean):
    """Extrapolating two Gaussians of one width gives the Gaussian at the extrapolated mean."""
    models = {
        "main": GaussianModel(0.0, sparse_shift=-0.2),
        "weak": GaussianModel(-0.2, sparse_shift=-0.2),
    }
    settings = SamplingConfig(steps=64, solver="heun")
    batches = sample(models, build(spec), settings, OneColour(0.2), 0, range(64))
    pixels = torch.cat([batch.images for batch in batches]).double() / 127.5 - 1
    # 4,096 values; the clamp at +-1 is 3 deviations away at the least.
    assert pixels.mean().item() == pytest.approx(mean, abs=5 * 0.2 / 64)
    assert pixels.std().item() == pytest.approx(GaussianModel.SD, rel=0.06)


def test_samples_that_are_no_numbers_never_become_pixels():
    model = random_model("routed")
    model.final_layer.linear.bias[0] = float("inf")
    with pytest.raises(BadInput, match="the samples hold values that are not finite"):
        draw(ALL["unguided"], range(2), models={"main": model})
