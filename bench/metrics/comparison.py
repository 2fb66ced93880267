"""One kind of feature of two sets of images, generated and real, as metrics take them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor

from bench.metrics.moments import Gaussian, fitted_gaussian
from bench.metrics.neighbours import PrecisionRecall, precision_recall


@dataclass(frozen=True, eq=False)
class FeatureSet:
    """One kind of feature of a set of images.

    Attributes:
        parts: features [n, D], a tensor per shard, in the order of the images.
        given: a Gaussian that stands for the one of ``parts``, where a reference is published with
            statistics of more images than it holds.
    """

    parts: Sequence[Tensor]
    given: Gaussian | None = None

    @cached_property
    def values(self) -> Tensor:
        """The features [N, D] of all images."""
        return torch.cat(list(self.parts))

    @cached_property
    def gaussian(self) -> Gaussian:
        """Mean and covariance, merged over the parts where none are given."""
        return self.given or fitted_gaussian(self.parts)


@dataclass(frozen=True, eq=False)
class Comparison:
    """Generated images against a reference; what several metrics share is computed once."""

    generated: FeatureSet
    reference: FeatureSet

    @cached_property
    def precision_recall(self) -> PrecisionRecall:
        """Precision and recall, which come from the same distances."""
        return precision_recall(self.reference.values, self.generated.values)
