"""train: train one run of a scale, on one device or, started by torchrun, on several."""

from __future__ import annotations

from pathlib import Path

from bench.commands.options import add_config, add_device, choose_device
from bench.config.load import load
from bench.errors import BadInput


def add_arguments(parser):
    add_config(parser)
    parser.add_argument("--run", required=True, help="name under `runs:` in the configuration")
    parser.add_argument(
        "--out", required=True, type=Path, help="folder for the snapshots and log.csv"
    )
    parser.add_argument("--initial", type=Path, help="checkpoint that a finetuning starts from")
    add_device(parser)
    parser.epilog = "On N GPUs: torchrun --standalone --nproc-per-node=N -m -- bench train ..."


def run(options):
    from bench.data.splits import training_data
    from bench.training.distributed import joined
    from bench.training.loop import train

    with joined() as world:
        with world.agreement():
            scale = load(options.config)
            settings = scale.run(options.run)
            _check_initial(options, settings)
            data = training_data(scale)
            device = choose_device(options.device or world.device)
        train(
            scale.model(settings),
            settings.training,
            data,
            options.out,
            provenance={"run": options.run, "dataset": scale.dataset},
            initial=options.initial,
            device=device,
            world=world,
        )


def _check_initial(options, settings):
    if settings.pretrained:
        raise BadInput(f"--run: {options.run!r} has published weights; `convert` makes it a model")
    if (settings.initial is None) != (options.initial is None):
        wanted = f"the checkpoint of {settings.initial!r}" if settings.initial else "no checkpoint"
        raise BadInput(f"--initial: run {options.run!r} starts from {wanted}")
