"""Means whose standard errors know that images of one prompt share its difficulty."""

from __future__ import annotations

from collections.abc import Mapping
from math import sqrt

import pandas as pd


def clustered_mean(values: pd.Series, clusters: pd.Series) -> tuple[float, float]:
    """The mean of values and its standard error, from the residuals summed by cluster; the error is
    not a number for a single cluster."""
    mean = values.mean()
    sums = (values - mean).groupby(clusters).sum()
    count = len(sums)
    if count < 2:
        return mean, float("nan")
    return mean, sqrt(count / (count - 1) * (sums**2).sum()) / len(values)


def with_errors(values: Mapping[str, float], errors: Mapping[str, float]) -> dict[str, float]:
    """Values by name, each followed by its standard error, "<name>_se"."""
    return {
        key: value
        for name in values
        for key, value in ((name, values[name]), (f"{name}_se", errors[name]))
    }
