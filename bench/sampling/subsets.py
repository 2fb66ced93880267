"""Random subsets of the tokens: those that a sparse evaluation processes."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Generator, Tensor

from bench.config.spans import kept_tokens


def fixed_count(tokens: int, gamma: float, generators: Sequence[Generator]) -> Tensor:
    """A uniform random subset of tokens - int(tokens gamma) indices per generator: [B, K]."""
    count = kept_tokens(tokens, gamma)
    permutations = torch.empty(len(generators), tokens, dtype=torch.int64)
    for permutation, g in zip(permutations, generators):
        torch.randperm(tokens, generator=g, out=permutation)
    return permutations[:, :count]


def bernoulli(tokens: int, gamma: float, generators: Sequence[Generator]) -> list[Tensor]:
    """Each token kept with probability 1 - gamma (the paper's m_k), at least one: B index
    tensors of differing lengths."""
    subsets = []
    for g in generators:
        draws = torch.rand(tokens, generator=g)
        kept = draws >= gamma
        subsets.append(kept.nonzero()[:, 0] if kept.any() else draws.argmax().view(1))
    return subsets
