"""How samples are drawn."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from bench.config.checks import check_positive


@dataclass(frozen=True)
class SamplingConfig:
    """Uniform steps from noise (t = 0) to data (t = 1).

    Attributes:
        steps: of the solver.
        solver: euler (the paper's) or heun.
        subsets: ``fixed`` keeps tokens - int(tokens gamma) per sample (the official code's),
            ``bernoulli`` each token with probability 1 - gamma (the paper's formula).
        precision: bf16 autocasts the network; the state stays fp32.
        batch_size: samples at a time; it changes speed and memory, not samples.
    """

    steps: int
    solver: Literal["euler", "heun"] = "euler"
    subsets: Literal["fixed", "bernoulli"] = "fixed"
    precision: Literal["fp32", "bf16"] = "fp32"
    batch_size: int = 256

    def __post_init__(self):
        check_positive(self, "steps", "batch_size")
