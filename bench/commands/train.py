"""train: train one run of a scale, on one device or, started by torchrun, on several."""

from __future__ import annotations

from pathlib import Path

from bench.commands.options import (
    add_config,
    add_device,
    add_text_states,
    check_text_states,
    choose_device,
    positive,
)
from bench.config.load import load
from bench.config.runs import Training


def add_arguments(parser):
    add_config(parser)
    parser.add_argument("--run", required=True, help="name under `runs:` in the configuration")
    parser.add_argument(
        "--out", required=True, type=Path, help="folder for the snapshots and log.csv"
    )
    parser.add_argument(
        "--replicate",
        type=positive,
        default=1,
        metavar="N",
        help="train with the configuration's seed + N - 1 (default: 1)",
    )
    parser.add_argument("--initial", type=Path, help="checkpoint that a finetuning starts from")
    add_text_states(parser, "train")
    parser.add_argument(
        "--until",
        type=positive,
        metavar="STEP",
        help="train up to this snapshot; the next call goes on from there (default: the last step)",
    )
    add_device(parser)
    parser.epilog = "On N GPUs: torchrun --standalone --nproc-per-node=N -m -- bench train ..."


def run(options):
    from bench.stages.train import train_run
    from bench.training.distributed import torchrun_world

    with torchrun_world() as world:
        with world.agreement():
            scale = load(options.config)
            check_text_states(options.text_states, scale)
            device = choose_device(options.device or world.device)
        training = Training(options.run, options.replicate - 1)
        train_run(
            scale,
            training,
            options.out,
            options.initial,
            options.text_states,
            options.until,
            device,
            world,
        )
