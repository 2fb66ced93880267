"""Mathematics over features: tensors in, numbers out; it knows no model, guidance or file."""

from bench.metrics.frechet import frechet_distance
from bench.metrics.inception_score import inception_score
from bench.metrics.neighbours import PrecisionRecall, kernel_distance, precision_recall

__all__ = [
    "PrecisionRecall",
    "frechet_distance",
    "inception_score",
    "kernel_distance",
    "precision_recall",
]
