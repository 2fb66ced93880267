"""Features of images, one file per shard."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from bench.errors import BadInput
from bench.files.tensors import read_tensors, write_tensors

KIND = "features"
NAMES = ("pool", "spatial", "probabilities")


@dataclass(frozen=True)
class Features:
    """Of N images: pool [N, D] (FID, precision, recall, KID), spatial [N, S] (sFID), class
    probabilities [N, K] (IS) and, from an extractor that has it, clean_pool [N, D] (clean-fid's
    FID)."""

    pool: Tensor
    spatial: Tensor
    probabilities: Tensor
    clean_pool: Tensor | None = None

    @property
    def tensors(self) -> dict[str, Tensor]:
        """Those that there are, by name."""
        return {name: tensor for name, tensor in vars(self).items() if tensor is not None}


def joined(parts: Iterable[Features]) -> Features:
    """The features of several sets of images as those of one, on the CPU."""
    tensors = [{name: tensor.cpu() for name, tensor in part.tensors.items()} for part in parts]
    return Features(**{name: torch.cat([part[name] for part in tensors]) for name in tensors[0]})


def write_features(
    path: Path,
    features: Features,
    extractor: str,
    source: dict,
    statistics: dict[str, Tensor] | None = None,
) -> None:
    """Writes features, what extracted them, and where they are from: the header of the samples, or
    a split's name. ``statistics`` that a reference batch brings go along."""
    description = {"kind": KIND, "extractor": extractor, "source": source}
    write_tensors(path, features.tensors | (statistics or {}), description)


def read_features(path: Path) -> tuple[Features, dict]:
    """The features and the header of one shard."""
    tensors, description = read_tensors(path, KIND, NAMES, keys=("extractor", "source"))
    return features_of(tensors), description


def features_of(tensors: dict[str, Tensor]) -> Features:
    """The features among a file's tensors."""
    return Features(**{name: tensors.get(name) for name in Features.__dataclass_fields__})


def check_same_extractor(paths: list[Path], descriptions: list[dict]) -> None:
    """Raises BadInput unless all files were made with the same extractor."""
    for path, description in zip(paths, descriptions):
        if description["extractor"] != descriptions[0]["extractor"]:
            raise BadInput(f"{path}: made with another extractor than {paths[0]}; make both anew")
