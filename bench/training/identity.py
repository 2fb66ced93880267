"""The identity of a training: the settings that make two trainings one and the same run."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping

from bench.config.model import Architecture
from bench.config.training import SPEED_SETTINGS, TrainingConfig

DEFAULTS = {
    field.name: list(field.default) if isinstance(field.default, tuple) else field.default
    for field in dataclasses.fields(TrainingConfig)
    if field.default is not dataclasses.MISSING
}


def run_header(
    provenance: Mapping,
    architecture: Architecture,
    settings: TrainingConfig,
    initial: str | None,
) -> dict:
    """The header of each file of a run; ``initial`` is the SHA-256 of the checkpoint that it
    starts from."""
    header = {
        **provenance,
        "model": dataclasses.asdict(architecture),
        "training": dataclasses.asdict(settings),
        "initial": initial,
    }
    # Tuples become lists, as they come back from a file.
    return json.loads(json.dumps(header))


def is_of_run(description: Mapping, header: Mapping) -> bool:
    """Tells if a file with this description belongs to the run of ``header``; settings that
    change the speed alone may differ."""
    described = {key: description.get(key) for key in header}
    return _without_speed(described) == _without_speed(header)


def _without_speed(header):
    # A file from before there was a setting has its default.
    training = {**DEFAULTS, **(header["training"] or {})}
    return {
        **header,
        "training": {key: training[key] for key in training if key not in SPEED_SETTINGS},
    }
