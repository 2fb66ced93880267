"""Verdicts on claims."""

from __future__ import annotations

from bench.report.statistics import Comparison

REPRODUCED, NOT_REPRODUCED, TIE, NOT_RUN = "reproduced", "not reproduced", "tie", "not run"


def is_lower(found: Comparison) -> str:
    """The verdict on "the first lies below the second"."""
    if found.tie:
        return TIE
    return REPRODUCED if found.difference < 0 else NOT_REPRODUCED


def worst(verdicts: list[str]) -> str:
    """The verdict on a claim of several parts."""
    return next(v for v in (NOT_REPRODUCED, TIE, REPRODUCED) if v in verdicts)
