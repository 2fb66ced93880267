"""Mean and covariance that add up over shards."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor

from bench.errors import BadInput


@dataclass(frozen=True)
class Gaussian:
    """mean [D] and covariance [D, D], float64."""

    mean: Tensor
    covariance: Tensor

    @cached_property
    def root(self) -> Tensor:
        """The symmetric square root [D, D] of the covariance, computed once: a reference is
        compared with many sets of samples."""
        eigenvalues, vectors = torch.linalg.eigh(self.covariance)
        return (vectors * eigenvalues.clamp(min=0).sqrt()) @ vectors.T


@dataclass(frozen=True)
class Moments:
    """count, mean [D] and scatter [D, D] (sum of outer products of deviations), float64."""

    count: int
    mean: Tensor
    scatter: Tensor

    @classmethod
    def of(cls, features: Tensor) -> Moments:
        """The moments of features [N, D]."""
        features = features.double()
        mean = features.mean(0)
        centred = features - mean
        return cls(len(features), mean, centred.T @ centred)

    def merge(self, other: Moments) -> Moments:
        """The moments of both sets together (Chan et al., 1979)."""
        count = self.count + other.count
        delta = other.mean - self.mean
        return Moments(
            count,
            self.mean + delta * (other.count / count),
            self.scatter
            + other.scatter
            + torch.outer(delta, delta) * (self.count * other.count / count),
        )

    @property
    def gaussian(self) -> Gaussian:
        """The Gaussian with this mean and the unbiased covariance.

        Raises:
            BadInput: these are the moments of a single sample.
        """
        if self.count < 2:
            raise BadInput("one sample has no covariance; take more")
        return Gaussian(self.mean, self.scatter / (self.count - 1))
