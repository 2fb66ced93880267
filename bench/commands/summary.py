"""summary: write the report's front page."""

from __future__ import annotations

from pathlib import Path

from bench.commands.options import add_config, add_out
from bench.config.load import load
from bench.files.atomic import write_text


def add_arguments(parser):
    add_config(parser)
    parser.add_argument("--results", required=True, type=Path, help="folder of metrics.csv")
    add_out(parser, "the report's front page (.rst)")


def run(options):
    from bench.report.summary import to_rst
    from bench.results import Results

    text = to_rst(load(options.config), Results(options.results))
    write_text(options.out, text)
    print(text, end="")
