"""plan: list the verbs of a scale that are worth a GPU."""

from __future__ import annotations

from pathlib import Path

from bench.commands.options import add_config
from bench.files.atomic import write_text


def add_arguments(parser):
    add_config(parser)
    parser.add_argument("--out", type=Path, help="file for `batch` (default: standard output)")


def run(options):
    from bench.stages.batch import header
    from bench.stages.plan import plan

    lines = plan(options.config)
    text = "".join(f"{line}\n" for line in (header(options.config), *lines))
    if options.out is None:
        print(text, end="")
    else:
        write_text(options.out, text)
        print(f"{options.out}: {len(lines)} verbs")
