"""A number of multiply-accumulates."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Macs:
    """MACs for one sample, of linear layers and of attention's two products."""

    linear: float = 0
    attention: float = 0

    @property
    def total(self) -> float:
        return self.linear + self.attention

    def __add__(self, other: Macs) -> Macs:
        return Macs(self.linear + other.linear, self.attention + other.attention)

    def __mul__(self, factor: float) -> Macs:
        return Macs(self.linear * factor, self.attention * factor)

    __rmul__ = __mul__
