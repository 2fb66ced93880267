"""figure: draw a figure from our numbers."""

from __future__ import annotations

from pathlib import Path

from bench.commands.options import add_out
from bench.report.figures import figures
from bench.results import Results


def add_arguments(parser):
    parser.add_argument("name", choices=figures(), help="the paper's number, or the subject")
    parser.add_argument("--results", required=True, type=Path, help="folder of the results")
    add_out(parser, "the figure (.png); a PDF and its data (.csv) lie beside it")


def run(options):
    from bench.report.look.style import save, styled

    with styled():
        figure, data = figures()[options.name].draw(Results(options.results))
        save(figure, data, options.out)
