"""Verdicts on claims, and the findings that they rest on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bench.report.statistics import Comparison

REPRODUCED, NOT_REPRODUCED, TIE, NOT_RUN = "reproduced", "not reproduced", "tie", "not run"


@dataclass(frozen=True)
class Finding:
    """The answer to a query.

    Attributes:
        verdict: one of the constants above.
        numbers: the evidence in words.
        difference: the size of the effect, in per cent of the reference; None where the query has
            no such number.
        interval: the 95 % interval of ``difference``, in per cent; None for numbers that are
            counted and not measured.
        runs: the runs over whose replicates the interval is taken.
    """

    verdict: str
    numbers: str
    difference: float | None = None
    interval: tuple[float, float] | None = None
    runs: tuple[str, ...] = ()


def is_lower(found: Comparison) -> str:
    """The verdict on "the first lies below the second"."""
    if found.tie:
        return TIE
    return REPRODUCED if found.difference < 0 else NOT_REPRODUCED


def is_higher(found: Comparison) -> str:
    """The verdict on "the first lies above the second"."""
    return {REPRODUCED: NOT_REPRODUCED, NOT_REPRODUCED: REPRODUCED, TIE: TIE}[is_lower(found)]


def is_above(interval: tuple[float, float], value: float = 0.0) -> str:
    """The verdict on "the quantity lies above ``value``", from its interval."""
    low, high = interval
    if low > value:
        return REPRODUCED
    return NOT_REPRODUCED if high <= value else TIE


def worst(verdicts: Sequence[str]) -> str:
    """The verdict on a claim of several parts."""
    return next(v for v in (NOT_REPRODUCED, TIE, REPRODUCED) if v in verdicts)
