"""Units for numbers of multiply-accumulates."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import pandas as pd


@dataclass(frozen=True)
class MacUnit:
    """A unit of MACs.

    Attributes:
        name: with its SI prefix.
        per_gmac: the number of units in 10^9 MACs.
    """

    name: str
    per_gmac: float


GMACS = MacUnit("GMACs", 1.0)
UNITS = (MacUnit("TMACs", 1e-3), GMACS, MacUnit("MMACs", 1e3), MacUnit("kMACs", 1e6))


def fitting_unit(gmacs: Iterable[float]) -> MacUnit:
    """The largest unit in which the largest of some values (in GMACs) is 1 or more; GMACs where
    there is no value."""
    largest = max((abs(value) for value in gmacs if pd.notna(value)), default=0)
    return next((unit for unit in UNITS if largest * unit.per_gmac >= 1), GMACS)
