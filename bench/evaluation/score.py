"""All metrics of a set of samples against a reference."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce

import torch
from torch import Tensor

from bench.evaluation.features import Features
from bench.evaluation.reference import Reference
from bench.metrics.frechet import frechet_of_gaussians
from bench.metrics.inception_score import inception_score
from bench.metrics.moments import Moments
from bench.metrics.neighbours import kernel_distance, precision_recall


def score(shards: Sequence[Features], reference: Reference) -> dict[str, float]:
    """Every metric of the samples in ``shards``, whose moments are merged; clean_fid where their
    extractor has clean-fid's features."""
    pool = torch.cat([shard.pool for shard in shards])
    probabilities = torch.cat([shard.probabilities for shard in shards])
    precision, recall = precision_recall(reference.pool, pool)
    found = {
        "fid": frechet_distance_to(reference, "pool", [shard.pool for shard in shards]),
        "sfid": frechet_distance_to(reference, "spatial", [shard.spatial for shard in shards]),
        "is": inception_score(probabilities),
        "precision": precision,
        "recall": recall,
        "kid": kernel_distance(reference.pool, pool),
    }
    if "clean_pool" in reference.gaussians:
        clean = [shard.clean_pool for shard in shards]
        found["clean_fid"] = frechet_distance_to(reference, "clean_pool", clean)
    return found


def frechet_distance_to(reference: Reference, name: str, parts: Sequence[Tensor]) -> float:
    """From the features [n, D] in ``parts``, whose moments are merged, to the reference's Gaussian
    of that name."""
    moments = reduce(Moments.merge, map(Moments.of, parts))
    return frechet_of_gaussians(moments.gaussian, reference.gaussians[name])
