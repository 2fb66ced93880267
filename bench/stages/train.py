"""The training of one run of a scale."""

from __future__ import annotations

import dataclasses
from pathlib import Path

from bench.config.runs import Run, Training
from bench.config.scale import Scale
from bench.data.prompted import captioned_training_data
from bench.data.splits import training_data
from bench.errors import BadInput
from bench.training.distributed import World
from bench.training.lock import held
from bench.training.loop import train


def train_run(
    scale: Scale,
    training: Training,
    out: Path,
    initial: Path | None,
    text_states: Path | None,
    until: int | None,
    device: str,
    world: World,
) -> None:
    """Trains a replicate of a run, or of its finetuning of a snapshot, into the folder ``out``.

    Args:
        initial: the checkpoint that a finetuning starts from.
        text_states: what the text encoder makes of the captions, of a scale that has them.
        until: the kept step to train up to; None trains up to the last one.
        world: the processes that train together; each of them calls this.

    Raises:
        BadInput: the scale has no such run, its weights are published ones, ``initial`` is
            missing or not asked for, ``until`` is no kept step, another process trains into
            ``out``, or the training itself refuses its input.
    """
    with world.agreement():
        run = scale.run(training.run)
        _check_initial(training.run, run, initial)
        _check_until(run, until)
        if text_states:
            data = captioned_training_data(scale, text_states, run.training.score_above)
        else:
            data = training_data(scale)
        settings = dataclasses.replace(run.training, seed=run.training.seed + training.replicate)
    with held(out, world):
        train(
            scale.model(run),
            settings,
            data,
            out,
            provenance={"run": training.run, "dataset": scale.dataset},
            initial=initial,
            until=until,
            device=device,
            world=world,
        )


def _check_initial(name: str, run: Run, initial: Path | None):
    if run.pretrained:
        raise BadInput(f"--run: {name!r} has published weights; `convert` makes it a model")
    if (run.initial is None) != (initial is None):
        wanted = f"the checkpoint of {run.initial!r}" if run.initial else "no checkpoint"
        raise BadInput(f"--initial: run {name!r} starts from {wanted}")


def _check_until(run: Run, until: int | None):
    if until is not None and until not in run.kept_steps:
        kept = ", ".join(map(str, run.kept_steps))
        raise BadInput(
            f"--until: the weights of step {until} are not kept; take one of {kept}, or add it to "
            f"{run.snapshots_key}"
        )
