"""Token subsets: counts, uniformity, independence."""

from __future__ import annotations

import torch

from bench.sampling.subsets import bernoulli, fixed_count
from bench.seeds import generator


def streams(count, purpose="subsets"):
    return [generator(0, purpose, index) for index in range(count)]


def test_fixed_count_keeps_distinct_tokens_uniformly():
    keep = fixed_count(16, 0.7, streams(4000))
    assert keep.shape == (4000, 5)
    counts = torch.zeros(4000, 16).scatter_add(1, keep, torch.ones(4000, 5))
    assert counts.max() == 1
    # Each token is kept with probability 5/16; 5 standard errors of 4,000 draws.
    assert (counts.mean(0) - 5 / 16).abs().max() < 5 * (5 / 16 * 11 / 16 / 4000) ** 0.5


def test_bernoulli_keeps_each_token_by_chance():
    subsets = bernoulli(16, 0.7, streams(4000))
    lengths = torch.tensor([len(subset) for subset in subsets], dtype=torch.float64)
    assert lengths.min() >= 1
    assert abs(lengths.mean() - 16 * 0.3) < 0.15
    # The variance of a binomial, not of a fixed count.
    assert abs(lengths.var() - 16 * 0.3 * 0.7) < 0.4
    assert all(len(set(subset.tolist())) == len(subset) for subset in subsets)


def test_subsets_are_fresh_at_every_draw():
    mine = streams(8)
    assert not torch.equal(fixed_count(16, 0.5, mine), fixed_count(16, 0.5, mine))


def test_streams_differ_by_seed_purpose_and_index():
    def first(*key):
        return torch.rand(4, generator=generator(*key)).tolist()

    draws = [
        first(0, "noise", 0),
        first(1, "noise", 0),
        first(0, "noise", 1),
        first(0, "subsets", 0),
    ]
    assert len({tuple(draw) for draw in draws}) == 4
    assert first(0, "noise", 0) == draws[0]
