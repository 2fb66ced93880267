"""The training of one run of a scale."""

from __future__ import annotations

from pathlib import Path

from bench.config.runs import Run
from bench.config.scale import Scale
from bench.data.splits import training_data
from bench.errors import BadInput
from bench.training.distributed import World
from bench.training.loop import train


def train_run(
    scale: Scale, name: str, out: Path, initial: Path | None, device: str, world: World
) -> None:
    """Trains the run ``name``, or its finetuning of a snapshot, into the folder ``out``.

    Args:
        initial: the checkpoint that a finetuning starts from.
        world: the processes that train together; each of them calls this.

    Raises:
        BadInput: the scale has no such run, its weights are published ones, ``initial`` is
            missing or not asked for, or the training itself refuses its input.
    """
    with world.agreement():
        run = scale.run(name)
        _check_initial(name, run, initial)
        data = training_data(scale)
    train(
        scale.model(run),
        run.training,
        data,
        out,
        provenance={"run": name, "dataset": scale.dataset},
        initial=initial,
        device=device,
        world=world,
    )


def _check_initial(name: str, run: Run, initial: Path | None):
    if run.pretrained:
        raise BadInput(f"--run: {name!r} has published weights; `convert` makes it a model")
    if (run.initial is None) != (initial is None):
        wanted = f"the checkpoint of {run.initial!r}" if run.initial else "no checkpoint"
        raise BadInput(f"--initial: run {name!r} starts from {wanted}")
