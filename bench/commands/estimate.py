"""estimate: estimate the jobs, GPU hours and disk of a cluster's scale."""

from __future__ import annotations

from bench.commands.options import add_config, positive
from bench.config.load import load


def add_arguments(parser):
    add_config(parser)
    parser.add_argument(
        "--gpus",
        type=positive,
        nargs="+",
        metavar="N",
        help="the hours on clusters of these sizes, the queue there, and what holds the scale up",
    )


def run(options):
    from bench.stages import estimate, schedule

    scale = load(options.config)
    print(estimate.to_text(scale))
    if options.gpus:
        print(f"\n{schedule.to_text(scale, options.gpus)}")
