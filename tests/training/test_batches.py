"""What each step learns from: the same, however many processes share it."""

from __future__ import annotations

from itertools import pairwise

import pytest
import torch

from bench.config.training import TrainingConfig
from bench.data.dataset import Split
from bench.data.pixels import PixelData
from bench.data.registry import load_split
from bench.seeds import generator
from bench.training.batches import StepRows, batches
from bench.training.distributed import ALONE, World
from tests.conftest import random_model

CPU = torch.device("cpu")


class NoisyPixels(PixelData):
    """Pixels that are flipped and blurred with noise when they are decoded."""

    def draw(self, batch, stream):
        flips = torch.rand(batch, generator=stream) < 0.5
        return flips, torch.randn(batch, 1, 8, 8, generator=stream)

    def decode(self, stored, flips, noise):
        assert len(flips) == len(noise) == len(stored)
        pixels = super().decode(stored)
        return torch.where(flips.view(-1, 1, 1, 1), pixels.flip(-1), pixels) + noise


def digits(kind=PixelData):
    return kind(load_split("digits", "train"))


@pytest.mark.parametrize(("count", "batch_size"), [(10, 4), (3, 8), (8, 4)])
def test_an_epoch_sees_each_sample_once_in_an_order_of_its_own(count, batch_size):
    settings = TrainingConfig(steps=12, batch_size=batch_size, seed=3)
    orders = [
        torch.randperm(count, generator=generator(3, "training order", epoch))
        for epoch in range(12 * batch_size // count + 1)
    ]
    expected = torch.cat(orders)[: 12 * batch_size].view(12, batch_size)
    rows = list(StepRows(count, settings, range(1, 13), 0, slice(None)))
    assert torch.equal(torch.stack(rows), expected)
    # A resumed run goes on where the other stopped; a rank takes its part.
    resumed = list(StepRows(count, settings, range(6, 13), 0, slice(1, 3)))
    assert torch.equal(torch.stack(resumed), expected[5:, 1:3])


@pytest.mark.parametrize("data", [digits(), digits(NoisyPixels)], ids=["pixels", "random"])
def test_the_parts_of_the_ranks_are_the_batch(data):
    model = random_model("routed")
    settings = TrainingConfig(steps=3, batch_size=12, gamma=0.5)
    steps = range(2, 4)
    whole = list(batches(data, model, settings, steps, 0, ALONE, CPU))
    worlds = [World(rank, 3) for rank in range(3)]
    ranks = [list(batches(data, model, settings, steps, 0, world, CPU)) for world in worlds]
    assert [step for step, *_ in whole] == [2, 3]
    for (_, x, y, drawn), *parts in zip(whole, *ranks):
        assert torch.equal(torch.cat([part[1] for part in parts]), x)
        assert torch.equal(torch.cat([part[2].values for part in parts]), y.values)
        for name in ("t", "noise", "drop_condition", "keep"):
            of_ranks = [getattr(part[3], name) for part in parts]
            assert torch.equal(torch.cat(of_ranks), getattr(drawn, name))


def test_workers_read_the_same_batches():
    model, data = random_model("dense"), digits()

    def settings(workers):
        return TrainingConfig(7, batch_size=64, workers=workers)

    read = [
        list(batches(data, model, settings(workers), range(3, 8), 0, ALONE, CPU))
        for workers in (0, 2)
    ]
    assert len(read[0]) == len(read[1]) == 5
    for (step, x, y, _), (other_step, other_x, other_y, _) in zip(*read):
        assert step == other_step
        assert torch.equal(x, other_x)
        assert torch.equal(y.values, other_y.values)


def test_another_seed_has_another_order_and_other_draws():
    def first(seed):
        settings = TrainingConfig(steps=1, batch_size=12, gamma=0.5, seed=seed)
        data, model = digits(NoisyPixels), random_model("routed")
        (step,) = batches(data, model, settings, range(1, 2), 0, ALONE, CPU)
        return step

    (_, x, y, drawn), (_, other_x, other_y, others) = first(0), first(1)
    assert not torch.equal(x, other_x)
    assert not torch.equal(y.values, other_y.values)
    for name in ("t", "noise", "keep"):
        assert not torch.equal(getattr(drawn, name), getattr(others, name)), name


def test_every_step_has_draws_of_its_own():
    """Of data that are a single image, so that steps differ by what is drawn alone."""
    split = load_split("digits", "train")
    data = NoisyPixels(Split(split.images[:1], split.labels[:1]))
    settings = TrainingConfig(steps=3, batch_size=4, gamma=0.5)
    steps = list(batches(data, random_model("routed"), settings, range(1, 4), 0, ALONE, CPU))
    for (_, x, _, drawn), (_, next_x, _, next_drawn) in pairwise(steps):
        assert not torch.equal(x, next_x)
        for name in ("t", "noise", "keep"):
            assert not torch.equal(getattr(drawn, name), getattr(next_drawn, name)), name
