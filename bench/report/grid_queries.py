"""Queries over grids that settle a claim, with the noise of a point.

Each point of a grid is measured once, and the best of many is the luckiest of them, too. Every
query draws the whole grid anew `DRAWS` times: each FID is multiplied by exp(s z) with its own
standard normal z, where s is the noise of a point (`Measurements.point_noise`), itself drawn from
its scaled inverse chi-squared distribution, as it is known from few replicates. The query's
quantity is computed in every draw, and its 95 % interval is that of the draws' percentiles.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from bench.report.evidence import Cell, NotRun
from bench.report.measurements import Measurements, cell_name
from bench.report.statistics import CONFIDENCE
from bench.report.verdicts import NOT_REPRODUCED, REPRODUCED, TIE, Finding, is_above

DRAWS = 2000
SPARSITIES = ["gamma_strong", "gamma_weak"]


def rising_optimum(measured: Measurements, grid: Cell) -> Finding:
    """The sum of both sparsities at the optimum rises with omega: the slope of a straight line
    through the optima of the omegas lies above zero."""
    table = _by_omega(measured, grid)
    sums, omegas = table.columns.to_frame().sum(axis=1).to_numpy(), table.index.to_numpy()

    def slope(fids):
        # Rounded, so that a flat line has the slope 0 and not 1e-16.
        return np.polyfit(omegas, sums[fids.argmin(-1)].T, 1)[0].round(9)

    interval = _interval(slope(_draws(measured, grid, table.to_numpy())))
    optima = zip(omegas, table.idxmin(axis=1))
    numbers = ", ".join(f"omega {omega:g}: ({s:g}, {w:g})" for omega, (s, w) in optima)
    rise = f"rise by unit of omega {slope(table.to_numpy()):+.2f} ({_text(interval, '+.2f')})"
    return Finding(is_above(interval), f"{numbers}; {rise}", runs=grid[:1])


def equal_optima(measured: Measurements, grid: Cell, tolerance: float) -> Finding:
    """The lowest FIDs of the omegas differ by no more than ``tolerance`` of the best.

    The effect is the excess of the omega with the highest optimum over the one with the lowest, in
    per cent; both omegas are kept in the draws, as the largest of several differences would be
    biased.
    """
    table = _by_omega(measured, grid)
    optima = table.min(axis=1).to_numpy()
    ends = optima.argsort()[[-1, 0]]

    def excess(fids):
        highest, lowest = np.moveaxis(fids.min(-1)[..., ends], -1, 0)
        return 100 * (highest / lowest - 1)

    interval = _interval(excess(_draws(measured, grid, table.to_numpy())))
    spread = float(excess(table.to_numpy()))
    numbers = f"{', '.join(f'{fid:.2f}' for fid in optima)}; spread {spread:.0f} %"
    above = is_above(interval, 100 * tolerance)
    return Finding(
        {REPRODUCED: NOT_REPRODUCED, NOT_REPRODUCED: REPRODUCED, TIE: TIE}[above],
        f"{numbers} ({_text(interval, '.0f')} %)",
        spread,
        interval,
        grid[:1],
    )


def wider_region(measured: Measurements, wide: Cell, narrow: Cell) -> Finding:
    """More points beat no guidance in one grid than in another.

    The points are those common to both grids; each is compared with the unguided FID on the
    samples of its own grid. The effect is the difference of the shares, in per cent of the grid.
    """
    grids = [_with_unguided(measured, cell) for cell in (wide, narrow)]
    keys = ["omega", *SPARSITIES]
    common = grids[0].merge(grids[1], on=keys, suffixes=("_wide", "_narrow"))
    if common.empty:
        raise NotRun(f"a point common to the grids of {cell_name(wide)} and {cell_name(narrow)}")
    # The unguided FID first, then those of the points.
    fids = [
        np.append(common[f"unguided_fid_{side}"].iloc[0], common[f"fid_{side}"])
        for side in ("wide", "narrow")
    ]
    shares = [_winning_share(values) for values in fids]
    drawn = [
        _winning_share(_draws(measured, cell, values, seed))
        for seed, (cell, values) in enumerate(zip((wide, narrow), fids))
    ]
    interval = _interval(drawn[0] - drawn[1])
    difference = shares[0] - shares[1]
    numbers = (
        f"{shares[0]:.0f} % against {shares[1]:.0f} % of {len(common)} points beat no guidance; "
        f"{difference:+.0f} % ({_text(interval, '+.0f')} %)"
    )
    # Equal regions are a tie, however sure.
    verdict = TIE if interval[0] == interval[1] == 0 else is_above(interval)
    runs = tuple(dict.fromkeys((wide[0], narrow[0])))
    return Finding(verdict, numbers, difference, interval, runs)


QUERIES: dict[str, Callable[..., Finding]] = {
    query.__name__: query for query in (rising_optimum, equal_optima, wider_region)
}


def _by_omega(measured, cell) -> pd.DataFrame:
    """FID by omega and by both sparsities, of the sparsities that every omega was measured at.

    An omega with a single point has no optimum and is left out.
    """
    grid = measured.grid(cell)
    _check_columns(grid, cell, ["omega", *SPARSITIES])
    table = grid.pivot_table(index="omega", columns=SPARSITIES, values="fid")
    table = table[table.notna().sum(axis=1) > 1].dropna(axis=1)
    if len(table) < 2 or table.shape[1] < 2:
        raise NotRun(f"a grid of {cell_name(cell)} over sparsities at several omegas")
    return table


def _with_unguided(measured, cell):
    grid = measured.grid(cell)
    _check_columns(grid, cell, ["omega", *SPARSITIES, "unguided_fid"])
    if not np.isfinite(grid["unguided_fid"]).all():
        raise NotRun(f"the unguided FID on the samples of the grid of {cell_name(cell)}")
    return grid[["omega", *SPARSITIES, "fid", "unguided_fid"]]


def _check_columns(grid, cell, columns):
    for column in columns:
        if column not in grid:
            raise NotRun(f"the column {column} of the grid of {cell_name(cell)}")


def _winning_share(fids):
    """The per cent of points whose FID lies below the first."""
    return 100 * (fids[..., 1:] < fids[..., :1]).mean(-1)


def _draws(measured, cell, fids, seed: int = 0) -> np.ndarray:
    """FIDs with the noise of the grid of a cell, [`DRAWS`, *fids.shape]."""
    deviation, freedom = measured.point_noise(cell)
    generator = np.random.default_rng(seed)
    scale = deviation * np.sqrt(freedom / generator.chisquare(freedom, DRAWS))
    noise = generator.standard_normal((DRAWS, *fids.shape))
    return fids * np.exp(scale.reshape(-1, *[1] * fids.ndim) * noise)


def _interval(drawn) -> tuple[float, float]:
    low, high = np.quantile(drawn, [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2])
    return float(low), float(high)


def _text(interval, form) -> str:
    return " to ".join(format(end, form) for end in interval)
