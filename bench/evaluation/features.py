"""Features of images, and the files that hold them: one per shard of images."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

import torch
from torch import Tensor

from bench.errors import BadInput
from bench.files.tensors import read_tensors, write_tensors

KIND = "features"

# The features of N images by name, each [N, ...]. A network says which ones it gives; no two
# networks use one name.
Features = Mapping[str, Tensor]
# The features that every scale has: for FID, precision, recall and KID; for sFID; for the IS.
REQUIRED = ("pool", "spatial", "probabilities")


def concatenate(parts: Iterable[Features]) -> dict[str, Tensor]:
    """The features of several sets of images as those of one, on the CPU."""
    on_cpu = [{name: values.cpu() for name, values in part.items()} for part in parts]
    return {name: torch.cat([part[name] for part in on_cpu]) for name in on_cpu[0]}


def write_features(
    path: Path,
    features: Features,
    extractor: str,
    source: dict,
    statistics: Mapping[str, Tensor] | None = None,
) -> None:
    """Writes the features of a set of images.

    Args:
        extractor: the name of what extracted them.
        source: where the images are from: the header of the samples, or the name of a split.
        statistics: those that a reference batch is published with, by the batch's own names.
    """
    description = {"kind": KIND, "extractor": extractor, "source": source}
    write_tensors(path, {**features, **(statistics or {})}, description)


def read_features(path: Path) -> tuple[dict[str, Tensor], dict]:
    """The tensors and the description of a file of features.

    Raises:
        BadInput: no such file, one of something else, or one that lacks features.
    """
    return read_tensors(path, KIND, REQUIRED, keys=("extractor", "source"))


def check_same_extractor(paths: list[Path], descriptions: list[dict]) -> None:
    """Raises BadInput unless all files were made with the same extractor."""
    for path, description in zip(paths, descriptions):
        if description["extractor"] != descriptions[0]["extractor"]:
            raise BadInput(f"{path}: made with another extractor than {paths[0]}; make both anew")
