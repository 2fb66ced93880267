"""Latents on disk: WebDataset tar shards, and a manifest that makes one dataset of them.

A sample is two members of a tar: ``<index>.moments.npy``, float32 [2, 8, h, w], the posterior
(mean, then logarithm of the variance) of the image and of its mirror image, and ``<index>.cls``,
the label. All samples take the same number of bytes, so a shard is also an array that can be
mapped into memory.
"""

from __future__ import annotations

import io
import json
import tarfile
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from bench.errors import BadInput
from bench.files.atomic import replacing, write_text
from bench.files.hashes import sha256_of

MANIFEST = "manifest.json"
# What all shards of a dataset have in common.
SHARED = ("moments_shape", "scaling_factor", "autoencoder_sha256", "listing_sha256", "shards")


def shard_name(index: int) -> str:
    """The file of a shard; its description lies beside it as .json."""
    return f"shard-{index:05d}.tar"


def shard_range(count: int, index: int, shards: int) -> range:
    """Which of ``count`` images go into a shard."""
    return range(count * index // shards, count * (index + 1) // shards)


def write_shard(
    path: Path, samples: Iterable[tuple[int, np.ndarray, int]], description: dict
) -> None:
    """Writes the tar of (index, moments, label), then its description: the latter is there only
    where the former is whole."""
    labels = []
    with replacing(path) as temporary:
        with tarfile.open(temporary, "w", format=tarfile.USTAR_FORMAT) as tar:
            for index, moments, label in samples:
                buffer = io.BytesIO()
                np.save(buffer, moments.astype(np.float32))
                _add(tar, f"{index:09d}.moments.npy", buffer.getvalue())
                _add(tar, f"{index:09d}.cls", str(label).encode())
                labels.append(label)
        found = {
            "file": path.name,
            "bytes": temporary.stat().st_size,
            "sha256": sha256_of(temporary),
            "labels": labels,
        }
    write_text(path.with_suffix(".json"), json.dumps({**description, **found}))


def write_manifest(folder: Path, descriptions: list[Path]) -> dict:
    """Joins the shards' descriptions, in their order, into ``folder``'s manifest.

    Raises:
        BadInput: the shards were not encoded from the same images with the same autoencoder.
    """
    shards = [_read_json(path) for path in descriptions]
    for path, shard in zip(descriptions, shards):
        for key in SHARED:
            if shard.get(key) != shards[0].get(key):
                raise BadInput(
                    f"{path}: its {key} is not that of {descriptions[0]}; encode both anew"
                )
    manifest = {
        **{key: shards[0][key] for key in SHARED},
        "samples": sum(len(shard["labels"]) for shard in shards),
        "unreadable": [name for shard in shards for name in shard["unreadable"]],
        "files": [
            {key: shard[key] for key in ("file", "bytes", "sha256", "labels")} for shard in shards
        ],
    }
    write_text(folder / MANIFEST, json.dumps(manifest))
    return manifest


def read_manifest(folder: Path) -> dict:
    """The manifest of a folder whose every shard has the bytes that it says.

    Raises:
        BadInput: no manifest, or a shard that is missing or truncated.
    """
    manifest = _read_json(folder / MANIFEST)
    if len(manifest["files"]) != manifest["shards"]:
        raise BadInput(
            f"{folder / MANIFEST}: lists {len(manifest['files'])} shards of "
            f"{manifest['shards']}; encode the others"
        )
    for entry in manifest["files"]:
        path = folder / entry["file"]
        found = path.stat().st_size if path.is_file() else 0
        if found != entry["bytes"]:
            raise BadInput(
                f"{path}: has {found:,} bytes of {entry['bytes']:,}; it is truncated or missing, "
                "encode it anew"
            )
    return manifest


def map_shard(path: Path, samples: int) -> np.ndarray:
    """The moments of a shard, float32 [samples, 2, 8, h, w], read when they are looked at."""
    with tarfile.open(path, "r:") as tar:
        first, _, second = tar.next(), tar.next(), tar.next()
        stride = second.offset - first.offset if second else path.stat().st_size
    with open(path, "rb") as file:
        file.seek(first.offset_data)
        np.lib.format.read_magic(file)
        shape, _, dtype = np.lib.format.read_array_header_1_0(file)
        start = file.tell()
    raw = np.memmap(path, np.uint8, "r")
    return np.ndarray(
        (samples, *shape), dtype, raw, offset=start, strides=(stride, *_strides(shape, dtype))
    )


def _strides(shape, dtype):
    return np.empty(shape, dtype).strides


def _add(tar, name, contents):
    member = tarfile.TarInfo(name)
    member.size = len(contents)
    tar.addfile(member, io.BytesIO(contents))


def _read_json(path):
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise BadInput(f"{path}: no such file; encode the images first") from None
    except ValueError as error:
        raise BadInput(f"{path}: not valid JSON ({error}); encode the images anew") from None
