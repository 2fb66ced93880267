"""PRX's published weights: the folder of a PRXTransformer2DModel, as diffusers writes it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from bench.config.prx import PRXConfig
from bench.errors import BadInput
from bench.files.json_text import parse_json
from bench.models.build import build
from bench.models.load_weights import load_weights
from bench.models.prx import PRX
from bench.models.published import read_published
from bench.parsing import parse

CONFIG, WEIGHTS = "config.json", "diffusion_pytorch_model.safetensors"
CLASS = "PRXTransformer2DModel"
# diffusers' names that are not this suite's.
RENAMED = {"context_in_dim": "text_width"}
# Of the pixel-space model, which predicts the data and has parts of its own.
PIXEL_SPACE = ("bottleneck_size", "resolution_embeds")
# What the model keeps of the prompts, not of the weights.
OWN = ("null_states", "null_mask")


def from_diffusers(folder: Path, **config) -> PRX:
    """The model of a folder with ``config.json`` and ``diffusion_pytorch_model.safetensors``, in
    evaluation mode, without gradients; its empty prompt is yet to be given (`PRX.keep_null`).

    Args:
        config: fields of `PRXConfig`: those that the folder does not state (input_size,
            text_length, route), and any others, which have to be as the folder states them.

    Raises:
        BadInput: the folder is of another class or configuration, or weights are missing, left
            over, of another size, damaged or not finite.
    """
    architecture = _architecture(folder / CONFIG, config)
    weights = read_published(folder / WEIGHTS)
    model = build(architecture)
    try:
        load_weights(model, weights, OWN)
    except BadInput as error:
        raise error.in_file(folder / WEIGHTS) from None
    return model


def _architecture(path, config) -> PRXConfig:
    stated = _read_config(path)
    try:
        published = parse(PRXConfig, {**config, **stated})
    except BadInput as error:
        # A message begins with its key.
        is_of_file = re.match(r"\w*", str(error))[0] in stated
        raise (error.in_file(path) if is_of_file else error) from None
    wanted = parse(PRXConfig, {**stated, **config})
    for key in stated:
        theirs, ours = getattr(published, key), getattr(wanted, key)
        if theirs != ours:
            raise BadInput(f"{key}: the configuration has {ours}, but {path} has {theirs}")
    return published


def _read_config(path) -> dict:
    """The fields of `PRXConfig` that the file states."""
    try:
        settings = parse_json(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "not a JSON file"
        raise BadInput(f"{path}: cannot be read ({reason})") from None
    found = settings.get("_class_name", CLASS) if isinstance(settings, Mapping) else settings
    if found != CLASS:
        raise BadInput(f"{path}: is of {found!r}, but a {CLASS} is wanted")
    for key in PIXEL_SPACE:
        if settings.get(key):
            raise BadInput(f"{path}: {key}: the model that paints pixels; take one of latents")
    return {
        RENAMED.get(key, key): value
        for key, value in settings.items()
        if key not in PIXEL_SPACE and not key.startswith("_")
    }
