"""Settings of the sampler, and the options of the command line that they are given by."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Literal

from bench.errors import BadInput
from bench.parsing import check_positive
from bench.sampling.ode import SOLVERS
from bench.sampling.time_shift import shifted

# No sampler needs as many, and costs are counted step by step.
MOST_STEPS = 10_000


def _setting(description: str, default=dataclasses.MISSING):
    return dataclasses.field(default=default, metadata={"help": description})


@dataclass(frozen=True)
class SamplingConfig:
    """Steps of a solver from noise (t = 0) to data (t = 1), uniform ones unless they are shifted.

    The description of each field is also the help text of its option (`flag_of`).
    """

    steps: int = _setting("steps of the solver")
    time_shift: float | None = _setting(
        "above 1, steps are shorter near the noise than near the data; it is the shift that "
        "published models state for their scheduler. Uniform steps by default",
        None,
    )
    solver: Literal[tuple(SOLVERS)] = _setting("ODE solver; the paper's is euler", "euler")
    subsets: Literal["fixed", "bernoulli"] = _setting(
        "fixed keeps tokens - int(tokens gamma) tokens of each sample, as the official code does; "
        "bernoulli keeps each token with probability 1 - gamma, as the paper's formula says",
        "fixed",
    )
    dtype: Literal["fp32", "bf16"] = _setting(
        "bf16 autocasts the network; the state stays in fp32", "fp32"
    )
    label_mode: Literal["random", "balanced"] = _setting(
        "random draws the class of each sample; balanced gives sample i the class i mod "
        "num_classes",
        "random",
    )
    guided_channels: int | None = _setting(
        "number of leading channels that are guided; the others follow the first branch alone. "
        "All by default; SiT's official sampler guides 3 of 4",
        None,
    )
    uint8_rule: Literal["round", "truncate"] = _setting(
        "conversion of -1..1 to pixels: round(127.5 x + 127.5), or truncate(127.5 x + 128) as in "
        "the official SiT and DiT codes",
        "round",
    )
    batch_size: int = _setting("samples at a time; affects speed and memory only", 256)

    def __post_init__(self):
        check_positive(self, "steps", "batch_size")
        if self.steps > MOST_STEPS:
            raise BadInput(f"steps: {self.steps:,} are more than {MOST_STEPS:,}")
        if self.guided_channels is not None:
            check_positive(self, "guided_channels")
        if self.time_shift is not None:
            check_positive(self, "time_shift")

    @property
    def evaluations(self) -> list[tuple[int, float]]:
        """The step, from 0, and the time of every evaluation that the solver makes."""
        found = SOLVERS[self.solver].evaluations(self.steps)
        if self.time_shift is None:
            return found
        return [(index, shifted(position, self.time_shift)) for index, position in found]


def flag_of(name: str) -> str:
    """The option of ``python -m bench sample`` that sets the field ``name``."""
    return f"--{name.replace('_', '-')}"


def to_flags(sampling: SamplingConfig) -> list[str]:
    """The command-line options that give these settings; a field that is None has no option."""
    return [
        text
        for name, value in vars(sampling).items()
        if value is not None
        for text in (flag_of(name), str(value))
    ]
