"""The kinds of query that settle a claim.

Each returns a verdict and the numbers that it rests on, in words. A cell is (run, method).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import pairwise

import pandas as pd

from bench.config.model import model_config
from bench.config.sampling import SamplingConfig
from bench.cost import guided_macs
from bench.guidance import build
from bench.metrics.table import METRICS
from bench.paper import FOLDER
from bench.report.evidence import Cell, NotRun
from bench.report.methods import display_name
from bench.report.reading import read_distances, read_gap, read_search
from bench.report.rows import Rows
from bench.report.statistics import Comparison, compare
from bench.report.units import GMACS, MacUnit, fitting_unit
from bench.report.verdicts import NOT_REPRODUCED, REPRODUCED, TIE, is_lower, worst
from bench.results import Results

DECIMALS = {name: metric.decimals for name, metric in METRICS.items()} | {"distance": 3}


def order(
    rows: Rows, results: Results, column: str, lower: Cell, than: list[Cell]
) -> tuple[str, str]:
    """One cell lies below each of others in a column; the worst of the verdicts counts."""
    mine = _blocks(rows, lower, column)
    others = [_blocks(rows, cell, column) for cell in than]
    found = [compare(mine, other, retrained=rows.retrained) for other in others]
    return worst(list(map(is_lower, found))), _differences(column, lower, mine, than, others, found)


def rising(rows: Rows, results: Results, column: str, cells: list[Cell]) -> tuple[str, str]:
    """Each cell lies above the one before; the worst of the verdicts counts."""
    verdicts = [order(rows, results, column, lower, [upper])[0] for lower, upper in pairwise(cells)]
    means = [_blocks(rows, cell, column).mean() for cell in cells]
    digits = Digits.of(column, means)
    return worst(verdicts), ", ".join(map(digits.value, means))


def not_lower(rows: Rows, results: Results, column: str, cell: Cell, than: Cell) -> tuple[str, str]:
    """One cell lies above another in a column."""
    mine, other = _blocks(rows, cell, column), _blocks(rows, than, column)
    found = compare(mine, other, retrained=rows.retrained)
    numbers = _differences(column, cell, mine, [than], [other], [found])
    return is_lower(compare(other, mine, retrained=rows.retrained)), numbers


def rising_optimum(rows: Rows, results: Results, search: Cell) -> tuple[str, str]:
    """The sum of both sparsities at the optimum never falls with omega, and is larger at the
    largest omega than at the smallest."""
    optima = _optima(results, search)
    gammas = optima["gamma_strong"] + optima["gamma_weak"]
    rises = gammas.is_monotonic_increasing and gammas.iloc[-1] > gammas.iloc[0]
    numbers = [
        f"omega {row.omega:g}: ({row.gamma_strong:g}, {row.gamma_weak:g})"
        for row in optima.itertuples()
    ]
    return REPRODUCED if rises else NOT_REPRODUCED, ", ".join(numbers)


def equal_optima(rows: Rows, results: Results, search: Cell, tolerance: float) -> tuple[str, str]:
    """The lowest FIDs of the omegas differ by no more than ``tolerance`` of the best."""
    fids = _optima(results, search)["fid"]
    spread = fids.max() / fids.min() - 1
    numbers = f"{', '.join(f'{fid:.2f}' for fid in fids)}; spread {100 * spread:.0f} %"
    return REPRODUCED if spread <= tolerance else NOT_REPRODUCED, numbers


def wider_region(
    rows: Rows, results: Results, wide: Cell, narrow: Cell, factor: float
) -> tuple[str, str]:
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


def flatter(rows: Rows, results: Results, flat: Cell, steep: Cell) -> tuple[str, str]:
    """Over their weak checkpoints, one cell's FID varies less (highest minus lowest) than
    another's."""
    variations = [_variation(rows, cell) for cell in (flat, steep)]
    found, digits = compare(*variations, retrained=rows.retrained), Digits("fid")
    numbers = ", ".join(
        f"{display_name(method)} varies by {digits.value(variation.mean())}"
        for (_, method), variation in zip((flat, steep), variations)
    )
    return is_lower(found), f"{numbers}; {digits.difference(found)}"


def closer(rows: Rows, results: Results, near: Cell, far: Cell) -> tuple[str, str]:
    """One cell's samples are closer to the unguided ones of the same seeds than another's."""
    means = [_distances(results, cell) for cell in (near, far)]
    found, digits = compare(*means, retrained=rows.retrained), Digits("distance")
    numbers = ", ".join(
        f"{display_name(method)} at {digits.value(mean.mean())}"
        for (_, method), mean in zip((near, far), means)
    )
    return is_lower(found), f"{numbers}; {digits.difference(found)}"


def gap_orders_gain(
    rows: Rows, results: Results, runs, gamma: float, method: str, against: str
) -> tuple[str, str]:
    """The run of two with the larger gap (the loss that left-out tokens add, relative to the
    loss that the null class adds) also gains more from one method than from another."""
    gaps = [_relative_gap(results, run, gamma) for run in runs]
    gains = [
        _blocks(rows, (run, method), "fid") / _blocks(rows, (run, against), "fid") for run in runs
    ]
    numbers = ", ".join(
        f"{run}: gap {gap:.2g} times that of the null class, FID {gain.mean():.2f} times that of "
        f"{display_name(against)}"
        for run, gap, gain in zip(runs, gaps, gains)
    )
    wide, narrow = (gains[0], gains[1]) if gaps[0] > gaps[1] else (gains[1], gains[0])
    return is_lower(compare(wide, narrow, retrained=rows.retrained)), numbers


def printed_macs(
    rows: Rows, results: Results, table: int, model, steps: int, guidance, tolerance: float
) -> tuple[str, str]:
    """The MACs that a table of the paper prints agree with a count of its model's."""
    printed = pd.read_csv(FOLDER / f"table{table}.csv").set_index("method")["linear_gmacs"]
    config = model_config(model)
    configs = {"main": config, "weak": config}
    numbers, agree = [], True
    for method, spec in guidance.items():
        macs = guided_macs(build(spec), configs, SamplingConfig(steps)).linear / 1e9
        agree &= abs(macs / printed[method] - 1) <= tolerance
        numbers.append(f"{display_name(method)} {macs:.2f} ({printed[method]:.2f})")
    return REPRODUCED if agree else NOT_REPRODUCED, ", ".join(numbers)


QUERIES: dict[str, Callable[..., tuple[str, str]]] = {
    query.__name__: query
    for query in (
        order,
        rising,
        not_lower,
        rising_optimum,
        equal_optima,
        wider_region,
        flatter,
        closer,
        gap_orders_gain,
        printed_macs,
    )
}


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

    def value(self, value: float) -> str:
        """A value and its unit."""
        return self._number(value) + (f" {self.unit.name}" if self.unit else "")

    def difference(self, found: Comparison) -> str:
        """A difference and its margin, without the unit."""
        return f"{self._number(found.difference, '+')} ± {self._number(found.margin)}"

    def _number(self, value, sign=""):
        if self.column in DECIMALS:
            return f"{value:{sign}.{DECIMALS[self.column]}f}"
        return f"{value * (self.unit or GMACS).per_gmac:{sign}.3g}"


def _differences(column, cell, mine, cells, others, found):
    """The mean of a cell, and its differences to other cells."""
    digits = Digits.of(column, [blocks.mean() for blocks in (mine, *others)])
    differences = ", ".join(
        f"{digits.difference(comparison)} to {_relative_name(other, cell)}"
        for other, comparison in zip(cells, found)
    )
    return f"{display_name(cell[1])} at {digits.value(mine.mean())}; {differences}"


def _name(cell):
    run, method = cell
    return f"{display_name(method)} on {run}"


def _relative_name(cell, beside):
    """The name of a cell; its run is left out where it is that of another cell."""
    return display_name(cell[1]) if cell[0] == beside[0] else _name(cell)


def _blocks(rows, cell, column):
    blocks = rows.blocks(*cell, column)
    if blocks.empty:
        raise NotRun(_name(cell))
    return blocks


def _search(results, cell):
    path = results.search(*cell)
    if not path.exists():
        raise NotRun(f"the search of {_name(cell)}")
    return read_search(path)


def _optima(results, cell):
    """The best candidate of each omega, by omega."""
    search = _search(results, cell)
    return search.loc[search.groupby("omega")["fid"].idxmin()].sort_values("omega")


def _variation(rows, cell):
    """Highest minus lowest FID over a cell's weak checkpoints, by seed."""
    run, method = cell
    sweep = rows.sweep(run, method)
    sweep = sweep[sweep["run"] == run]
    if sweep["weak_checkpoint_step"].nunique() < 2:
        raise NotRun(f"{_name(cell)} with several weak checkpoints")
    fids = sweep.groupby("seed")["fid"]
    return fids.max() - fids.min()


def _distances(results, cell):
    """The mean distance of a cell's samples, by seed."""
    path = results.distances(*cell)
    if not path.exists():
        raise NotRun(f"the distance of {_name(cell)}")
    return read_distances(path).groupby("seed")["distance"].mean()


def _relative_gap(results, run, gamma):
    """The loss that left-out tokens add to the trained model's, relative to the loss that the null
    class adds."""
    if not results.gap(run).exists():
        raise NotRun(f"the capacity gap of {run}")
    gap = read_gap(results.gap(run))
    losses = gap[gap["step"] == gap["step"].max()].groupby(["condition", "gamma"])["loss"].mean()
    whole = losses["given", 0.0]
    return (losses["given", gamma] - whole) / (losses["null", 0.0] - whole)
