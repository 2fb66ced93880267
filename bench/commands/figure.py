"""figure: draw a figure from our numbers."""

from __future__ import annotations

import importlib
from pathlib import Path

from bench.commands.options import add_out

FIGURES = ("figure1", "figure2", "figure4", "figure6", "capacity_gap", "pareto", "seed_noise")


def add_arguments(parser):
    parser.add_argument("name", choices=FIGURES, help="as in the paper, or what it shows")
    parser.add_argument("--results", required=True, type=Path, help="folder of the results")
    add_out(parser, "the figure (.png); a PDF and its data (.csv) lie beside it")


def run(options):
    from bench.report.style import save, styled

    module = importlib.import_module(f"bench.report.figures.{options.name}")
    with styled():
        figure, data = module.draw(options.results)
        save(figure, data, options.out)
