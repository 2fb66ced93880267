"""The effects that the paper's own numbers show, beside those that claims find."""

from __future__ import annotations

from functools import cache

import pandas as pd

from bench.paper import FOLDER


def paper_difference(csv: str, column: str, first: str, second: str, of: str = "last") -> float:
    """The difference between two rows of the paper, in per cent of the second.

    Args:
        csv: the file of the table or figure in bench/paper/.
        column: the column that is compared.
        first, second: the rows, by the file's first column.
        of: the number that stands for several rows of one name: the "last" one (the longest
            training), or their "range" (highest minus lowest).
    """
    table = _read(csv)
    values = table.groupby(table.columns[0])[column]
    numbers = values.last() if of == "last" else values.max() - values.min()
    return float(100 * (numbers[first] / numbers[second] - 1))


@cache
def _read(csv):
    return pd.read_csv(FOLDER / f"{csv}.csv")
