"""Figure 1, left: the same noise and prompts under ever stronger guidance, by SG and by CFG."""

from __future__ import annotations

import textwrap

import pandas as pd

from bench.config.load import load
from bench.report.figures import Drawing, Figure
from bench.report.look.images import image_grid, show_image
from bench.report.look.style import PAGE
from bench.report.methods import math_name
from bench.report.reading import read_omega_sweep
from bench.results import Results

CELLS = (("routed", "sparse_guidance"), ("routed", "cfg"))
# Characters of a line of a prompt beside its samples.
LINE = 22


def draw(results: Results) -> Drawing:
    """Draws a panel for each method: a row per prompt, a column per omega."""
    # As Matplotlib, torch takes seconds, and the workflow imports the figures.
    import matplotlib.pyplot as plt

    from bench.data.prompted import block_prompts

    figure, axes = plt.subplots(1, len(CELLS), figsize=(PAGE, PAGE / 2 + 0.1))
    for axis, cell in zip(axes, CELLS):
        images, omegas = read_omega_sweep(results.omega_sweep(*cell))
        columns, count, height, width, channels = images.shape
        in_rows = images.swapaxes(0, 1).reshape(columns * count, height, width, channels)
        show_image(axis, image_grid(in_rows, columns))
        axis.set_title(math_name(cell[1]))
        # The grid has a white line between images.
        axis.set_xticks([(width + 1) * i + width / 2 for i in range(columns)])
        axis.set_xticklabels([f"{omega:g}" for omega in omegas])
        axis.set_xlabel(r"$\omega$")
        axis.tick_params(length=0)
    scale = load(results.config)
    prompts = [metadata["prompt"] for metadata in block_prompts(scale, "test")[:count]]
    axes[0].set_yticks([(height + 1) * i + height / 2 for i in range(count)])
    axes[0].set_yticklabels(
        [textwrap.fill(prompt.removeprefix("a photo of "), LINE) for prompt in prompts], fontsize=6
    )
    return figure, pd.DataFrame({"index": range(count), "prompt": prompts})


FIGURES = (
    Figure(
        name="figure1_left",
        caption="The first samples of the routed model's first seed block, uncurated, under ever "
        "stronger guidance from the same noise; the other hyperparameters are the tuned ones. At "
        "ω = 1 both are the model without a weak branch.",
        needs=lambda evidence: evidence.omega_sweeps(*CELLS),
        draw=draw,
    ),
)
