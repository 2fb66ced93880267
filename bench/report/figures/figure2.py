"""Figure 2: a dense and a routed model under guidance, with the same seeds under each method."""

from __future__ import annotations

import pandas as pd

from bench.report.figures import Drawing, Figure
from bench.report.look.images import draw_strip
from bench.report.look.style import PAGE
from bench.report.methods import GREY, colour, math_name
from bench.report.reading import read_first_samples
from bench.report.rows import REAL, Rows
from bench.results import Results

RUNS = ("dense", "routed")
METHODS = ("unguided", "cfg", "sparse_guidance_fid")
SHOWN = [("routed", method) for method in METHODS]
STRIP = 12
# Bars end at this many times the worst unguided FID; the number above a longer one is its FID.
CLIP = 1.4


def draw(results: Results) -> Drawing:
    """Draws FID (mean and standard deviation over replicates) at the left, and samples of the
    routed model at the right."""
    import matplotlib.pyplot as plt

    rows = Rows(results.metrics)
    cells = rows.summarize()
    data = cells[cells["run"].isin(RUNS) & cells["method"].isin(METHODS)]
    figure = plt.figure(figsize=(PAGE, 2.1))
    grid = figure.add_gridspec(len(METHODS), 2, width_ratios=(1, 1.8))
    bars = figure.add_subplot(grid[:, 0])
    top = CLIP * data.loc[data["method"] == "unguided", "fid"].max()
    for offset, method in enumerate(METHODS):
        mine = data[data["method"] == method].set_index("run").reindex(RUNS)
        x = [position + (offset - 1) * 0.27 for position in range(len(RUNS))]
        bars.bar(
            x, mine["fid"], 0.25, yerr=mine["fid_sd"], color=colour(method), label=math_name(method)
        )
        for position, fid, end in zip(x, mine["fid"], mine["fid"] + mine["fid_sd"].fillna(0)):
            if pd.notna(fid):
                bars.annotate(
                    f"{fid:.2f}" if fid <= top else f"{fid:.1f} ↑",
                    (position, min(end, top)),
                    xytext=(0, 2),
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
        images, _ = read_first_samples(results.samples("routed", method), STRIP)
        draw_strip(strip, images, math_name(method))
    return figure, data


FIGURES = (
    Figure(
        name="figure2",
        caption="FID of the dense and the routed model without guidance, under CFG and under "
        "SG_FID (bars: standard deviation over replicates; dotted: real images), and the same "
        "seeds of the routed model under each.",
        needs=lambda evidence: evidence.metrics(*SHOWN) + evidence.first_samples(*SHOWN),
        draw=draw,
    ),
)
