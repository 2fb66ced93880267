"""summary: say what was run, for how long, and what came out."""

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

    text = to_rst(load(options.config), options.results)
    write_text(options.out, text)
    print(text, end="")
