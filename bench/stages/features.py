"""Extracts the features of sets of images, and writes them to files."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from torch import Tensor

from bench.config.scale import Scale
from bench.data.splits import real_images
from bench.evaluation.extractor import Extractor
from bench.evaluation.features import concatenate, write_features
from bench.evaluation.reference import read_batch
from bench.files.tensors import read_tensors
from bench.progress import counted
from bench.stages.sample import KIND


@dataclass(frozen=True)
class ImageSet:
    """Images whose features go to one file.

    Attributes:
        parts: uint8 [n, C, H, W] each.
        source: where they are from; it is complete when the last part was drawn.
        statistics: those that the images are published with.
    """

    parts: Iterable[Tensor]
    source: dict
    statistics: Mapping[str, Tensor] = field(default_factory=dict)


def samples(path: Path) -> ImageSet:
    """The images of a file that `sample` wrote."""
    tensors, description = read_tensors(path, KIND, tensors=("images",))
    return ImageSet([tensors["images"]], description)


def split(scale: Scale, name: str, limit: int | None) -> ImageSet:
    """The real images of a split, at most ``limit`` of them."""
    parts, unreadable = real_images(scale, name, limit)
    return ImageSet(parts, {"dataset": scale.dataset, "split": name, "unreadable": unreadable})


def reference_batch(path: Path) -> ImageSet:
    """The real images of an ADM reference batch."""
    images, statistics = read_batch(path)
    return ImageSet([images], {"reference_batch": path.name}, statistics)


def extract(
    sets: Sequence[Callable[[], ImageSet]], extractor: Extractor, outs: Sequence[Path]
) -> None:
    """Writes the features of each set of images to its file; one set at a time is in memory."""
    for read, out in counted(list(zip(sets, outs)), "file"):
        images = read()
        features = concatenate(map(extractor, images.parts))
        write_features(out, features, extractor.name, images.source, images.statistics)
