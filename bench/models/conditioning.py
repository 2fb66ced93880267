"""What the blocks of a network are given beside their tokens, as batches of rows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields

import torch
from torch import Tensor


@dataclass(frozen=True)
class PromptConditioning:
    """The conditioning of a text-to-image model's blocks, for B samples.

    Attributes:
        modulation: of the time; for a TR-DiT [B, parts, D], for a PRX, whose blocks make their own
            of it, a vector [B, D].
        text: the states of the prompt behind the trainable layers, [B, L, D].
        mask: bool [B, L], true where a state is no padding.
        rotation: the turns of the T tokens that are processed, [B, T, head width / 2, ...]: cosine
            and sine of each angle, or, for a PRX, its 2 x 2 matrix.
    """

    modulation: Tensor
    text: Tensor
    mask: Tensor
    rotation: Tensor

    def __getitem__(self, part: slice | Sequence[int]) -> PromptConditioning:
        """The conditioning of some of the samples."""
        return self._each(lambda tensor: tensor[part])

    def split(self, size: int) -> list[PromptConditioning]:
        """Parts of ``size`` samples each."""
        return [self[start : start + size] for start in range(0, len(self.mask), size)]

    @classmethod
    def concatenate(cls, parts: Sequence[PromptConditioning]) -> PromptConditioning:
        return cls(
            *(torch.cat([getattr(part, each.name) for part in parts]) for each in fields(cls))
        )

    def _each(self, change: Callable[[Tensor], Tensor]) -> PromptConditioning:
        return type(self)(*(change(getattr(self, each.name)) for each in fields(self)))


# Of a SiT, one vector for each sample: [B, D].
Conditioning = Tensor | PromptConditioning


def concatenate(parts: Sequence[Conditioning]) -> Conditioning:
    """The conditioning of several batches as that of one batch."""
    if isinstance(parts[0], Tensor):
        return torch.cat(list(parts))
    return PromptConditioning.concatenate(parts)
