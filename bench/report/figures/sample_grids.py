"""Figures A5 to A9: uncurated samples, the same seeds under each method."""

from __future__ import annotations

from functools import partial

import pandas as pd

from bench.report.figures import Drawing, Figure
from bench.report.look.images import image_grid, show_image
from bench.report.look.style import PAGE
from bench.report.methods import display_name, math_name
from bench.report.reading import read_first_samples
from bench.results import Results

COLUMNS, ROWS = 20, 6
METHODS = {
    "figureA5": "unguided",
    "figureA6": "cfg",
    "figureA7": "sparse_guidance",
    "figureA8": "sparse_guidance_flops",
    "figureA9": "sparse_guidance_fid",
}


def draw(results: Results, cell: tuple[str, str]) -> Drawing:
    """Draws the first samples of a cell's first seed block, row by row."""
    import matplotlib.pyplot as plt

    run, method = cell
    images, labels = read_first_samples(results.samples(run, method), COLUMNS * ROWS)
    figure, axis = plt.subplots(figsize=(PAGE, PAGE * ROWS / COLUMNS + 0.2))
    show_image(axis, image_grid(images, COLUMNS))
    axis.set_title(f"{math_name(method)}, the first {len(images)} samples of the {run} model")
    return figure, pd.DataFrame({"index": range(len(labels)), "label": labels})


def _figure(name, method):
    cell = ("routed", method)
    return Figure(
        name=name,
        caption=f"{display_name(method)}: the first samples of the routed model's first seed "
        "block, uncurated. Figures A5 to A9 share their seeds.",
        needs=lambda evidence: evidence.class_samples(cell),
        draw=partial(draw, cell=cell),
    )


FIGURES = tuple(_figure(*entry) for entry in METHODS.items())
