"""All metrics of a set of samples against a reference."""

from __future__ import annotations

from functools import reduce

import torch

from bench.metrics.features import Features
from bench.metrics.frechet import frechet_of_moments
from bench.metrics.inception_score import inception_score
from bench.metrics.moments import Moments
from bench.metrics.neighbours import kernel_distance, precision_recall


def score(shards: list[Features], reference: Features) -> dict[str, float]:
    """Every metric of the samples in ``shards``, whose moments are merged."""
    pool = torch.cat([shard.pool for shard in shards])
    probabilities = torch.cat([shard.probabilities for shard in shards])
    precision, recall = precision_recall(reference.pool, pool)
    return {
        "fid": frechet_inception_distance(shards, reference),
        "sfid": _frechet(shards, reference, "spatial"),
        "is": inception_score(probabilities),
        "precision": precision,
        "recall": recall,
        "kid": kernel_distance(reference.pool, pool),
    }


def frechet_inception_distance(shards: list[Features], reference: Features) -> float:
    """FID of the samples in ``shards``, whose moments are merged."""
    return _frechet(shards, reference, "pool")


def _frechet(shards, reference, kind):
    moments = [Moments.of(getattr(shard, kind)) for shard in shards]
    return frechet_of_moments(reduce(Moments.merge, moments), Moments.of(getattr(reference, kind)))
