"""Figure 7: the distance by which guidance moves a sample, and AG against its weak checkpoint."""

from __future__ import annotations

import pandas as pd

from bench.paper import FOLDER
from bench.report.figures import Drawing, Figure
from bench.report.look.style import PAGE
from bench.report.methods import colour, math_name
from bench.report.reading import read_distances
from bench.report.rows import Rows
from bench.results import Results

GUIDED = ("cfg", "sparse_guidance")
WEAK = ("autoguidance", "autoguidance_sparse_guidance")
PAPER_NAMES = {"AG": "autoguidance", "AG + SG": "autoguidance_sparse_guidance"}
# The quantile at which the axis ends: the tail of the density is long and empty.
TAIL = 0.99


def draw(results: Results) -> Drawing:
    """Draws densities of the perceptual distance between a guided sample and the unguided one of
    the same seed at the left, FID against the weak checkpoint's step (mean and standard deviation
    over replicates) in the middle, and the paper's, read off its plot, at the right."""
    import matplotlib.pyplot as plt
    import seaborn as sns

    distances = pd.concat(
        read_distances(results.distances("routed", method)).assign(method=method)
        for method in GUIDED
    )
    rows = Rows(results.metrics)
    fids = _over_weak_checkpoints(rows)
    paper = pd.read_csv(FOLDER / "figure7_right.csv")

    figure, (density, ours, theirs) = plt.subplots(
        1, 3, figsize=(PAGE, 2.3), width_ratios=(1.2, 1, 1)
    )
    for method in GUIDED:
        mine = distances.loc[distances["method"] == method, "distance"]
        sns.kdeplot(
            mine, ax=density, color=colour(method), label=math_name(method), fill=True, cut=0
        )
        density.axvline(mine.mean(), color=colour(method), linewidth=0.8, linestyle=":")
    density.set_xlim(0, distances["distance"].quantile(TAIL))
    density.set_xlabel(f"distance to the unguided sample\n({_measure(rows)})")
    density.set_yticks([])
    density.legend(frameon=False)
    for method, mine in fids.groupby("method", sort=False):
        blocks = mine.groupby("weak_checkpoint_step")["fid"]
        _curve(ours, method, blocks.mean(), blocks.std(ddof=1).fillna(0))
    ours.set_title("this run")
    ours.set_ylabel("FID ↓")
    for name, mine in paper.groupby("method", sort=False):
        _curve(theirs, PAPER_NAMES[name], mine.set_index("weak_checkpoint_step")["fid_5k"])
    theirs.set_title("the paper (read off its plot)")
    theirs.set_ylabel("FID@5k ↓")
    # Here its curves leave room, whatever ours do.
    theirs.legend(frameon=False, loc="upper left")
    theirs.xaxis.set_major_formatter(lambda step, _: f"{step / 1000:g}k")
    for axis in (ours, theirs):
        axis.set_xlabel("step of the weak checkpoint")
    return figure, pd.concat([fids.assign(panel="right"), distances.assign(panel="left")])


def _measure(rows):
    """The measure of the distances: LPIPS itself where FID is that of Inception."""
    if rows.evaluator.startswith("inception"):
        return "LPIPS, AlexNet"
    return "LPIPS on the scale's own classifier"


def _over_weak_checkpoints(rows):
    parts = [rows.sweep("routed", method).assign(method=method) for method in WEAK]
    fids = pd.concat(parts)
    fids = fids[fids["run"] == "routed"]
    return fids[["method", "weak_checkpoint_step", "seed", "fid"]].sort_values(
        ["method", "weak_checkpoint_step", "seed"]
    )


def _curve(axis, method, fids, sd=None):
    axis.errorbar(
        fids.index,
        fids,
        yerr=sd,
        marker="o",
        markersize=3.5,
        color=colour(method),
        label=math_name(method),
    )


FIGURES = (
    Figure(
        name="figure7",
        caption="Left: the distance by which guidance moves a sample from the unguided one of the "
        "same seed (LPIPS's formula on this scale's own classifier; dotted: means). Middle and "
        "right: FID of AG and AG+SG against the step of the weak checkpoint, ours and the paper's.",
        needs=lambda evidence: (
            evidence.metrics() + evidence.distances(*(("routed", method) for method in GUIDED))
        ),
        draw=draw,
    ),
)
