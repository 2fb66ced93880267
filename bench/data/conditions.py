"""Conditions: what samples are asked for, as batches that nothing but the model looks into."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol, Self

import torch
from torch import Generator, Tensor


class Conditions(Protocol):
    """A batch of B conditions, one per sample."""

    def __len__(self) -> int: ...

    def __getitem__(self, part: slice | Sequence[int]) -> Self:
        """The conditions of some of the samples."""

    def to(self, device: torch.device | str, non_blocking: bool = False) -> Self:
        """The same conditions on a device."""

    def where(self, mask: Tensor, other: Self) -> Self:
        """These conditions where ``mask``, bool [B], is true, and ``other``'s elsewhere."""

    @classmethod
    def concatenate(cls, parts: Sequence[Self]) -> Self:
        """The conditions of several batches as one batch."""

    @property
    def tensors(self) -> Mapping[str, Tensor]:
        """Named tensors [B, ...] that a file of samples records."""


class ConditionSource(Protocol):
    """The conditions of a block of samples. Every sample has random streams of its own."""

    def given(self, indices: Sequence[int], streams: Sequence[Generator]) -> Conditions:
        """The conditions that the samples ``indices`` of a block are asked for."""

    def random(self, streams: Sequence[Generator]) -> Conditions:
        """An independent draw for each sample, from its stream."""


@dataclass(frozen=True)
class Labels:
    """Class labels as `Conditions`: ``values``, int64 [B]; the number of classes stands for no
    class."""

    values: Tensor

    def __len__(self) -> int:
        return len(self.values)

    def __getitem__(self, part: slice | Sequence[int]) -> Labels:
        return Labels(self.values[part])

    def to(self, device: torch.device | str, non_blocking: bool = False) -> Labels:
        return Labels(self.values.to(device, non_blocking=non_blocking))

    def where(self, mask: Tensor, other: Labels) -> Labels:
        return Labels(torch.where(mask, self.values, other.values))

    @classmethod
    def concatenate(cls, parts: Sequence[Labels]) -> Labels:
        return cls(torch.cat([part.values for part in parts]))

    @property
    def tensors(self) -> Mapping[str, Tensor]:
        return {"labels": self.values}


@dataclass(frozen=True)
class LabelSource:
    """Class labels as a `ConditionSource`.

    Attributes:
        num_classes: the labels are 0 to num_classes - 1.
        mode: ``random`` draws each sample's class uniformly; ``balanced`` gives sample i the
            class i mod num_classes.
    """

    num_classes: int
    mode: Literal["random", "balanced"] = "random"

    def given(self, indices: Sequence[int], streams: Sequence[Generator]) -> Labels:
        if self.mode == "random":
            return self.random(streams)
        return Labels(torch.tensor(indices) % self.num_classes)

    def random(self, streams: Sequence[Generator]) -> Labels:
        drawn = [torch.randint(self.num_classes, (), generator=stream) for stream in streams]
        return Labels(torch.stack(drawn))


def concatenate(parts: Sequence[Conditions]) -> Conditions:
    """The conditions of several batches of one kind as one batch."""
    return type(parts[0]).concatenate(parts)
