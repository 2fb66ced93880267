"""Mean and covariance that add up over shards."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property, reduce

import torch
from torch import Tensor

from bench.errors import BadInput


@dataclass(frozen=True)
class Gaussian:
    """A normal distribution of features, float64.

    Attributes:
        mean: [D].
        covariance: [D, D].
        factor: F [N, D] with F^T F the covariance, of fewer rows than columns; None where the
            covariance is not known to be singular.
    """

    mean: Tensor
    covariance: Tensor
    factor: Tensor | None = None

    @cached_property
    def root(self) -> Tensor:
        """F [K, D] with F^T F the covariance: the factor where there is one, else the symmetric
        square root, computed once, as a reference is compared with many sets of samples."""
        if self.factor is not None:
            return self.factor
        eigenvalues, vectors = torch.linalg.eigh(self.covariance)
        return (vectors * eigenvalues.clamp(min=0).sqrt()) @ vectors.T


@dataclass(frozen=True)
class Moments:
    """Count, mean and scatter of features, float64.

    Attributes:
        count: the number of samples, N.
        mean: [D].
        scatter: the sum of the outer products of deviations from the mean [D, D].
    """

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


def fitted_gaussian(parts: Sequence[Tensor]) -> Gaussian:
    """The Gaussian with the mean and the unbiased covariance of features given in parts [n, D].

    Raises:
        BadInput: there is a single sample.
    """
    moments = reduce(Moments.merge, map(Moments.of, parts))
    fitted = moments.gaussian
    if moments.count >= len(moments.mean):
        return fitted
    deviations = torch.cat(list(parts)).double() - moments.mean
    return replace(fitted, factor=deviations / (moments.count - 1) ** 0.5)
