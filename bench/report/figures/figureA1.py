"""Figure A1: images a second under Sparse Guidance, over both sparsities."""

from __future__ import annotations

import numpy as np

from bench.files.csv_rows import read_rows
from bench.report.figures import Drawing, Figure
from bench.report.look.style import COLUMN
from bench.results import Results

# Up to so many pairs, each has its number beside it.
NUMBERED = 30
# Points of the axes' width, and of the largest square.
WIDTH, LARGEST = 160, 10


def draw(results: Results) -> Drawing:
    """Draws a square for each pair of sparsities; the title tells CFG's throughput.

    Images a second follow from the measured time of a step and the number of steps in metrics.csv.

    Raises:
        BadInput: a file is missing or lacks a column.
    """
    import matplotlib.pyplot as plt

    columns = ("method", "gamma_strong", "gamma_weak", "loop", "batch", "ms_per_step", "device")
    rows = read_rows(results.throughput, *columns)
    steps = int(read_rows(results.metrics, "steps")["steps"].dropna().iloc[0])
    timed = rows[rows["loop"] == "sampler"].copy()
    timed["images_per_second"] = 1e3 * timed["batch"] / (timed["ms_per_step"] * steps)
    sparse = timed[timed["method"] == "sparse_guidance"]
    cfg = timed.loc[timed["method"] == "cfg", "images_per_second"].iloc[0]

    figure, axis = plt.subplots(figsize=(COLUMN, 0.85 * COLUMN))
    spacing = np.diff(np.sort(sparse["gamma_weak"].unique())).min()
    squares = axis.scatter(
        sparse["gamma_weak"],
        sparse["gamma_strong"],
        c=sparse["images_per_second"],
        marker="s",
        s=min(LARGEST, WIDTH * spacing) ** 2,
    )
    if len(sparse) <= NUMBERED:
        for row in sparse.itertuples():
            axis.annotate(
                f"{row.images_per_second:.3g}",
                (row.gamma_weak, row.gamma_strong),
                xytext=(0, 6),
                textcoords="offset points",
                ha="center",
                fontsize=6,
            )
    axis.margins(0.12)
    axis.set_xlabel(r"$\gamma_\mathrm{weak}$")
    axis.set_ylabel(r"$\gamma_\mathrm{strong}$")
    axis.set_title(f"CFG: {cfg:.3g} images/s\n{timed['device'].iloc[0]}, {steps} steps", fontsize=7)
    figure.colorbar(squares, label="images/s ↑")
    return figure, timed


FIGURES = (
    Figure(
        name="figureA1",
        caption="Images a second under SG over both sparsities: medians of interleaved repeats "
        "with random weights, on the device that the title names. A grid from a CPU is coarse, "
        "and only its ratios can be compared with the paper's.",
        needs=lambda evidence: evidence.throughput(),
        draw=draw,
    ),
)
