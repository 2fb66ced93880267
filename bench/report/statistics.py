"""Comparisons of two cells, with their margin of error."""

from __future__ import annotations

from dataclasses import dataclass
from math import copysign, inf

import numpy as np
import pandas as pd
from scipy.special import stdtrit

# Retraining moves ImageNet FID by 1 to 2 % (arXiv 2606.20536); a smaller gap means nothing.
RETRAINING_NOISE = 0.013
CONFIDENCE = 0.95
# What the spread over replicates holds, by whether each is a training of its own.
SPREAD = {
    True: "replicates, each a training of its own with samples of its own",
    False: "blocks of samples of one training; the noise of retraining is not in it",
}
NOISE = {
    True: "the 95 % interval of the paired replicates",
    False: "the 95 % interval of the paired blocks, or closer than the 1.3 % by which retraining "
    "moves ImageNet's FID",
}


@dataclass(frozen=True)
class Comparison:
    """Two cells on the same seed blocks.

    Attributes:
        difference: first - second, the mean over blocks.
        margin: half the width of its 95 % confidence interval (Student's t over the blocks).
        tie: true where the interval holds zero or, for replicates that share one training, the gap
            is under 1.3 % of the smaller mean.
        reference: the mean of the second cell.
    """

    difference: float
    margin: float
    tie: bool
    reference: float

    @property
    def percent(self) -> float:
        """The difference in per cent of the reference, which may be negative: a score, for
        instance. Infinite where the reference is zero."""
        if self.reference == 0:
            return copysign(inf, self.difference)
        return 100 * self.difference / abs(self.reference)

    @property
    def interval_percent(self) -> tuple[float, float]:
        """The 95 % interval of the difference, in per cent of the reference, which is not zero."""
        margin = 100 * self.margin / abs(self.reference)
        return self.percent - margin, self.percent + margin


def compare(first: pd.Series, second: pd.Series, retrained: bool) -> Comparison:
    """Compares a metric of two cells, given by seed.

    Replicates are paired, because a training and a seed shift all methods alike. A single
    replicate gives no margin, and then every difference is a tie.

    Args:
        retrained: the replicates are trainings of their own, so that their spread holds the noise
            of retraining. Where they are sample blocks of one training, `RETRAINING_NOISE` stands
            in for it.
    """
    paired = (first - second).dropna()
    count = len(paired)
    difference = float(paired.mean())
    if count < 2:
        return Comparison(difference, float("inf"), True, float(second.mean()))
    quantile = stdtrit(count - 1, (1 + CONFIDENCE) / 2)
    margin = float(quantile * paired.std(ddof=1) / np.sqrt(count))
    smaller = min(first.mean(), second.mean())
    unseen_noise = 0.0 if retrained else RETRAINING_NOISE * abs(smaller)
    tie = abs(difference) <= margin or abs(difference) < unseen_noise
    return Comparison(difference, margin, bool(tie), float(second.mean()))
