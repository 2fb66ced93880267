"""The folder of a run: first unfinished, then whole."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from pathlib import Path

from bench.config.training import TrainingConfig, snapshot_name
from bench.errors import BadInput
from bench.files.tensors import read_description
from bench.models.checkpoints import KIND
from bench.training.identity import is_of_run


def is_finished(out: Path, settings: TrainingConfig, header: Mapping) -> bool:
    """Tells if all results of the run of ``header`` lie in ``out``.

    Raises:
        BadInput: the results of another run lie there.
    """
    results = _results(settings)
    for name in results[:-1]:
        if (out / name).exists() and not is_of_run(read_description(out / name, KIND), header):
            raise BadInput(
                f"{out / name}: belongs to a finished run with other settings or data; remove it, "
                "or train elsewhere"
            )
    return all((out / name).exists() for name in results)


def publish(unfinished: Path, out: Path, settings: TrainingConfig) -> None:
    """Links every result into place before the originals go, so that a kill here loses nothing."""
    for name in _results(settings):
        (out / name).unlink(missing_ok=True)
        os.link(unfinished / name, out / name)
    shutil.rmtree(unfinished)


def _results(settings):
    return [*map(snapshot_name, settings.kept_steps), "log.csv"]
