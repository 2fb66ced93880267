"""Measurements and their differences in words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import pandas as pd

from bench.metrics.table import METRICS
from bench.report.evidence import Cell
from bench.report.measurements import cell_name
from bench.report.methods import display_name
from bench.report.statistics import Comparison
from bench.report.units import GMACS, MacUnit, fitting_unit

DECIMALS = {name: metric.decimals for name, metric in METRICS.items()} | {"distance": 3}


@dataclass(frozen=True)
class Digits:
    """The digits in which a column's values are written.

    Attributes:
        column: a key of `DECIMALS`; any other has three significant digits.
        unit: of MACs, which differ by scale.
    """

    column: str
    unit: MacUnit | None = None

    @classmethod
    def of(cls, column: str, values: Iterable[float]) -> Digits:
        """The digits that fit all of ``values``."""
        return cls(column, fitting_unit(values) if column.endswith("gmacs") else None)

    def value(self, value: float, sign: str = "") -> str:
        """A value and its unit."""
        return self._number(value, sign) + (f" {self.unit.name}" if self.unit else "")

    def difference(self, found: Comparison) -> str:
        """A difference and its margin, without the unit."""
        return f"{self._number(found.difference, '+')} ± {self._number(found.margin)}"

    def _number(self, value, sign=""):
        if self.column in DECIMALS:
            return f"{value:{sign}.{DECIMALS[self.column]}f}"
        return f"{value * (self.unit or GMACS).per_gmac:{sign}.3g}"


def differences(
    column: str,
    cell: Cell,
    mine: pd.Series,
    others: Sequence[Cell],
    found: Sequence[Comparison],
) -> str:
    """The mean of a cell, and its differences to other cells."""
    digits = Digits(column)
    text = ", ".join(
        f"{digits.difference(comparison)} to {relative_name(other, cell)}"
        for other, comparison in zip(others, found)
    )
    return f"{display_name(cell[1])} at {digits.value(mine.mean())}; {text}"


def relative_name(cell: Cell, beside: Cell) -> str:
    """The name of a cell; its run is left out where it is that of another cell."""
    return display_name(cell[1]) if cell[0] == beside[0] else cell_name(cell)
