"""Sparse Guidance: the paper's method, and its combinations with CFG and AutoGuidance."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from bench.errors import InvalidCombination
from bench.guidance.base import Branch, Guidance, extrapolate
from bench.guidance.ranges import check_omega
from bench.guidance.registry import register
from bench.guidance.schedule import Gamma, check, ends, resolve


@register("sparse_guidance")
@dataclass(frozen=True)
class SparseGuidance(Guidance):
    """v = omega v(c; gamma_strong) + (1 - omega) v(c; gamma_weak). Velocity. arXiv 2601.01608.

    ``weak_condition="null"`` makes it CFG+SG, ``weak_checkpoint="weak"`` AG+SG. With the same
    checkpoint in both branches gamma_strong has to stay below gamma_weak; with an earlier one
    the weak branch is the weaker at any gamma.
    """

    omega: float
    gamma_strong: Gamma
    gamma_weak: Gamma
    weak_condition: Literal["given", "null"] = "given"
    weak_checkpoint: Literal["main", "weak"] = "main"

    def __post_init__(self):
        check_omega(self.omega)
        check("gamma_strong", self.gamma_strong)
        check("gamma_weak", self.gamma_weak)
        if self.weak_checkpoint == "main":
            # Both ends suffice: all schedules move between theirs along the same half cosine.
            for strong, weak in zip(ends(self.gamma_strong), ends(self.gamma_weak)):
                if strong >= weak:
                    raise InvalidCombination(
                        f"gamma_strong: {strong} is not below gamma_weak {weak}; lower it, or "
                        "take an earlier checkpoint for the weak branch (weak_checkpoint: weak)"
                    )

    def branches(self, step):
        return (
            Branch("strong", gamma=resolve(self.gamma_strong, step)),
            Branch(
                "weak",
                checkpoint=self.weak_checkpoint,
                condition=self.weak_condition,
                gamma=resolve(self.gamma_weak, step),
            ),
        )

    def combine(self, predictions, step):
        return extrapolate(self.omega, predictions["strong"], predictions["weak"])
