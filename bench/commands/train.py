"""train: train one run of a scale."""

from __future__ import annotations

from pathlib import Path

from bench.commands.options import add_config, add_device, choose_device
from bench.config.load import load
from bench.data.registry import load_split
from bench.errors import BadInput


def add_arguments(parser):
    add_config(parser)
    parser.add_argument("--run", required=True, help="name under `runs:` in the configuration")
    parser.add_argument(
        "--out", required=True, type=Path, help="folder for the snapshots and log.csv"
    )
    parser.add_argument("--initial", type=Path, help="checkpoint that a finetuning starts from")
    add_device(parser)


def run(options):
    from bench.training.loop import train

    scale = load(options.config)
    settings = scale.run(options.run)
    if (settings.initial is None) != (options.initial is None):
        wanted = f"the checkpoint of {settings.initial!r}" if settings.initial else "no checkpoint"
        raise BadInput(f"--initial: run {options.run!r} starts from {wanted}")
    train(
        scale.model(settings),
        settings.training,
        load_split(scale.dataset, "train"),
        options.out,
        provenance={"run": options.run, "dataset": scale.dataset},
        initial=options.initial,
        device=choose_device(options.device),
    )
