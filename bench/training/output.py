"""The folder of a run: first unfinished, then whole."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from pathlib import Path

from bench.config.training import TrainingConfig, snapshot_name
from bench.errors import BadInput
from bench.files.atomic import replacing
from bench.files.tensors import read_description
from bench.training.identity import is_of_run

UNFINISHED, FINISHED = "unfinished", "finished"
STATE = "state.safetensors"
LOG = "log.csv"


def is_finished(out: Path, settings: TrainingConfig, header: Mapping) -> bool:
    """Tells if all results of the run of ``header`` lie in ``out``, and puts back those of them
    that were lost after publishing: a workflow that sees a job fail as it exits removes the job's
    outputs, however whole they are.

    Raises:
        BadInput: the results of another run lie there.
    """
    # Imported here: the names of the files are read where there is no need of torch.
    from bench.models.checkpoints import KIND

    for folder in (out, out / FINISHED):
        for name in map(snapshot_name, settings.kept_steps):
            path = folder / name
            if path.exists() and not is_of_run(read_description(path, KIND), header):
                raise BadInput(
                    f"{path}: belongs to a finished run with other settings or data; remove it, "
                    "or train elsewhere"
                )
    if _all_in(out / FINISHED, settings):
        _place(out, settings)
    return _all_in(out, settings)


def publish(out: Path, settings: TrainingConfig) -> None:
    """Turns the unfinished run in ``out`` into a finished one; a kill here loses nothing, and the
    next call goes on."""
    shutil.rmtree(out / FINISHED, ignore_errors=True)
    os.rename(out / UNFINISHED, out / FINISHED)
    _place(out, settings)
    # The state of a training that has come to its end is of no more use.
    (out / FINISHED / STATE).unlink(missing_ok=True)


def _place(out, settings):
    """Gives every result its name in ``out``; the originals stay in out/finished."""
    for name in _results(settings):
        if (out / name).exists():
            continue
        try:
            os.link(out / FINISHED / name, out / name)
        except OSError:
            # Not every file system has hard links.
            with replacing(out / name) as copy:
                shutil.copyfile(out / FINISHED / name, copy)


def _all_in(folder, settings):
    return all((folder / name).exists() for name in _results(settings))


def _results(settings):
    return [*map(snapshot_name, settings.kept_steps), LOG]
