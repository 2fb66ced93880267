"""Beyond the paper: the replicates of each cell as points, so that ties are seen."""

from __future__ import annotations

import pandas as pd

from bench.report.figures import Drawing, Figure
from bench.report.look.style import PAGE, log_axis
from bench.report.methods import GREY, colour, math_name
from bench.report.rows import REAL, Rows
from bench.results import Results


def draw(results: Results) -> Drawing:
    """Draws a panel per run, methods by mean FID; a line joins the values on one seed
    block, for a block shifts all methods alike."""
    import matplotlib.pyplot as plt

    rows = Rows(results.metrics)
    data = pd.DataFrame(
        {"run": run, "method": method, "seed": int(seed), "fid": fid}
        for run, method in rows.cells()
        for seed, fid in rows.blocks(run, method, "fid").items()
    )
    runs = list(data["run"].unique())
    widths = [data.loc[data["run"] == run, "method"].nunique() + 1 for run in runs]
    figure, axes = plt.subplots(
        1, len(runs), figsize=(PAGE, 2.6), width_ratios=widths, squeeze=False
    )
    for axis, run in zip(axes[0], runs):
        _panel(axis, data[data["run"] == run])
        floor = rows.blocks(*REAL, "fid").mean()
        axis.axhline(floor, color=GREY, linewidth=0.8, linestyle=":")
        log_axis(axis)
        axis.set_title(f"{run} model")
    axes[0, 0].set_ylabel("FID of each replicate ↓")
    return figure, data


def _panel(axis, data):
    order = list(data.groupby("method")["fid"].mean().sort_values().index)
    for _, block in data.groupby("seed"):
        fids = block.set_index("method")["fid"].reindex(order)
        axis.plot(range(len(order)), fids, color=GREY, linewidth=0.6, alpha=0.6, zorder=0)
    for x, method in enumerate(order):
        fids = data.loc[data["method"] == method, "fid"]
        axis.plot([x] * len(fids), fids, "o", markersize=3.5, color=colour(method))
    axis.set_xticks(
        range(len(order)), [math_name(method) for method in order], rotation=60, ha="right"
    )
    axis.set_xlim(-0.5, len(order) - 0.5)


FIGURES = (
    Figure(
        name="seed_noise",
        caption="Each cell's FID in every replicate; a line joins the values of one replicate.",
        needs=lambda evidence: evidence.metrics(),
        draw=draw,
    ),
)
