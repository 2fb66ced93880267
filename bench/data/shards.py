"""Shards of a dataset: safetensors files in a folder, and the manifest that joins them.

A manifest is one JSON object: the part of the shards' headers in which all agree, totals, and under
"files" each shard's name, bytes, SHA-256 and what else its kind lists.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.errors import BadInput
from bench.files.atomic import write_text
from bench.files.hashes import sha256_of
from bench.files.json_text import parse_json
from bench.parsing import parse

MANIFEST = "manifest.json"


@dataclass(frozen=True)
class ListedShard:
    """A shard in a manifest."""

    file: str
    bytes: int
    sha256: str


def shard_name(index: int) -> str:
    """The file name of a shard."""
    return f"shard-{index:05d}.safetensors"


def shard_range(count: int, index: int, shards: int) -> range:
    """The rows, of a listing of ``count`` images, that go into a shard."""
    return range(count * index // shards, count * (index + 1) // shards)


def check_header(path: Path, form: type, description: Mapping) -> None:
    """Raises BadInput where a shard's description lacks a field of the dataclass ``form``, or holds
    a value of another type."""
    try:
        parse(form, {field.name: description.get(field.name) for field in dataclasses.fields(form)})
    except BadInput as error:
        raise BadInput(f"{path}: {error}; encode it anew") from None


def write_manifest(
    folder: Path,
    paths: Sequence[Path],
    headers: Sequence[Mapping],
    listed: Sequence[Mapping],
    shared: type,
    totals: Mapping,
) -> dict:
    """Writes the manifest of ``folder``, which joins its shards.

    Args:
        paths: all shards of the folder, in their order.
        headers, listed: of each shard its description, and what its entry says beyond name, bytes
            and SHA-256.
        shared: the dataclass of the fields in which all headers agree.
        totals: of all shards.

    Raises:
        BadInput: a shard disagrees with the first; or the paths are not those of all shards of the
            folder, each once and in its place.
    """
    keys = [field.name for field in dataclasses.fields(shared)]
    for path, header in zip(paths, headers):
        for key in keys:
            if header.get(key) != headers[0].get(key):
                raise BadInput(f"{path}: its {key} is not that of {paths[0]}; encode both anew")
    _check_places(folder, paths, headers)
    manifest = {
        **{key: headers[0][key] for key in keys},
        **totals,
        "files": [
            {
                "file": path.name,
                "bytes": path.stat().st_size,
                "sha256": sha256_of(path),
                **entry,
            }
            for path, entry in zip(paths, listed)
        ],
    }
    write_text(folder / MANIFEST, json.dumps(manifest))
    return manifest


def read_manifest(folder: Path, form: type) -> dict:
    """The manifest of a folder, once each of its shards has the stated size.

    Args:
        form: the dataclass of its contents.

    Raises:
        BadInput: there is no manifest, it is damaged, or a shard is missing or truncated.
    """
    path = folder / MANIFEST
    try:
        manifest = parse_json(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise BadInput(f"{path}: no such file; encode the shards, and index them") from None
    except ValueError as error:
        raise BadInput(f"{path}: not valid JSON ({error}); index the shards anew") from None
    try:
        parse(form, manifest)
    except BadInput as error:
        raise BadInput(f"{path}: {error}; index the shards anew") from None
    if len(manifest["files"]) != manifest["shards"]:
        raise BadInput(
            f"{path}: lists {len(manifest['files'])} shards of {manifest['shards']}; encode the "
            "others"
        )
    for entry in manifest["files"]:
        shard = folder / entry["file"]
        found = shard.stat().st_size if shard.is_file() else 0
        if found != entry["bytes"]:
            raise BadInput(
                f"{shard}: has {found:,} bytes of {entry['bytes']:,}; it is truncated or missing, "
                "encode it anew"
            )
    return manifest


def _check_places(folder, paths, headers):
    count = headers[0]["shards"]
    if len(paths) != count:
        raise BadInput(
            f"{folder}: {len(paths)} shards are named, but there are {count}; name each of them "
            "once, in their order"
        )
    for place, (path, header) in enumerate(zip(paths, headers)):
        name = shard_name(place)
        if (path.parent.resolve(), path.name) != (folder.resolve(), name):
            raise BadInput(
                f"{path}: is in the place of {name} of {folder}; name each of its shards once, in "
                "their order"
            )
        # Latents do not say which shard they are.
        if header.get("shard", place) != place:
            raise BadInput(
                f"{path}: is shard {header['shard']} by its header; name files as they were, or "
                "encode it anew"
            )
