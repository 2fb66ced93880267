"""How samples are drawn."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from bench.parsing import check_positive
from bench.sampling.ode import SOLVERS


@dataclass(frozen=True)
class SamplingConfig:
    """Uniform steps from noise (t = 0) to data (t = 1).

    Attributes:
        steps: of the solver.
        solver: euler (the paper's) or heun.
        subsets: ``fixed`` keeps tokens - int(tokens gamma) per sample (the official code's),
            ``bernoulli`` each token with probability 1 - gamma (the paper's formula).
        dtype: bf16 autocasts the network; the state stays fp32.
        label_mode: ``random`` draws each sample's class, ``balanced`` gives sample i class
            i mod num_classes.
        guided_channels: the first so many channels are guided, the others are those of the first
            branch; None guides all (3 is what SiT's official sampler does with 4).
        uint8_rule: from -1..1 to pixels: ``round(127.5 x + 127.5)``, or ``truncate(127.5 x +
            128)``, the official SiT and DiT codes'.
        batch_size: samples at a time; it changes speed and memory, not samples.
    """

    steps: int
    solver: Literal["euler", "heun"] = "euler"
    subsets: Literal["fixed", "bernoulli"] = "fixed"
    dtype: Literal["fp32", "bf16"] = "fp32"
    label_mode: Literal["random", "balanced"] = "random"
    guided_channels: int | None = None
    uint8_rule: Literal["round", "truncate"] = "round"
    batch_size: int = 256

    def __post_init__(self):
        check_positive(self, "steps", "batch_size")
        if self.guided_channels is not None:
            check_positive(self, "guided_channels")

    @property
    def evaluations(self) -> list[tuple[int, float]]:
        """The step, from 0, and the time of every evaluation that the solver makes."""
        return SOLVERS[self.solver].evaluations(self.steps)
