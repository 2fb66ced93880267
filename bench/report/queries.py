"""Queries over rows, distances and gaps that settle a claim.

Each takes the measurements of a scale and what the claim names, and returns a `Finding`. A cell is
(run, method). The verdicts rest on Student's t over paired replicates (`statistics.compare`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise

import numpy as np
import pandas as pd

from bench.config.model import model_config
from bench.config.sampling import SamplingConfig
from bench.cost import guided_macs
from bench.guidance import build
from bench.paper import FOLDER
from bench.report.evidence import Cell, NotRun
from bench.report.measurements import Measurements, cell_name
from bench.report.methods import display_name
from bench.report.rows import QUALITIES
from bench.report.statistics import Comparison
from bench.report.verdicts import (
    NOT_REPRODUCED,
    REPRODUCED,
    TIE,
    Finding,
    is_higher,
    is_lower,
    worst,
)
from bench.report.wording import Digits, differences, relative_name


def lower(measured: Measurements, column: str, cell: Cell, than: Sequence[Cell]) -> Finding:
    """One cell lies below each of others in a column; the worst of the verdicts counts."""
    return _ordered(measured, column, cell, than, is_lower, sign=1)


def higher(measured: Measurements, column: str, cell: Cell, than: Sequence[Cell]) -> Finding:
    """One cell lies above each of others in a column; the worst of the verdicts counts."""
    return _ordered(measured, column, cell, than, is_higher, sign=-1)


def rising(measured: Measurements, column: str, cells: Sequence[Cell]) -> Finding:
    """Each cell lies above the one before; the worst of the verdicts counts, and the effect is that
    of the smallest rise."""
    blocks = [measured.blocks(cell, column) for cell in cells]
    found = [
        measured.compare(upper, lower, *(run for run, _ in cells))
        for lower, upper in pairwise(blocks)
    ]
    smallest = min(found, key=lambda step: step.percent)
    digits = Digits(column)
    numbers = ", ".join(digits.value(values.mean()) for values in blocks)
    steps = ", ".join(map(digits.difference, found))
    verdict = worst([is_higher(step) for step in found])
    return _finding(verdict, f"{numbers}; steps {steps}", smallest, *(run for run, _ in cells))


def cheaper(measured: Measurements, cell: Cell, than: Cell) -> Finding:
    """A step of one cell takes fewer MACs than a step of another.

    MACs are counted, not measured: they have no noise, and equal ones alone are a tie.
    """
    mine, other = (measured.blocks(one, "linear_gmacs").mean() for one in (cell, than))
    digits = Digits.of("linear_gmacs", [mine, other])
    numbers = (
        f"{display_name(cell[1])} at {digits.value(mine)}, "
        f"{relative_name(than, cell)} at {digits.value(other)}"
    )
    verdict = TIE if np.isclose(mine, other) else REPRODUCED if mine < other else NOT_REPRODUCED
    return Finding(verdict, numbers, difference=100 * (mine / other - 1))


def faster(measured: Measurements, cell: Cell, than: Cell) -> Finding:
    """The samples of one cell were drawn at more images a second than those of another.

    Both are drawn by jobs of one run of the suite; what else the machine did is in the interval.
    """
    mine, other = (
        measured.blocks(one, "samples") / measured.blocks(one, "wall_seconds")
        for one in (cell, than)
    )
    found = measured.compare(mine, other, cell[0], than[0])
    numbers = f"{differences('images_per_second', cell, mine, [than], [found])} images/s"
    return _finding(is_higher(found), numbers, found, cell[0], than[0])


def flatter(measured: Measurements, flat: Cell, steep: Cell) -> Finding:
    """FID varies less (highest minus lowest) over the weak checkpoints of one cell than over those
    of another.

    Weak checkpoints that both have count, and on average over them each of the two must have a
    lower FID than no guidance: what does nothing is flat.
    """
    sweeps = [measured.weak_checkpoints(cell) for cell in (flat, steep)]
    common = sweeps[0].columns.intersection(sweeps[1].columns)
    if len(common) < 2:
        raise NotRun(
            f"a second weak checkpoint of both {cell_name(flat)} and {relative_name(steep, flat)}"
        )
    sweeps = [sweep[common] for sweep in sweeps]
    variations = [sweep.max(axis=1) - sweep.min(axis=1) for sweep in sweeps]
    found, digits = measured.compare(*variations, flat[0], steep[0]), Digits("fid")
    numbers = ", ".join(
        f"{display_name(method)} varies by {digits.value(variation.mean())}"
        for (_, method), variation in zip((flat, steep), variations)
    )
    numbers += f" over weak steps {', '.join(f'{step:g}' for step in common)}"
    finding = _finding(is_lower(found), f"{numbers}; {digits.difference(found)}", found, flat[0])
    for cell, sweep in zip((flat, steep), sweeps):
        finding = _unless_idle(measured, finding, cell, "fid", sweep.mean(axis=1))
    return finding


def closer(measured: Measurements, near: Cell, far: Cell) -> Finding:
    """The samples of one cell are closer to the unguided ones of the same seeds than those of
    another, at no worse a FID.

    Weak guidance is close by nature. Where the closer of the two has the worse FID, beyond the
    noise, the distances are not comparable: then nothing speaks for ``near`` (not reproduced) or
    nothing against it (a tie).
    """
    distances = [measured.distances(cell) for cell in (near, far)]
    fids = [measured.blocks(cell, "fid") for cell in (near, far)]
    found = measured.compare(*distances, near[0], far[0])
    quality = measured.compare(*fids, near[0], far[0])
    verdict = is_lower(found)
    if verdict == REPRODUCED and is_higher(quality) == REPRODUCED:
        verdict = NOT_REPRODUCED
    elif verdict == NOT_REPRODUCED and is_lower(quality) == REPRODUCED:
        verdict = TIE
    digits = Digits("distance")
    numbers = ", ".join(
        f"{display_name(method)} at {digits.value(mean.mean())}"
        for (_, method), mean in zip((near, far), distances)
    )
    numbers += f"; {digits.difference(found)}, at a FID of {Digits('fid').difference(quality)}"
    return _finding(verdict, numbers, found, near[0])


def gap_orders_gain(
    measured: Measurements, runs: Sequence[str], gamma: float, method: str
) -> Finding:
    """The run of two with the larger gap (the loss that left-out tokens add, relative to the
    loss that the null class adds) also gains more from a method: the share of the unguided FID
    that it removes.

    The effect is the difference of the gains, in per cent of the unguided FID.
    """
    gaps = {run: measured.relative_gap(run, gamma) for run in runs}
    gains = {
        run: 1 - measured.blocks((run, method), "fid") / measured.blocks((run, "unguided"), "fid")
        for run in runs
    }
    wide, narrow = sorted(runs, key=lambda run: -gaps[run])
    found = measured.compare(gains[wide], gains[narrow], *runs)
    numbers = ", ".join(
        f"{run}: gap {gaps[run]:.2g} times that of the null class, {display_name(method)} removes "
        f"{100 * gains[run].mean():.0f} % of the unguided FID"
        for run in runs
    )
    percent, margin = 100 * found.difference, 100 * found.margin
    return Finding(
        TIE if gaps[wide] == gaps[narrow] else is_higher(found),
        f"{numbers}; {percent:+.0f} ± {margin:.0f} % for the larger gap",
        percent,
        (percent - margin, percent + margin),
        tuple(runs),
    )


def printed_macs(
    measured: Measurements, table: int, model, steps: int, guidance: Mapping, tolerance: float
) -> Finding:
    """The MACs that a table of the paper prints agree with a count of its model's; the effect is
    the largest deviation."""
    printed = pd.read_csv(FOLDER / f"table{table}.csv").set_index("method")["linear_gmacs"]
    config = model_config(model)
    configs = {"main": config, "weak": config}
    numbers, deviations = [], []
    for method, spec in guidance.items():
        macs = guided_macs(build(spec), configs, SamplingConfig(steps)).linear / 1e9
        deviations.append(macs / printed[method] - 1)
        numbers.append(f"{display_name(method)} {macs:.2f} ({printed[method]:.2f})")
    largest = max(deviations, key=abs)
    verdict = REPRODUCED if abs(largest) <= tolerance else NOT_REPRODUCED
    return Finding(verdict, ", ".join(numbers), difference=100 * largest)


QUERIES: dict[str, Callable[..., Finding]] = {
    query.__name__: query
    for query in (
        lower,
        higher,
        rising,
        cheaper,
        faster,
        flatter,
        closer,
        gap_orders_gain,
        printed_macs,
    )
}


def needs_gain(measured: Measurements, finding: Finding, cell: Cell) -> Finding:
    """The finding where a cell is better than no guidance on its run, beyond the noise: of a lower
    FID, or a higher preference or, where none was measured, GenEval score. Otherwise it is not
    reproduced, because a method that does nothing earns no praise."""
    column = measured.rows.quality
    return _unless_idle(measured, finding, cell, column, measured.blocks(cell, column))


def _unless_idle(measured, finding, cell, column, values):
    idle = (cell[0], "unguided")
    found = measured.compare(values, measured.blocks(idle, column), cell[0])
    is_better = is_higher if QUALITIES[column] else is_lower
    if is_better(found) == REPRODUCED:
        return finding
    reason = f"{differences(column, cell, values, [idle], [found])}: no gain"
    return Finding(
        NOT_REPRODUCED,
        f"{reason}. {finding.numbers}",
        finding.difference,
        finding.interval,
        finding.runs,
    )


def _ordered(measured, column, cell, than, verdict, sign):
    mine = measured.blocks(cell, column)
    others = [measured.blocks(other, column) for other in than]
    found = [measured.compare(mine, values, cell[0], run) for values, (run, _) in zip(others, than)]
    overall = worst([verdict(comparison) for comparison in found])
    # The effect is that of the part that decides: among those of the worst verdict, the one that
    # speaks most against the claim.
    decisive = max(
        (comparison for comparison in found if verdict(comparison) == overall),
        key=lambda comparison: sign * comparison.percent,
    )
    numbers = differences(column, cell, mine, than, found)
    return _finding(overall, numbers, decisive, cell[0], *(run for run, _ in than))


def _finding(verdict: str, numbers: str, effect: Comparison, *runs: str) -> Finding:
    unique = tuple(dict.fromkeys(runs))
    if effect.reference == 0:
        return Finding(verdict, numbers, runs=unique)
    return Finding(verdict, numbers, effect.percent, effect.interval_percent, unique)
