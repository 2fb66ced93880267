"""Figure 8: FID of SG over its two sparsities, on routing and on masking."""

from __future__ import annotations

from pathlib import Path

import matplotlib.pyplot as plt
import pandas as pd

from bench.report.contours import KEYS, colour_bar, contour_levels, draw_contours
from bench.report.searches import read_search
from bench.report.style import PAGE

# How many omegas of each run's search are shown: those with the lowest FID.
PANELS = {"routed": 2, "masked": 1}


def draw(results: Path) -> tuple[plt.Figure, pd.DataFrame]:
    """Two omegas on the routed model and one on the masked one; each model has its own colours,
    for their FIDs differ. gamma_strong is below gamma_weak."""
    parts = [_best_omegas(results, run, panels) for run, panels in PANELS.items()]
    omegas = [sorted(part["omega"].unique()) for part in parts]
    figure, axes = plt.subplots(
        1, sum(map(len, omegas)), figsize=(PAGE, 2.3), sharex=True, sharey=True
    )
    free = iter(axes)
    for part, mine in zip(parts, omegas):
        levels = contour_levels(part["fid"])
        panels = [next(free) for _ in mine]
        for axis, omega in zip(panels, mine):
            filled = draw_contours(axis, part[part["omega"] == omega], levels)
            axis.set_title(rf"{part['run'].iloc[0]} model, $\omega = {omega:g}$")
        colour_bar(figure, filled, panels, levels, part["samples"].iloc[0])
    axes[0].set_ylabel(r"$\gamma_\mathrm{weak}$")
    return figure, pd.concat(parts, ignore_index=True)


def _best_omegas(results, run, count):
    """The candidates of the ``count`` omegas that reach the lowest FIDs."""
    search = read_search(results, run, "sparse_guidance")[[*KEYS, "fid", "samples"]]
    best = search.groupby("omega")["fid"].min().nsmallest(count).index
    return search[search["omega"].isin(best)].sort_values(KEYS).assign(run=run)
