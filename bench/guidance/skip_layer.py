"""Skip-layer guidance: the same network without some of its blocks as the weak branch."""

from __future__ import annotations

from dataclasses import dataclass

from bench.errors import BadInput
from bench.guidance.base import Branch, Guidance, extrapolate
from bench.guidance.ranges import check_omega
from bench.guidance.registry import register
from bench.perturbation import Perturbation


@dataclass(frozen=True)
class SkippedBlocks(Perturbation):
    """Residual blocks that are left out: their tokens pass unchanged, at no cost."""

    blocks: tuple[int, ...]

    def apply(self, block, tokens, conditioning):
        return tokens

    def macs(self, block_macs):
        return 0 * block_macs


@register("skip_layer_guidance")
@dataclass(frozen=True)
class SkipLayerGuidance(Guidance):
    """v = omega v(c) + (1 - omega) v(c; blocks skipped). Velocity. arXiv 2411.18664.

    The paper writes its equation for the noise prediction with a weight w = omega - 1, and calls
    skipping the whole residual block STG-R. ``blocks`` are 0-based.
    """

    omega: float
    blocks: tuple[int, ...]

    def __post_init__(self):
        check_omega(self.omega)
        if not self.blocks or min(self.blocks) < 0 or len(set(self.blocks)) < len(self.blocks):
            raise BadInput(
                f"blocks: {list(self.blocks)} are not one or more different numbers from 0 on"
            )

    def branches(self, step):
        return Branch("full"), Branch("skipped", perturbation=SkippedBlocks(self.blocks))

    def combine(self, predictions, step):
        return extrapolate(self.omega, predictions["full"], predictions["skipped"])
