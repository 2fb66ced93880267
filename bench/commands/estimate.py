"""estimate: estimate the jobs, GPU hours and disk of a cluster's scale."""

from __future__ import annotations

from bench.commands.options import add_config
from bench.config.load import load


def add_arguments(parser):
    add_config(parser)


def run(options):
    from bench.stages.estimate import to_text

    print(to_text(load(options.config)))
