"""Metrics that compare samples one by one, by torch-fidelity."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

from bench.errors import BadInput

KID_SUBSETS = 100
KID_SUBSET_SIZE = 1000


class PrecisionRecall(NamedTuple):
    """Improved precision and recall (arXiv 1904.06991)."""

    precision: float
    recall: float


def precision_recall(reference, generated, k: int = 3) -> PrecisionRecall:
    """precision: the fraction of ``generated`` [M, D] inside the k-nearest-neighbour balls of
    ``reference`` [N, D]; recall: the other way round. Distances in float64.

    Raises:
        BadInput: a set has no more than ``k`` samples.
    """
    # Imported here: searching and sampling do without torch-fidelity.
    from torch_fidelity.metric_prc import prc_features_to_metric

    for name, features in (("reference", reference), ("generated", generated)):
        if len(features) <= k:
            raise BadInput(f"{name}: {len(features)} samples have no {k} neighbours each")
    found = prc_features_to_metric(
        _double(generated),
        _double(reference),
        prc_neighborhood=k,
        save_cpu_ram=True,
        verbose=False,
    )
    return PrecisionRecall(found["precision"], found["recall"])


def kernel_distance(reference, generated) -> float:
    """KID (arXiv 1801.01401): the mean unbiased MMD^2 with a cubic kernel over 100 random
    subsets of 1,000, or of as many as there are in the smaller set."""
    from torch_fidelity.metric_kid import kid_features_to_metric

    found = kid_features_to_metric(
        _double(generated),
        _double(reference),
        kid_subsets=KID_SUBSETS,
        kid_subset_size=min(KID_SUBSET_SIZE, len(reference), len(generated)),
        verbose=False,
    )
    return found["kernel_inception_distance_mean"]


def _double(features) -> Tensor:
    return torch.as_tensor(features).double()
