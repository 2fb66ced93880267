"""Figure 8: FID of SG over its two sparsities, on routing and on masking."""

from __future__ import annotations

import pandas as pd

from bench.report.figures import Drawing, Figure
from bench.report.look.contours import KEYS, colour_bar, contour_levels, draw_contours
from bench.report.look.style import PAGE
from bench.report.reading import read_specs
from bench.results import Results

# The number of omegas of each run's grid that are shown, those with the lowest FID.
PANELS = {"routed": 2, "masked": 1}


def draw(results: Results) -> Drawing:
    """Draws two omegas on the routed model and one on the masked one; each model has its own
    colours, for their FIDs differ. gamma_strong is below gamma_weak."""
    import matplotlib.pyplot as plt

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
    """The points of the ``count`` omegas that reach the lowest FIDs."""
    grid = read_specs(results.grid(run, "sparse_guidance"))[[*KEYS, "fid", "samples"]]
    best = grid.groupby("omega")["fid"].min().nsmallest(count).index
    return grid[grid["omega"].isin(best)].sort_values(KEYS).assign(run=run)


FIGURES = (
    Figure(
        name="figure8",
        caption="FID of SG over its two sparsities: the two best omegas on the "
        "routed model, the best on the masked one. The star marks a panel's optimum; each model "
        "has its own colours, which end at 1.8 times its lowest FID.",
        needs=lambda evidence: evidence.sparsity_grids(
            *((run, "sparse_guidance") for run in PANELS)
        ),
        draw=draw,
    ),
)
