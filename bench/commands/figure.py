"""figure: draw one of the paper's figures from our numbers."""

from __future__ import annotations

import importlib
from pathlib import Path

from bench.commands.options import add_out

FIGURES = ("6",)


def add_arguments(parser):
    parser.add_argument("number", choices=FIGURES, help="as in the paper")
    parser.add_argument("--results", required=True, type=Path, help="folder of the results")
    add_out(parser, "the figure (.png); a PDF and its data (.csv) lie beside it")


def run(options):
    from bench.report.style import save, styled

    module = importlib.import_module(f"bench.report.figures.figure{options.number}")
    with styled():
        figure, data = module.draw(options.results)
        save(figure, data, options.out)
