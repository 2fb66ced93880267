"""A change to a network during one evaluation: guidance declares it, the walk over the blocks
applies it, and the cost model counts it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor, nn

    from bench.cost import Macs


class Perturbation:
    """The base of perturbations; each is a frozen dataclass.

    Attributes:
        blocks: the blocks that it takes the place of, 0-based in the order of the network's spans.
    """

    blocks: tuple[int, ...]

    def apply(self, block: nn.Module, tokens: Tensor, conditioning: Tensor) -> Tensor:
        """The tokens [B, T, D] behind a block, from those in front of it, [B, T, D]."""
        raise NotImplementedError

    def macs(self, block_macs: Macs) -> Macs:
        """The multiply-accumulates of `apply`, from those of the block itself."""
        raise NotImplementedError
