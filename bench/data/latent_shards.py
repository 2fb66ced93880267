"""Latents on disk: shards in safetensors, and a manifest that makes one dataset of them.

A shard holds n images:

    moments   float32 [n, 2, 8, h, w]   the posterior (mean, then logarithm of the variance) of each
                                        image and of its mirror image
    labels    int64 [n]                 their classes
    rows      int64 [n]                 their rows in the listing that they were read from
    checks    int64 [n]                 the CRC-32 of the moments of each, checked when it is read

Its header says which autoencoder encoded them, and which images of its range could not be read.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.data import shards
from bench.data.shards import MANIFEST, ListedShard, check_header
from bench.errors import BadInput
from bench.files.tensors import open_tensors, write_tensors

if TYPE_CHECKING:
    from torch import Tensor

KIND = "latents"
# Of int64, as labels are stored.
LARGEST_LABEL = 2**63 - 1


@dataclass(frozen=True)
class Shared:
    """The part of a header in which all shards of a dataset agree."""

    moments_shape: tuple[int, int, int, int]
    scaling_factor: float
    autoencoder_sha256: str
    listing_sha256: str
    shards: int


@dataclass(frozen=True)
class Header(Shared):
    """The header of a shard; ``unreadable`` names the images that were left out."""

    unreadable: tuple[str, ...]


@dataclass(frozen=True)
class LabelledShard(ListedShard):
    """A shard in a manifest. Its labels, of which there may be a million, are checked by
    themselves."""

    labels: Any


@dataclass(frozen=True)
class Manifest(Header):
    """The contents of a manifest."""

    samples: int
    files: tuple[LabelledShard, ...]


def write_shard(
    path: Path, samples: Iterable[tuple[int, Tensor, int]], limit: int, description: dict
) -> None:
    """Writes a shard.

    Args:
        samples: the row, the moments [2, 8, h, w] and the label of each image.
        limit: the largest number of samples; unreadable images make it fewer.
        description: the header, with the fields of `Header`; it is written after the last sample
            was drawn.
    """
    # Imported here: names and manifests of shards are read where there is no need of torch.
    import torch

    # The shard is held in memory, 330 MB at the paper's scale, for a safetensors file begins with
    # its shapes, and how many images can be read is known at the end.
    moments = torch.empty(limit, *description["moments_shape"])
    rows, labels, checks = [], [], []
    for row, sample, label in samples:
        moments[len(rows)] = sample
        checks.append(_check(moments[len(rows)]))
        rows.append(row)
        labels.append(label)
    tensors = {
        "moments": moments[: len(rows)],
        "labels": torch.tensor(labels, dtype=torch.int64),
        "rows": torch.tensor(rows, dtype=torch.int64),
        "checks": torch.tensor(checks, dtype=torch.int64),
    }
    write_tensors(path, tensors, {"kind": KIND, **description})


class ShardMoments:
    """The moments of a shard by row, each float32 [2, 8, h, w], read when it is asked for.

    The file is opened at the first row. A copy that is sent to another process opens it anew, so
    that no two workers share a handle.
    """

    def __init__(self, path: Path):
        self.path = path

    def __getitem__(self, row: int) -> Tensor:
        """Raises BadInput where the bytes are not those that were written."""
        moments, checks = self._opened
        found = moments[row]
        if checks is not None and checks[row] != _check(found):
            raise BadInput(
                f"{self.path}: image {row} is not what was encoded; a byte was changed since. "
                "Remove the file and encode it anew"
            )
        return found

    def __reduce__(self):
        return type(self), (self.path,)

    @property
    def rows(self) -> Tensor:
        """The rows in the listing, int64 [n]."""
        with open_tensors(self.path, KIND) as (file, _):
            return file.tensor("rows")

    @cached_property
    def _opened(self):
        with open_tensors(self.path, KIND) as (file, _):
            # Shards of earlier versions have no checks.
            checks = file.tensor("checks").tolist() if "checks" in file.names else None
            return file.slice("moments"), checks


def write_manifest(folder: Path, paths: list[Path]) -> dict:
    """Writes the manifest of ``folder``, which joins its shards.

    Args:
        paths: all shards of the folder, in their order.

    Raises:
        BadInput: a shard is missing, damaged, no shard or not in its place, or the shards were not
            encoded from the same images with the same autoencoder.
    """
    headers, labels = zip(*map(_read_labels, paths))
    totals = {
        "samples": sum(map(len, labels)),
        "unreadable": [name for found in headers for name in found["unreadable"]],
    }
    listed = [{"labels": of_shard} for of_shard in labels]
    return shards.write_manifest(folder, paths, headers, listed, Shared, totals)


def read_manifest(folder: Path) -> dict:
    """The manifest of a folder, once each of its shards has the stated size and a shard's header.

    Raises:
        BadInput: there is no manifest, it is damaged, or a shard is missing, truncated or another
            file.
    """
    manifest, path = shards.read_manifest(folder, Manifest), folder / MANIFEST
    for entry in manifest["files"]:
        labels, shard = entry["labels"], folder / entry["file"]
        if not isinstance(labels, list) or not all(map(_is_label, labels)):
            raise BadInput(
                f"{path}: the labels of {entry['file']} are no list of whole numbers from 0 on; "
                "index the shards anew"
            )
        with open_tensors(shard, KIND) as (file, _):
            rows = file.slice("moments").get_shape()[0]
        if rows != len(labels):
            raise BadInput(
                f"{path}: lists {len(labels)} labels for the {rows} latents of {shard}; "
                "index the shards anew"
            )
    return manifest


def _check(moments):
    return zlib.crc32(moments.numpy())


def _is_label(value):
    return type(value) is int and 0 <= value <= LARGEST_LABEL


def _read_labels(shard):
    """The header and the labels of a shard."""
    with open_tensors(shard, KIND) as (file, description):
        check_header(shard, Header, description)
        return description, file.tensor("labels").tolist()
