"""Figure 5: FID over training, for CFG, dense finetuning + CFG, and SG_FID."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from bench.config.runs import read_snapshot
from bench.errors import BadInput
from bench.paper import FOLDER
from bench.report.evidence import Evidence, NotRun
from bench.report.figures import Drawing, Figure
from bench.report.look.images import image_grid, show_image
from bench.report.look.style import PAGE
from bench.report.methods import DARK_BLUE, ORANGE, VERMILION
from bench.report.reading import read_first_samples
from bench.report.rows import Rows
from bench.results import Results

# The name of a curve in the paper's CSV: run, method, colour.
CURVES = {
    "CFG": ("routed", "cfg", VERMILION),
    "Finetune + CFG": ("finetuned", "cfg", ORANGE),
    "SG_FID": ("routed", "sparse_guidance_fid", DARK_BLUE),
}
TITLES = {"Finetune + CFG": "dense finetune + CFG", "SG_FID": r"SG$_\mathrm{FID}$"}
STRIP = 8


def draw(results: Results) -> Drawing:
    """Draws FID against training iterations at the top, ours (mean and standard deviation over seed
    blocks, each at its best omega) and the paper's, and the same seeds on each snapshot at the
    bottom.

    Raises:
        BadInput: no snapshot was measured.
    """
    import matplotlib.pyplot as plt

    rows = Rows(results.metrics)
    curves = {name: _over_training(rows, name) for name in CURVES}
    data = pd.concat(curves.values())
    if data.empty:
        raise BadInput(f"{results.metrics}: has no snapshots; name them in progress.steps")
    shown = [name for name in CURVES if len(curves[name])]
    paper = pd.read_csv(FOLDER / "figure5.csv")

    figure = plt.figure(figsize=(PAGE, 4.2))
    top, bottom = figure.subfigures(2, 1, height_ratios=(1.25, 1))
    ours, theirs = top.subplots(1, 2)
    for name in shown:
        colour = CURVES[name][-1]
        blocks = curves[name].groupby("iterations")["fid"]
        ours.errorbar(
            blocks.mean().index,
            blocks.mean(),
            yerr=blocks.std(ddof=1).fillna(0),
            marker="o",
            markersize=3.5,
            color=colour,
            label=TITLES.get(name, name),
        )
        printed = paper[paper["method"] == name]
        theirs.plot(
            printed["iterations"] / 1000, printed["fid"], "o-", markersize=3.5, color=colour
        )
    ours.set_title("this run")
    ours.set_xlabel("training iterations")
    ours.legend(frameon=False)
    theirs.set_title("the paper (read off its plot)")
    theirs.set_xlabel("training iterations, thousands")
    for axis in (ours, theirs):
        axis.set_ylabel("FID ↓")
        axis.set_ylim(0, None)

    for name, axis in zip(shown, bottom.subplots(1, len(shown), squeeze=False)[0]):
        _progression(axis, results, curves[name])
        axis.set_title(TITLES.get(name, name))
    return figure, data


def _over_training(rows, name):
    """The rows of a curve; none where no snapshot was measured. Of several weak checkpoints, the
    curve has the one that the snapshots have, too."""
    run, method, _ = CURVES[name]
    sweep = rows.sweep(run, method)
    on_snapshots = set(sweep.loc[sweep["run"].str.contains("@"), "method"])
    curve = sweep[sweep["method"].isin(on_snapshots)].rename(
        columns={"checkpoint_iterations": "iterations"}
    )
    columns = ["curve", "run", "method", "iterations", "seed", "fid"]
    return curve.assign(curve=name)[columns].sort_values(["iterations", "seed"])


def _progression(axis, results, curve):
    cells = curve.drop_duplicates("iterations")
    strips = [
        read_first_samples(results.samples(*cell), STRIP)[0]
        for cell in zip(cells["run"], cells["method"])
    ]
    height = strips[0].shape[1] + 1
    show_image(axis, image_grid(np.concatenate(strips), STRIP))
    axis.set_yticks(
        [height * (row + 0.5) for row in range(len(cells))],
        [f"{iterations:,.0f}" for iterations in cells["iterations"]],
    )
    axis.tick_params(length=0)


def needs(evidence: Evidence) -> list[Path]:
    """The samples of cells on snapshots, and of the same methods on the trained models."""
    measured = set(evidence.scale.cells)
    progress = {
        (name, method)
        for run, method in measured
        if read_snapshot(run).step
        for name in (run, read_snapshot(run).name)
    }
    if not progress:
        raise NotRun("a cell on a snapshot")
    return evidence.metrics() + evidence.first_samples(*sorted(progress & measured))


FIGURES = (
    Figure(
        name="figure5",
        caption="FID over training: CFG and SG_FID on the routed model's snapshots, CFG on short "
        "dense finetunings of them, each at its best omega (bars: standard deviation over seed "
        "blocks), beside the paper's curves; below, the same seeds on each snapshot.",
        needs=needs,
        draw=draw,
    ),
)
