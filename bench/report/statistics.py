"""Comparisons of two cells, with their margin of error."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

# Retraining moves ImageNet FID by 1 to 2 % (arXiv 2606.20536); a smaller gap means nothing.
RETRAINING_NOISE = 0.013
CONFIDENCE = 0.95


@dataclass(frozen=True)
class Comparison:
    """Two cells on the same seed blocks.

    Attributes:
        difference: first - second, the mean over blocks.
        margin: half the width of its 95 % confidence interval (Student's t over the blocks).
        tie: true where the interval holds zero or the gap is under 1.3 % of the smaller mean.
    """

    difference: float
    margin: float
    tie: bool


def compare(first: pd.Series, second: pd.Series) -> Comparison:
    """Compares a metric of two cells, given by seed.

    Blocks are paired, because a seed block shifts all methods alike. A single block gives no
    margin, and then every difference is a tie.
    """
    paired = (first - second).dropna()
    count = len(paired)
    difference = float(paired.mean())
    if count < 2:
        return Comparison(difference, float("inf"), True)
    quantile = stats.t.ppf((1 + CONFIDENCE) / 2, count - 1)
    margin = float(quantile * paired.std(ddof=1) / np.sqrt(count))
    smaller = min(first.mean(), second.mean())
    tie = abs(difference) <= margin or abs(difference) < RETRAINING_NOISE * abs(smaller)
    return Comparison(difference, margin, bool(tie))
