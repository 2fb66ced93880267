"""Every metric of a set of samples against a reference."""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor

from bench.evaluation.features import Features
from bench.evaluation.reference import Reference
from bench.metrics.comparison import Comparison, FeatureSet
from bench.metrics.frechet import frechet_of_gaussians
from bench.metrics.table import METRICS


def score(shards: Sequence[Features], reference: Reference) -> dict[str, float]:
    """The metrics of the samples in ``shards`` by name, in the order of the table of metrics; those
    whose features the samples lack are left out."""
    comparisons = {
        name: Comparison(FeatureSet([shard[name] for shard in shards]), reference[name])
        for name in shards[0]
    }
    return {
        metric.name: metric.function(comparisons[metric.features])
        for metric in METRICS.values()
        if metric.features in comparisons
    }


def frechet_distance_to(reference: Reference, name: str, parts: Sequence[Tensor]) -> float:
    """The Fréchet distance of one kind of feature, given in parts [n, D], to the reference's."""
    return frechet_of_gaussians(FeatureSet(parts).gaussian, reference[name].gaussian)
