"""The states of more captions than memory holds: shards in safetensors, and their manifest.

The captions are those of a split's images, each once, where it first comes. A shard holds the n of
them that first come in its part of the images, and the last shard holds the empty one behind them:
one after the other, the shards hold what a file of `write_text_states` would.

    states    bfloat16 [tokens, D]    of all tokens of its captions; padding is not stored
    counts    int64 [n]               the tokens of each caption
    checks    int64 [n]               the CRC-32 of the states of each, checked when it is read
    keys      uint8 [n, 32]           the SHA-256 of each caption, by which it is found

Its header says which text encoder encoded them, and which of how many shards it is.
"""

from __future__ import annotations

import hashlib
import zlib
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from itertools import accumulate
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from bench.data.prompts import Prompts
from bench.data.shards import (
    MANIFEST,
    ListedShard,
    check_header,
    read_manifest,
    write_manifest,
)
from bench.data.text_states import EncodedCaptions, Encoder, TextStates, encoded
from bench.errors import BadInput
from bench.files.tensor_parts import write_in_parts
from bench.files.tensors import bytes_of, open_tensors

KIND = "a shard of text states"
# NumPy's type of a SHA-256, which it can sort.
KEY = "S32"


@dataclass(frozen=True)
class Shared:
    """The part of a header in which all shards of a split agree."""

    width: int
    length: int
    text_encoder: str
    listing_sha256: str
    shards: int


@dataclass(frozen=True)
class Header(Shared):
    """The header of a shard; ``shard`` is its number, from 0."""

    shard: int


@dataclass(frozen=True)
class CountedShard(ListedShard):
    """A shard in a manifest, with the number of its captions, the empty one included."""

    captions: int


@dataclass(frozen=True)
class Manifest(Shared):
    """The contents of a manifest."""

    captions: int
    files: tuple[CountedShard, ...]


def write_text_shard(
    path: Path,
    captions: Sequence[str],
    encoder: Encoder,
    listing_sha256: str,
    shard: int,
    shards: int,
) -> None:
    """Encodes the captions of a shard into a file; a few hundred are in memory at a time.

    Args:
        captions: its own, without the empty one.
        listing_sha256: of the listing of the images.
        shard: its number, from 0.

    Raises:
        BadInput: as `encoded`.
    """
    texts = [*captions, ""] if shard == shards - 1 else list(captions)
    counts, checks = torch.zeros(2, len(texts), dtype=torch.int64)
    keys = torch.from_numpy(_keys(texts).view(np.uint8).reshape(-1, 32))
    header = Header(encoder.width, encoder.length, encoder.identity, listing_sha256, shards, shard)
    write_in_parts(
        path,
        "states",
        _states(texts, encoder, counts, checks),
        {"counts": counts, "checks": checks, "keys": keys},
        {"kind": KIND, **vars(header)},
    )


def write_text_manifest(folder: Path, paths: Sequence[Path]) -> dict:
    """Writes the manifest of ``folder``, which joins its shards.

    Args:
        paths: all shards of the folder, in their order.

    Raises:
        BadInput: a shard is missing, damaged, no shard or not in its place, or they are not of the
            same captions and the same text encoder.
    """
    found = [ShardStates(path) for path in paths]
    headers = [shard.header for shard in found]
    listed = [{"captions": len(shard)} for shard in found]
    totals = {"captions": sum(map(len, found))}
    return write_manifest(folder, paths, headers, listed, Shared, totals)


def read_text_states(path: Path) -> EncodedCaptions:
    """The captions of a file, or of the shards that a manifest joins.

    Raises:
        BadInput: as `TextStates` and `TextShards`.
    """
    return TextShards(path.parent) if path.name == MANIFEST else TextStates(path)


class TextShards(EncodedCaptions):
    """The captions of a folder of shards; states are read from disk when they are asked for, and
    memory holds those of one batch.

    Raises:
        BadInput: the folder has no manifest, it is damaged, or a shard is missing, truncated or
            another one than it says.
    """

    def __init__(self, folder: Path):
        self.path = folder / MANIFEST
        manifest = read_manifest(folder, Manifest)
        self.width: int = manifest["width"]
        self.length: int = manifest["length"]
        self.encoder: str = manifest["text_encoder"]
        self.shards = [ShardStates(folder / entry["file"]) for entry in manifest["files"]]
        digest = hashlib.sha256()
        for place, (shard, entry) in enumerate(zip(self.shards, manifest["files"])):
            self._check(shard, {**manifest, **entry, "shard": place})
            digest.update(bytes_of(torch.stack([shard.counts, shard.checks], dim=1)))
        self.sha256 = digest.hexdigest()
        self.starts = list(accumulate(map(len, self.shards), initial=0))

    def __len__(self) -> int:
        # The last row is the empty caption's.
        return self.starts[-1] - 1

    def __getitem__(self, rows: Tensor) -> Prompts:
        states = torch.zeros(len(rows), self.length, self.width, dtype=torch.bfloat16)
        mask = torch.zeros(len(rows), self.length, dtype=torch.bool)
        for place, row in enumerate(rows.tolist()):
            # Of the shards that start there, those before the last are empty.
            shard = bisect_right(self.starts, row) - 1
            found = self.shards[shard][row - self.starts[shard]]
            states[place, : len(found)] = found
            mask[place, : len(found)] = True
        return Prompts(states, mask, rows)

    def rows(self, captions: Sequence[str]) -> Tensor:
        known = np.concatenate([shard.read_keys() for shard in self.shards])
        asked, order = _keys(captions), known.argsort()
        places = known.searchsorted(asked, sorter=order)
        rows = order[places.clip(max=len(known) - 1)]
        for missing in np.flatnonzero(known[rows] != asked)[:1]:
            raise BadInput(f"{self.path}: lacks the caption {captions[missing]!r}; encode it anew")
        return torch.from_numpy(rows)

    def _check(self, shard, expected):
        for field in fields(Header):
            if shard.header[field.name] != expected[field.name]:
                raise BadInput(
                    f"{shard.path}: its {field.name} is not the one that {self.path} says; encode "
                    "it anew, or index the shards anew"
                )
        if len(shard) != expected["captions"]:
            raise BadInput(
                f"{self.path}: lists {expected['captions']} captions for the {len(shard)} of "
                f"{shard.path}; index the shards anew"
            )


class ShardStates:
    """The states of a shard's captions by row, each bfloat16 [tokens, D], read when it is asked
    for.

    A copy that is sent to another process opens the file anew, so that no two workers share a
    handle.

    Attributes:
        header: the fields of `Header`.
        counts, checks: int64 [n].

    Raises:
        BadInput: the file is missing, damaged or no shard of text states.
    """

    def __init__(self, path: Path):
        self.path = path
        with open_tensors(path, KIND) as (file, self.header):
            check_header(path, Header, self.header)
            self.counts, self.checks = file.tensor("counts"), file.tensor("checks")
            self._states = file.slice("states")
            shape = self._states.get_shape()
        counted = (self.counts >= 0) & (self.counts <= self.header["length"])
        sizes = [int(self.counts.sum()), self.header["width"]]
        if shape != sizes or self.counts.shape != self.checks.shape or not counted.all():
            raise BadInput(f"{path}: its states are not those of its captions; encode it anew")
        self._starts = self.counts.cumsum(0) - self.counts

    def __len__(self) -> int:
        return len(self.counts)

    def __getitem__(self, row: int) -> Tensor:
        """Raises BadInput where the bytes are not those that were written."""
        start, count = int(self._starts[row]), int(self.counts[row])
        found = self._states[start : start + count]
        if self.checks[row] != _check(found):
            raise BadInput(
                f"{self.path}: the states of caption {row} are not what was encoded; a byte was "
                "changed since. Remove the file and encode it anew"
            )
        return found

    def __reduce__(self):
        return type(self), (self.path,)

    def read_keys(self) -> np.ndarray:
        """The SHA-256 of each caption, bytes [n]."""
        with open_tensors(self.path, KIND) as (file, _):
            return file.tensor("keys").numpy().view(KEY).reshape(-1)


def _states(texts, encoder, counts, checks) -> Iterator[Tensor]:
    """The states of the captions part by part, whose counts and checks are filled in."""
    # A shard may have no captions: other images had them before.
    yield torch.empty(0, encoder.width, dtype=torch.bfloat16)
    start = 0
    for states, found in encoded(texts, encoder):
        part = slice(start, start + len(found))
        counts[part] = found
        checks[part] = torch.tensor(list(map(_check, states.split(found.tolist()))))
        yield states
        start = part.stop


def _check(states):
    return zlib.crc32(bytes_of(states))


def _keys(captions):
    # JSON may name half of a pair of surrogates, which UTF-8 cannot.
    encoded = (caption.encode("utf-8", "surrogatepass") for caption in captions)
    digests = (hashlib.sha256(caption).digest() for caption in encoded)
    return np.fromiter(digests, dtype=KEY, count=len(captions))
