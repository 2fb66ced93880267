"""The interface of a guidance method: it declares its network evaluations and combines them.

This module and its neighbours import neither torch nor a model, so that configurations are
checked and costs counted in no time.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from bench.perturbation import Perturbation

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True)
class Branch:
    """One network evaluation of a guided step.

    Attributes:
        name: the key of its prediction in `Guidance.combine`.
        checkpoint: the model under test, or an earlier (weaker) checkpoint of the same run.
        condition: the sample's own condition, the null condition, or an independent draw.
        gamma: the fraction of tokens that is not processed, in [0, 1).
        perturbation: a change to the network, or None.
    """

    name: str
    checkpoint: Literal["main", "weak"] = "main"
    condition: Literal["given", "null", "random"] = "given"
    gamma: float = 0.0
    perturbation: Perturbation | None = None


@dataclass(frozen=True)
class Step:
    """The position of the sampler on its trajectory.

    Attributes:
        x_t: the state, [B, C, H, W]; (1 - t) noise + t data.
        t: the time, 0 at noise and 1 at data.
        index: the step, 0 to total - 1.
        total: the number of steps.
        state: kept for the whole trajectory; a method may store its own running values there.
    """

    x_t: Tensor | None
    t: float
    index: int
    total: int
    state: dict[str, Any] = field(default_factory=dict)


class Guidance:
    """A guidance method: a frozen dataclass whose fields are its hyperparameters."""

    def branches(self, step: Step) -> tuple[Branch, ...]:
        """The network evaluations that this step needs."""
        raise NotImplementedError

    def combine(self, predictions: dict[str, Tensor], step: Step) -> Tensor:
        """The guided velocity [B, C, H, W] from each branch's velocity [B, C, H, W]."""
        raise NotImplementedError


def extrapolate(omega: float, strong: Tensor, weak: Tensor) -> Tensor:
    """omega strong + (1 - omega) weak: at omega = 1 the strong prediction, beyond it past it.

    It gives the same guided prediction in velocity, noise and data space, for each of these
    is an affine function of the other with the same coefficients in both branches.
    """
    return omega * strong + (1 - omega) * weak
