"""Ways to sample that differ in speed."""

from __future__ import annotations

import dataclasses
import itertools
import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from bench.config.model import Architecture

OMEGA = 1.5
METHODS = ("unguided", "cfg", "autoguidance")
# (gamma_strong, gamma_weak) of Sparse Guidance: the paper's, and others from dear to cheap.
PAPER = (0.5, 0.9)
SWEEP = ((0.0, 0.5), (0.0, 0.9), (0.25, 0.9), (0.75, 0.9))


def sparsity_grid(spacing: float) -> tuple[tuple[float, float], ...]:
    """All pairs gamma_strong < gamma_weak of the multiples of ``spacing`` below 1."""
    gammas = [round(i * spacing, 9) for i in range(math.ceil(round(1 / spacing, 9)))]
    return tuple(itertools.combinations(gammas, 2))


@dataclass(frozen=True)
class Variant:
    """A way to sample.

    Attributes:
        gammas: gamma_strong and gamma_weak of Sparse Guidance, None for other methods.
        loop: the sampler, or the plain loop of bench/sampling/plain.py.
        batch: samples at a time.
        dtype: of the networks, as in `SamplingConfig`.
        compiled: the networks' blocks are compiled.
    """

    method: str
    gammas: tuple[float, float] | None
    loop: Literal["sampler", "plain"]
    batch: int
    dtype: str
    compiled: bool

    @property
    def spec(self) -> dict:
        """The guidance spec."""
        spec = {"method": self.method}
        if self.method != "unguided":
            spec["omega"] = OMEGA
        if self.gammas:
            spec["gamma_strong"], spec["gamma_weak"] = self.gammas
        return spec

    @property
    def cfg(self) -> Variant:
        """CFG, sampled in the same way."""
        return dataclasses.replace(self, method="cfg", gammas=None)

    @property
    def plain(self) -> Variant:
        """The same method in the plain loop."""
        return dataclasses.replace(self, loop="plain", dtype="fp32", compiled=False)


@dataclass(frozen=True)
class Choice:
    """The variants that are measured.

    Attributes:
        batches, dtypes: each with each.
        compiled: compiled networks, too.
        gammas: pairs (gamma_strong, gamma_weak) that the sampler is timed at beside the paper's.
    """

    batches: tuple[int, ...]
    dtypes: tuple[str, ...] = ("fp32",)
    compiled: bool = False
    gammas: tuple[tuple[float, float], ...] = ()

    def variants(self, config: Architecture) -> Iterator[Variant]:
        """The variants of a network; Sparse Guidance is among them if it can drop tokens."""
        methods = [(method, None) for method in METHODS]
        further = []
        if config.can_drop_tokens:
            methods.append(("sparse_guidance", PAPER))
            further = [("sparse_guidance", gammas) for gammas in self.gammas if gammas != PAPER]
        modes = (False, True) if self.compiled else (False,)
        for batch in self.batches:
            for method in methods:
                yield Variant(*method, "plain", batch, "fp32", False)
            for dtype, compiled in itertools.product(self.dtypes, modes):
                for method in methods + further:
                    yield Variant(*method, "sampler", batch, dtype, compiled)
