"""batch: run a list of verbs in one process, as far as the time allows."""

from __future__ import annotations

import sys
from pathlib import Path

from bench.commands.options import positive

# EX_TEMPFAIL of sysexits.h: the caller is invited to try again.
MORE_TO_DO = 75


def add_arguments(parser):
    parser.add_argument("plan", type=Path, help="file of `plan`: a verb with its options per line")
    parser.add_argument(
        "--seconds",
        type=positive,
        help=f"begin no line after so many seconds, and exit with {MORE_TO_DO} if any is left",
    )


def run(options):
    from bench.__main__ import parse
    from bench.stages.batch import batch

    left = batch(options.plan, parse, options.seconds)
    if left:
        print(f"lines left: {left}; run it again")
        sys.exit(MORE_TO_DO)
