"""The kinds of query that settle a claim: each gives a verdict and the numbers behind it."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pandas as pd

from bench.config.model import model_config
from bench.cost import guided_macs
from bench.guidance import build
from bench.metrics.table import METRICS
from bench.paper import FOLDER
from bench.report.distances import read_distances
from bench.report.gaps import read_gap
from bench.report.rows import Rows
from bench.report.searches import read_search
from bench.report.statistics import compare
from bench.report.verdicts import NOT_REPRODUCED, REPRODUCED, TIE, NotRun, is_lower, worst

DECIMALS = {name: metric.decimals for name, metric in METRICS.items()} | {"distance": 3}


def order(rows: Rows, results: Path, column: str, lower, than) -> tuple[str, str]:
    """One cell lies below each of others in a column; the worst of the verdicts counts."""
    mine = _blocks(rows, lower, column)
    verdicts, numbers = [], []
    for cell in than:
        other = _blocks(rows, cell, column)
        found = compare(mine, other)
        verdicts.append(is_lower(found))
        name = cell[1] if cell[0] == lower[0] else f"{cell[1]} on {cell[0]}"
        numbers.append(f"{_difference(found, column)} to {name}")
    return worst(verdicts), f"{lower[1]} at {_number(mine.mean(), column)}; " + ", ".join(numbers)


def rising(rows: Rows, results: Path, column: str, cells) -> tuple[str, str]:
    """Each cell lies above the one before; the worst of the verdicts counts."""
    verdicts = [order(rows, results, column, lower, [upper])[0] for lower, upper in pairwise(cells)]
    means = [_number(_blocks(rows, cell, column).mean(), column) for cell in cells]
    return worst(verdicts), ", ".join(means)


def not_lower(rows: Rows, results: Path, column: str, cell, than) -> tuple[str, str]:
    """One cell does not lie below another: it lies above."""
    mine, other = _blocks(rows, cell, column), _blocks(rows, than, column)
    found = compare(mine, other)
    difference = f"{_difference(found, column)} to {than[1]}"
    numbers = f"{cell[1]} at {_number(mine.mean(), column)}; {difference}"
    return is_lower(compare(other, mine)), numbers


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


def flatter(rows: Rows, results: Path, flat, steep) -> tuple[str, str]:
    """Over their weak checkpoints, one cell's FID varies less (highest minus lowest) than
    another's."""
    found = compare(_variation(rows, flat), _variation(rows, steep))
    numbers = ", ".join(
        f"{cell[1]} varies by {_number(_variation(rows, cell).mean(), 'fid')}"
        for cell in (flat, steep)
    )
    return is_lower(found), f"{numbers}; {_difference(found, 'fid')}"


def closer(rows: Rows, results: Path, near, far) -> tuple[str, str]:
    """One cell's samples are closer to the unguided ones of the same seeds than another's."""
    means = [_distances(results, cell) for cell in (near, far)]
    found = compare(*means)
    numbers = ", ".join(
        f"{cell[1]} at {_number(mean.mean(), 'distance')}" for cell, mean in zip((near, far), means)
    )
    return is_lower(found), f"{numbers}; {_difference(found, 'distance')}"


def gap_orders_gain(
    rows: Rows, results: Path, runs, gamma: float, method: str, against: str
) -> tuple[str, str]:
    """The run that sparsity weakens more than the null class does, compared to the other run,
    also gains more from one method than from another."""
    gaps = [_relative_gap(results, run, gamma) for run in runs]
    gains = [
        _blocks(rows, (run, method), "fid") / _blocks(rows, (run, against), "fid") for run in runs
    ]
    numbers = ", ".join(
        f"{run}: gap {gap:.2g} times the null class's, FID {gain.mean():.2f} times {against}'s"
        for run, gap, gain in zip(runs, gaps, gains)
    )
    wide, narrow = (gains[0], gains[1]) if gaps[0] > gaps[1] else (gains[1], gains[0])
    return is_lower(compare(wide, narrow)), numbers


def printed_macs(
    rows: Rows, results: Path, table: int, model, steps: int, guidance, tolerance: float
) -> tuple[str, str]:
    """The MACs that a table of the paper prints are those of its model, counted."""
    printed = pd.read_csv(FOLDER / f"table{table}.csv").set_index("method")["linear_gmacs"]
    config = model_config(model)
    numbers, agree = [], True
    for method, spec in guidance.items():
        macs = guided_macs(build(spec), {"main": config, "weak": config}, steps).linear / 1e9
        agree &= abs(macs / printed[method] - 1) <= tolerance
        numbers.append(f"{method} {macs:.2f} ({printed[method]:.2f})")
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


def _variation(rows, cell):
    """Highest minus lowest FID over a cell's weak checkpoints, by seed."""
    run, method = cell
    sweep = rows.sweep(run, method)
    sweep = sweep[sweep["run"] == run]
    if sweep["weak_checkpoint_step"].nunique() < 2:
        raise NotRun(f"{run}/{method} with several weak checkpoints")
    fids = sweep.groupby("seed")["fid"]
    return fids.max() - fids.min()


def _distances(results, cell):
    """A cell's mean distance, by seed."""
    run, method = cell
    if not (results / "distances" / run / f"{method}.csv").exists():
        raise NotRun(f"the distance of {run}/{method}")
    return read_distances(results, run, method).groupby("seed")["distance"].mean()


def _relative_gap(results, run, gamma):
    """What leaving tokens out adds to the trained model's loss, relative to what the null class
    adds."""
    if not (results / "gap" / f"{run}.csv").exists():
        raise NotRun(f"the capacity gap of {run}")
    gap = read_gap(results / "gap" / f"{run}.csv")
    losses = gap[gap["step"] == gap["step"].max()].groupby(["condition", "gamma"])["loss"].mean()
    whole = losses["given", 0.0]
    return (losses["given", gamma] - whole) / (losses["null", 0.0] - whole)


def _difference(found, column):
    return f"{_number(found.difference, column, '+')} ± {_number(found.margin, column)}"


def _number(value, column, sign=""):
    """As many digits as the column is known to; MACs, which differ by scale, three significant."""
    return f"{value:{sign}.{DECIMALS[column]}f}" if column in DECIMALS else f"{value:{sign}.3g}"
