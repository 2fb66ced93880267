"""The identity of a training: the settings that make two trainings one and the same run."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping

from bench.config.model import Architecture, model_config
from bench.config.training import SPEED_SETTINGS, TrainingConfig


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
    change the speed alone may differ. A file from before there was a setting has its default."""
    classes = {"model": type(model_config(header["model"])), "training": TrainingConfig}
    found, wanted = ({key: file.get(key) for key in header} for file in (description, header))
    for section, settings in classes.items():
        found[section] = {**_defaults(settings), **(found[section] or {})}
    return _without_speed(found) == _without_speed(wanted)


def _defaults(settings):
    """As they come back from a file."""
    defaults = {
        field.name: field.default
        for field in dataclasses.fields(settings)
        if field.default is not dataclasses.MISSING
    }
    return json.loads(json.dumps(defaults))


def _without_speed(header):
    training = header["training"].items()
    return {**header, "training": {k: v for k, v in training if k not in SPEED_SETTINGS}}
