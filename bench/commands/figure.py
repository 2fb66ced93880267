"""figure: draw a figure from our numbers."""

from __future__ import annotations

import importlib
from pathlib import Path

from bench.commands.options import add_out

# The paper's appendix: the figure's name, and the method whose samples it shows.
SAMPLE_GRIDS = {
    "figureA5": "unguided",
    "figureA6": "cfg",
    "figureA7": "sparse_guidance",
    "figureA8": "sparse_guidance_flops",
    "figureA9": "sparse_guidance_fid",
}
FIGURES = (
    *(f"figure{number}" for number in range(1, 9)),
    *SAMPLE_GRIDS,
    "capacity_gap",
    "pareto",
    "seed_noise",
)


def add_arguments(parser):
    parser.add_argument("name", choices=FIGURES, help="as in the paper, or what it shows")
    parser.add_argument("--results", required=True, type=Path, help="folder of the results")
    add_out(parser, "the figure (.png); a PDF and its data (.csv) lie beside it")


def run(options):
    from bench.report.figures import sample_grid
    from bench.report.style import save, styled

    with styled():
        if options.name in SAMPLE_GRIDS:
            figure, data = sample_grid.draw(options.results, SAMPLE_GRIDS[options.name])
        else:
            module = importlib.import_module(f"bench.report.figures.{options.name}")
            figure, data = module.draw(options.results)
        save(figure, data, options.out)
