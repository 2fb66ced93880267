"""Prompts as conditions, and where a block of samples takes them from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Protocol

import torch
from torch import Generator, Tensor

# The row of the empty prompt, which stands for no prompt.
NO_ROW = -1


@dataclass(frozen=True)
class Prompts:
    """Prompts as `Conditions`, as a text encoder gives them.

    Attributes:
        states: one for each token, bfloat16 [B, L, D].
        mask: bool [B, L], true where a state is no padding.
        rows: of the prompts in the set that they are taken from, int64 [B].
    """

    states: Tensor
    mask: Tensor
    rows: Tensor

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, part: slice | Sequence[int]) -> Prompts:
        return self._each(lambda tensor: tensor[part])

    def to(self, device: torch.device | str, non_blocking: bool = False) -> Prompts:
        return self._each(lambda tensor: tensor.to(device, non_blocking=non_blocking))

    def where(self, mask: Tensor, other: Prompts) -> Prompts:
        chosen = (
            torch.where(mask.view(-1, *[1] * (mine.ndim - 1)), mine, theirs)
            for mine, theirs in zip(self._tensors, other._tensors)
        )
        return Prompts(*chosen)

    @classmethod
    def concatenate(cls, parts: Sequence[Prompts]) -> Prompts:
        return cls(*map(torch.cat, zip(*(part._tensors for part in parts))))

    @property
    def tensors(self) -> Mapping[str, Tensor]:
        """The rows alone: the states are as large as the images."""
        return {"prompts": self.rows}

    @property
    def _tensors(self):
        return [getattr(self, field.name) for field in fields(self)]

    def _each(self, change):
        return Prompts(*map(change, self._tensors))


class PromptSet(Protocol):
    """Prompts by row."""

    def __len__(self) -> int: ...

    def __getitem__(self, rows: Tensor) -> Prompts:
        """The prompts of the rows, int64 [B]."""


@dataclass(frozen=True)
class PromptSource:
    """A set of P prompts as a `ConditionSource`; sample i has the prompt i mod P."""

    prompts: PromptSet

    def given(self, indices: Sequence[int], streams: Sequence[Generator]) -> Prompts:
        return self.prompts[torch.tensor(indices) % len(self.prompts)]

    def random(self, streams: Sequence[Generator]) -> Prompts:
        count = len(self.prompts)
        drawn = [torch.randint(count, (), generator=stream) for stream in streams]
        return self.prompts[torch.stack(drawn)]
