"""Trained models on disk: safetensors with the architecture in the header."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from torch import Tensor

from bench.config.model import model_config
from bench.errors import BadInput
from bench.files.hashes import sha256_of
from bench.files.tensors import check_finite, read_tensors, write_tensors
from bench.models import build
from bench.models.velocity_model import VelocityModel

KIND = "checkpoint"
# The keys of a header that tell what the data of its training were encoded with.
NETWORKS = {"autoencoder_sha256": "autoencoder", "text_encoder": "text encoder"}
KEYS = ("model", "dataset", "run", "step", "iterations")


@dataclass(frozen=True)
class Checkpoint:
    """A model and where it came from.

    Attributes:
        model: in evaluation mode, without gradients.
        description: the header: dataset, run, step, iterations (those of the checkpoint that a
            finetuning started from included), training settings.
        sha256: of the file, the checkpoint's identity in rows of results.
    """

    model: VelocityModel
    description: dict
    sha256: str


def check_trained_with(
    checkpoint: Checkpoint, path: Path, networks: Mapping[str, str], source: str
) -> None:
    """Checks that data are of the networks that a model was trained with.

    Args:
        path: of the checkpoint.
        networks: the identities of the autoencoder (autoencoder_sha256) and of the text encoder
            (text_encoder) that the data were encoded with; other keys are passed over.
        source: what the data come from.

    Raises:
        BadInput: the model was trained with another one. Published weights do not say with which.
    """
    for key, name in NETWORKS.items():
        found = networks.get(key)
        expected = checkpoint.description.get(key)
        if found and expected and found != expected:
            raise BadInput(
                f"{source}: the {name} is not the one that {path} was trained with "
                f"({expected[:12]}, this one {found[:12]})"
            )


def save_checkpoint(
    path: str | Path, model: VelocityModel, weights: Mapping[str, Tensor], description: Mapping
) -> None:
    """Writes ``weights`` (those of ``model`` or their moving average), and what else the model
    keeps beside them, with their architecture."""
    header = {"kind": KIND, "model": dataclasses.asdict(model.config), **description}
    write_tensors(path, {**model.state_dict(), **weights}, header)


def load_checkpoint(path: str | Path, device="cpu") -> Checkpoint:
    """The model that `save_checkpoint` wrote.

    Raises:
        BadInput: the file is missing, truncated, foreign, or its weights are not finite or do not
            fit its own architecture.
    """
    weights, description = read_tensors(path, KIND, keys=KEYS)
    check_finite(path, weights)
    try:
        model = build(model_config(description["model"]))
        model.load_state_dict(weights)
    except BadInput as error:
        raise error.in_file(path) from None
    except RuntimeError as error:
        problem = str(error).splitlines()[1].strip()
        raise BadInput(f"{path}: the weights do not fit the architecture: {problem}") from None
    return Checkpoint(model.to(device).eval().requires_grad_(False), description, sha256_of(path))
