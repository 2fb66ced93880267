"""What a whole trajectory will evaluate, known before any of it runs."""

from __future__ import annotations

from bench.guidance.base import Branch, Guidance, Step


def trajectory(guidance: Guidance, total: int) -> list[tuple[Branch, ...]]:
    """The branches of each of ``total`` uniform steps."""
    return [
        guidance.branches(Step(x_t=None, t=index / total, index=index, total=total))
        for index in range(total)
    ]


def drops_tokens(guidance: Guidance, total: int) -> bool:
    """Tells if any of ``total`` steps evaluates a branch at a gamma above 0."""
    return any(branch.gamma > 0 for branch in _all_branches(guidance, total))


def uses_weak_checkpoint(guidance: Guidance, total: int) -> bool:
    """Tells if any of ``total`` steps evaluates an earlier checkpoint."""
    return any(branch.checkpoint == "weak" for branch in _all_branches(guidance, total))


def _all_branches(guidance, total):
    return {branch for branches in trajectory(guidance, total) for branch in branches}
