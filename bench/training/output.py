"""The folder of a run: first unfinished, then whole; its results, as they are published."""

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


def is_published(out: Path, settings: TrainingConfig, header: Mapping, until: int) -> bool:
    """Tells if all results of the run of ``header`` up to step ``until`` lie in ``out``, and puts
    back those of them that were lost after publishing: a workflow that sees a job fail as it exits
    removes the job's outputs, however whole they are.

    Raises:
        BadInput: the results of another run lie there.
    """
    # Imported here: the names of the files are read where there is no need of torch.
    from bench.models.checkpoints import KIND

    for folder in (out, out / FINISHED, out / UNFINISHED):
        for name in map(snapshot_name, settings.kept_steps):
            path = folder / name
            if path.exists() and not is_of_run(read_description(path, KIND), header):
                raise BadInput(
                    f"{path}: belongs to a run with other settings or data; remove it, or train "
                    "elsewhere"
                )
    names = _results(settings, until)
    # At the last step it is not enough to put files back: `publish` ends the run, too.
    sources = (FINISHED,) if until == settings.steps else (FINISHED, UNFINISHED)
    for source in sources:
        if _all_in(out / source, names):
            _place(out, source, names)
    return _all_in(out, names)


def has_snapshots(out: Path, settings: TrainingConfig) -> bool:
    """Tells if weights of a kept step lie in ``out``, published or not."""
    return any(
        (folder / snapshot_name(step)).exists()
        for folder in (out, out / UNFINISHED)
        for step in settings.kept_steps
    )


def publish(out: Path, settings: TrainingConfig, until: int) -> None:
    """Gives the results of the unfinished run in ``out`` up to step ``until`` their names there,
    and at the last step makes it a finished one; a kill here loses nothing, and the next call goes
    on.

    Raises:
        BadInput: weights of an earlier step were removed from the unfinished run.
    """
    names = _results(settings, until)
    if until < settings.steps:
        _place(out, UNFINISHED, names)
        return
    shutil.rmtree(out / FINISHED, ignore_errors=True)
    os.rename(out / UNFINISHED, out / FINISHED)
    _place(out, FINISHED, names)
    # The state of a training that has come to its end is of no more use.
    (out / FINISHED / STATE).unlink(missing_ok=True)


def _place(out, source, names):
    """Gives results their names in ``out``; the originals stay in the folder ``source`` there."""
    for name in names:
        original = out / source / name
        if (out / name).exists():
            continue
        if not original.exists():
            raise BadInput(
                f"{original}: lost, though the training is past it; remove {original.parent} to "
                "train anew"
            )
        try:
            os.link(original, out / name)
        except OSError:
            # Not every file system has hard links.
            with replacing(out / name) as copy:
                shutil.copyfile(original, copy)


def _all_in(folder, names):
    return all((folder / name).exists() for name in names)


def _results(settings, until):
    """The names of the results up to a step; the log is whole at the last one."""
    snapshots = [snapshot_name(step) for step in settings.kept_steps if step <= until]
    return [*snapshots, LOG] if until == settings.steps else snapshots
