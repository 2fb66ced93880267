"""Figure 2: what guidance gives a dense and a routed model, with the same seeds under each."""

from __future__ import annotations

from pathlib import Path

import matplotlib.pyplot as plt
import pandas as pd

from bench.report.cells import summarize
from bench.report.methods import GREY, colour, label
from bench.report.rows import REAL, Rows
from bench.report.strips import draw_strip, first_samples
from bench.report.style import PAGE

RUNS = ("dense", "routed")
METHODS = ("unguided", "cfg", "sparse_guidance_fid")
STRIP = 12
# Bars end at this many times the worst unguided FID; the number says how far they would go.
CLIP = 1.4


def draw(results: Path) -> tuple[plt.Figure, pd.DataFrame]:
    """Left: FID, mean and sd over seed blocks. Right: samples of the routed model."""
    rows = Rows(results)
    cells = summarize(rows)
    data = cells[cells["run"].isin(RUNS) & cells["method"].isin(METHODS)]
    figure = plt.figure(figsize=(PAGE, 2.1))
    grid = figure.add_gridspec(len(METHODS), 2, width_ratios=(1, 1.8))
    bars = figure.add_subplot(grid[:, 0])
    top = CLIP * data.loc[data["method"] == "unguided", "fid"].max()
    for offset, method in enumerate(METHODS):
        mine = data[data["method"] == method].set_index("run").reindex(RUNS)
        x = [position + (offset - 1) * 0.27 for position in range(len(RUNS))]
        bars.bar(
            x, mine["fid"], 0.25, yerr=mine["fid_sd"], color=colour(method), label=label(method)
        )
        for position, fid in zip(x, mine["fid"]):
            if pd.notna(fid):
                bars.annotate(
                    f"{fid:.2f}" if fid <= top else f"{fid:.1f} ↑",
                    (position, min(fid, top)),
                    xytext=(0, 3),
                    ha="center",
                    textcoords="offset points",
                    fontsize=6,
                )
    bars.axhline(rows.blocks(*REAL, "fid").mean(), color=GREY, linewidth=0.8, linestyle=":")
    bars.set_xticks(range(len(RUNS)), [f"{run} model" for run in RUNS])
    bars.set_ylim(0, top)
    bars.set_ylabel("FID ↓")
    bars.legend(
        frameon=False,
        ncols=len(METHODS),
        loc="lower center",
        bbox_to_anchor=(0.5, 1.08),
        borderaxespad=0,
        handlelength=1,
        columnspacing=1,
    )
    for row, method in enumerate(METHODS):
        strip = figure.add_subplot(grid[row, 1])
        draw_strip(strip, first_samples(results, "routed", method, STRIP), label(method))
    return figure, data
