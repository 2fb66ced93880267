"""select: choose the best candidate of a search."""

from __future__ import annotations

from pathlib import Path

from bench.commands.options import add_out


def add_arguments(parser):
    parser.add_argument("--searches", required=True, type=Path, nargs="+", help="files of `search`")
    parser.add_argument(
        "--all-rows", required=True, type=Path, help="file for all of their rows (.csv)"
    )
    add_out(parser, "the guidance spec with the lowest FID (.json)")


def run(options):
    from bench.stages.select import select

    best = select(options.searches, options.all_rows, options.out)
    print(f"{options.out}: FID {best['fid']:.4f} with {best['guidance']}")
