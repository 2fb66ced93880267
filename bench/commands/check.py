"""check: check a configuration and, with --deep, what it names."""

from __future__ import annotations

import sys
from pathlib import Path

from bench.config.consistency import check_measured
from bench.config.load import load


def add_arguments(parser):
    parser.add_argument("config", type=Path, help="YAML file of the scale")
    parser.add_argument(
        "--deep",
        action="store_true",
        help="also check the paths, hashes and shapes of what the configuration names",
    )


def run(options):
    from bench.stages.check import problems, summary

    scale = load(options.config)
    check_measured(scale)
    found = list(problems(scale)) if options.deep else []
    for problem in found:
        print(f"error: {problem}", file=sys.stderr)
    if found:
        raise SystemExit(2)
    print(f"{options.config}: fine; {summary(scale)}")
