"""Figure 4: sparsity without guidance (omega = 1) only degrades."""

from __future__ import annotations

from pathlib import Path

import matplotlib.pyplot as plt
import pandas as pd

from bench.report.methods import GREY
from bench.report.rows import REAL, Rows
from bench.report.strips import draw_strip, first_samples
from bench.report.style import PAGE

# gamma -> the row of the configuration that samples at it
NAIVE = {
    0.0: "unguided",
    0.5: "naive_sparsity_50",
    0.7: "naive_sparsity_70",
    0.9: "naive_sparsity_90",
}
STRIP = 12


def draw(results: Path) -> tuple[plt.Figure, pd.DataFrame]:
    """Left: FID of the routed model against gamma, every seed block a point. Right: the same
    seeds at each gamma."""
    rows = Rows(results)
    data = pd.DataFrame(
        {"gamma": gamma, "method": method, "seed": int(seed), "fid": fid}
        for gamma, method in NAIVE.items()
        for seed, fid in rows.blocks("routed", method, "fid").items()
    )
    figure = plt.figure(figsize=(PAGE, 2.1))
    grid = figure.add_gridspec(len(NAIVE), 2, width_ratios=(1, 1.8))
    curve = figure.add_subplot(grid[:, 0])
    curve.plot(data["gamma"], data["fid"], "o", color=GREY, markersize=3.5)
    means = data.groupby("gamma")["fid"].mean()
    curve.plot(means.index, means, color=GREY)
    curve.axhline(rows.blocks(*REAL, "fid").mean(), color=GREY, linewidth=0.8, linestyle=":")
    curve.set_ylim(0, None)
    curve.set_xlabel(r"$\gamma$, tokens left out")
    curve.set_ylabel("FID, unguided ↓")
    for row, (gamma, method) in enumerate(NAIVE.items()):
        strip = figure.add_subplot(grid[row, 1])
        draw_strip(strip, first_samples(results, "routed", method, STRIP), rf"$\gamma$ = {gamma:g}")
    return figure, data
