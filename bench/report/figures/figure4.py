"""Figure 4: sparsity without guidance (omega = 1) only degrades."""

from __future__ import annotations

import pandas as pd

from bench.report.figures import Drawing, Figure
from bench.report.look.images import draw_strip
from bench.report.look.style import PAGE
from bench.report.methods import GREY
from bench.report.reading import read_first_samples
from bench.report.rows import REAL, Rows
from bench.results import Results

# gamma: the method that samples at it
NAIVE = {
    0.0: "unguided",
    0.5: "naive_sparsity_50",
    0.7: "naive_sparsity_70",
    0.9: "naive_sparsity_90",
}
CELLS = [("routed", method) for method in NAIVE.values()]
STRIP = 12


def draw(results: Results) -> Drawing:
    """Draws FID of the routed model against gamma at the left, every replicate a point, and the
    same seeds at each gamma at the right."""
    import matplotlib.pyplot as plt

    rows = Rows(results.metrics)
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
        images, _ = read_first_samples(results.samples("routed", method), STRIP)
        draw_strip(strip, images, rf"$\gamma$ = {gamma:g}")
    return figure, data


FIGURES = (
    Figure(
        name="figure4",
        caption="Sparsity without guidance: FID of the routed model against the fraction of tokens "
        "left out, every replicate a point, and the same seeds at each.",
        needs=lambda evidence: evidence.metrics(*CELLS) + evidence.first_samples(*CELLS),
        draw=draw,
    ),
)
