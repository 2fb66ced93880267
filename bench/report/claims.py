"""The paper's claims, settled by our rows and searches."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pandas as pd
import yaml

from bench.paper import FOLDER
from bench.report.rows import Rows
from bench.report.searches import read_search
from bench.report.statistics import compare

REPRODUCED, NOT_REPRODUCED, TIE, NOT_RUN = "reproduced", "not reproduced", "tie", "not run"
DECIMALS = {"fid": 2, "recall": 3}


class NotRun(Exception):
    """A claim's cells are not part of this scale."""


def settle(results: Path, place: str | None = None) -> pd.DataFrame:
    """A line per claim, of one ``place`` in the paper or of all: id, place, claim, verdict, and
    the numbers behind it."""
    rows = Rows(results)
    lines = []
    for entry in yaml.safe_load((FOLDER / "claims.yaml").read_text(encoding="utf-8")):
        if place not in (None, entry["place"]):
            continue
        about = {key: entry.pop(key) for key in ("id", "place", "claim")}
        ((kind, query),) = entry.items()
        try:
            verdict, numbers = QUERIES[kind](rows, results, **query)
        except NotRun as missing:
            verdict, numbers = NOT_RUN, f"{missing} is not in this scale"
        lines.append({**about, "verdict": verdict, "numbers": numbers})
    return pd.DataFrame(lines)


def order(rows: Rows, results: Path, column: str, lower, than) -> tuple[str, str]:
    """One cell lies below each of others in a column; the worst of the verdicts counts."""
    mine = _blocks(rows, lower, column)
    verdicts, numbers = [], []
    for cell in than:
        other = _blocks(rows, cell, column)
        found = compare(mine, other)
        below = REPRODUCED if found.difference < 0 else NOT_REPRODUCED
        verdicts.append(TIE if found.tie else below)
        numbers.append(f"{_difference(found, column)} to {cell[1]}")
    return _worst(verdicts), f"{lower[1]} at {_number(mine.mean(), column)}; " + ", ".join(numbers)


def rising(rows: Rows, results: Path, column: str, cells) -> tuple[str, str]:
    """Each cell lies above the one before; the worst of the verdicts counts."""
    verdicts = [order(rows, results, column, lower, [upper])[0] for lower, upper in pairwise(cells)]
    means = [_number(_blocks(rows, cell, column).mean(), column) for cell in cells]
    return _worst(verdicts), ", ".join(means)


def not_lower(rows: Rows, results: Path, column: str, cell, than) -> tuple[str, str]:
    """One cell does not lie below another: it lies above."""
    mine, other = _blocks(rows, cell, column), _blocks(rows, than, column)
    found = compare(mine, other)
    above = REPRODUCED if found.difference > 0 else NOT_REPRODUCED
    verdict = TIE if found.tie else above
    return verdict, f"{cell[1]} at {_number(mine.mean(), column)}; {_difference(found, column)}" + (
        f" to {than[1]}"
    )


def rising_optimum(rows: Rows, results: Path, search) -> tuple[str, str]:
    """The sum of both sparsities at the optimum never falls with omega, and ends above its
    start."""
    optima = _optima(results, search)
    gammas = optima["gamma_strong"] + optima["gamma_weak"]
    rises = gammas.is_monotonic_increasing and gammas.iloc[-1] > gammas.iloc[0]
    numbers = [
        f"omega {row.omega:g}: ({row.gamma_strong:g}, {row.gamma_weak:g})"
        for row in optima.itertuples()
    ]
    return REPRODUCED if rises else NOT_REPRODUCED, ", ".join(numbers)


def equal_optima(rows: Rows, results: Path, search, tolerance: float) -> tuple[str, str]:
    """The lowest FIDs of the omegas differ by no more than ``tolerance`` of the best."""
    fids = _optima(results, search)["fid"]
    spread = fids.max() / fids.min() - 1
    numbers = f"{', '.join(f'{fid:.2f}' for fid in fids)}; spread {100 * spread:.0f} %"
    return REPRODUCED if spread <= tolerance else NOT_REPRODUCED, numbers


def wider_region(rows: Rows, results: Path, wide, narrow, factor: float) -> tuple[str, str]:
    """More of the grid lies within ``factor`` of the best in one search than in another."""
    keys = ["omega", "gamma_strong", "gamma_weak"]
    searches = [_search(results, cell)[[*keys, "fid"]] for cell in (wide, narrow)]
    common = searches[0].merge(searches[1], on=keys, suffixes=("_wide", "_narrow"))
    shares = [
        float((common[column] <= factor * common[column].min()).mean())
        for column in ("fid_wide", "fid_narrow")
    ]
    numbers = f"{100 * shares[0]:.0f} % against {100 * shares[1]:.0f} % of {len(common)} points"
    if shares[0] == shares[1]:
        return TIE, numbers
    return REPRODUCED if shares[0] > shares[1] else NOT_REPRODUCED, numbers


QUERIES: dict[str, Callable[..., tuple[str, str]]] = {
    query.__name__: query
    for query in (order, rising, not_lower, rising_optimum, equal_optima, wider_region)
}


def _worst(verdicts):
    return next(v for v in (NOT_REPRODUCED, TIE, REPRODUCED) if v in verdicts)


def _blocks(rows, cell, column):
    blocks = rows.blocks(*cell, column)
    if blocks.empty:
        raise NotRun("/".join(cell))
    return blocks


def _search(results, cell):
    run, method = cell
    if not (results / "tuning" / run / f"{method}.csv").exists():
        raise NotRun("/".join(cell))
    return read_search(results, run, method)


def _optima(results, cell):
    """The best candidate of each omega, by omega."""
    search = _search(results, cell)
    return search.loc[search.groupby("omega")["fid"].idxmin()].sort_values("omega")


def _difference(found, column):
    return f"{_number(found.difference, column, '+')} ± {_number(found.margin, column)}"


def _number(value, column, sign=""):
    """As many digits as the column is known to; MACs, which differ by scale, three significant."""
    return f"{value:{sign}.{DECIMALS[column]}f}" if column in DECIMALS else f"{value:{sign}.3g}"
