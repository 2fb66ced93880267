"""Figures 9 and A2 to A4: the same prompts and the same noise under several methods."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from functools import partial
from itertools import zip_longest

import pandas as pd

from bench.config.load import load
from bench.data.geneval import TASKS
from bench.report.figures import Drawing, Figure
from bench.report.look.images import show_image
from bench.report.look.style import PAGE
from bench.report.methods import math_name
from bench.report.reading import read_samples
from bench.results import Results

COLUMNS = 8
# Characters of a line of a prompt above an image.
LINE = 17


@dataclass(frozen=True)
class Grid:
    """Rows of methods under columns of prompts, whose tasks take turns."""

    methods: tuple[str, ...]
    tasks: tuple[str, ...]


COMPARED = ("unguided", "cfg", "sparse_guidance")
GRIDS = {
    "figure9": Grid(("cfg", "unguided", "sparse_guidance"), TASKS),
    "figureA2": Grid(COMPARED, ("single_object", "colors")),
    "figureA3": Grid(COMPARED, ("two_object", "counting")),
    "figureA4": Grid(COMPARED, ("position", "color_attr")),
}


def draw(results: Results, grid: Grid) -> Drawing:
    """Draws a row of samples of the first shard for each method; every column has its prompt
    above."""
    # As Matplotlib, torch takes seconds, and the workflow imports the figures.
    import matplotlib.pyplot as plt

    from bench.data.prompted import block_prompts

    scale = load(results.config)
    prompts = block_prompts(scale, "test")
    _, end = scale.measurement.shards[0]
    shown = _in_turns(prompts[:end], grid.tasks)[:COLUMNS]
    # The first shard may hold fewer samples of the tasks than there are columns, or none.
    figure, axes = plt.subplots(
        len(grid.methods),
        COLUMNS,
        subplot_kw={"xticks": [], "yticks": [], "frame_on": False},
        figsize=(PAGE, 0.45 + PAGE / COLUMNS * len(grid.methods)),
    )
    for line, method in zip(axes, grid.methods):
        for axis, image in zip(line, read_samples(results.samples("routed", method), shown)):
            show_image(axis, image)
        line[0].set_ylabel(math_name(method), fontsize=7)
    for axis, index in zip(axes[0], shown):
        text = prompts[index]["prompt"].removeprefix("a photo of ")
        axis.set_title(textwrap.fill(text, LINE), fontsize=5.5)
    return figure, pd.DataFrame(
        {"index": shown, "prompt": [prompts[index]["prompt"] for index in shown]}
    )


def _in_turns(prompts, tasks):
    """The indices of the prompts of some tasks, which take turns."""
    of_tasks = [
        [index for index, prompt in enumerate(prompts) if prompt["tag"] == task] for task in tasks
    ]
    return [index for turn in zip_longest(*of_tasks) for index in turn if index is not None]


def _figure(name, grid):
    cells = [("routed", method) for method in grid.methods]
    return Figure(
        name=name,
        caption=f"The first samples of the tasks {', '.join(grid.tasks)} (of the routed model's "
        "first seed block, uncurated): every method from the same noise and prompts.",
        needs=lambda evidence: evidence.prompt_samples(*cells),
        draw=partial(draw, grid=grid),
    )


FIGURES = tuple(_figure(*entry) for entry in GRIDS.items())
