"""The network evaluations of a whole trajectory, known before any of it runs."""

from __future__ import annotations

from collections.abc import Sequence

from bench.guidance.base import Branch, Guidance, Step


def trajectory(
    guidance: Guidance, evaluations: Sequence[tuple[int, float]]
) -> list[tuple[Branch, ...]]:
    """The branches of every evaluation of a solver.

    Args:
        evaluations: (step, time) of each, as the solver declares them (bench/sampling/ode.py).
    """
    total = evaluations[-1][0] + 1
    return [
        guidance.branches(Step(x_t=None, t=t, index=index, total=total)) for index, t in evaluations
    ]


def all_branches(guidance: Guidance, evaluations: Sequence[tuple[int, float]]) -> set[Branch]:
    """The different branches of a trajectory."""
    return {branch for branches in trajectory(guidance, evaluations) for branch in branches}
