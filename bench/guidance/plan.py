"""What a whole trajectory will evaluate, known before any of it runs."""

from __future__ import annotations

from bench.guidance.base import Branch, Guidance, Step


def plan(guidance: Guidance, total: int) -> list[tuple[Branch, ...]]:
    """The branches of each of ``total`` uniform steps."""
    return [
        guidance.branches(Step(x_t=None, t=index / total, index=index, total=total))
        for index in range(total)
    ]


def drops_tokens(guidance: Guidance, total: int) -> bool:
    """Whether any of ``total`` steps evaluates a branch at a sparsity above 0."""
    return any(branch.sparsity > 0 for step in plan(guidance, total) for branch in step)


def uses_weak_checkpoint(guidance: Guidance, total: int) -> bool:
    """Whether any of ``total`` steps evaluates an earlier checkpoint."""
    return any(branch.checkpoint == "weak" for step in plan(guidance, total) for branch in step)
