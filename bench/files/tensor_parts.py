"""Writes a safetensors file with a tensor that is too large for memory."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from itertools import chain
from pathlib import Path

from torch import Tensor

from bench.files.atomic import replacing
from bench.files.tensors import bytes_of, digest_of, metadata_of

# Offsets and the number of rows, as text: what a header may grow by.
ROOM = 64
ALIGNMENT = 8


def write_in_parts(
    path: str | Path,
    name: str,
    parts: Iterable[Tensor],
    others: Mapping[str, Tensor],
    description: Mapping,
) -> None:
    """Writes tensors and their description as `write_tensors` does, and reads alike; of the tensor
    ``name`` one part is in memory at a time.

    Args:
        parts: [n, ...] each, at least one; the tensor is all of them along the first dimension.
        others: the further tensors. Their values may be filled in while the parts are drawn.
    """
    parts = iter(parts)
    first = next(parts)
    blank = {each: hashlib.sha256().hexdigest() for each in (*others, name)}
    # The header comes first in the file, and is written when the number of rows is known.
    length = len(_header(name, first, 0, 0, others, description, blank)[0]) + ROOM
    length += -length % ALIGNMENT
    digest, rows, size = hashlib.sha256(), 0, 0
    with replacing(path) as temporary, open(temporary, "wb") as file:
        file.seek(8 + length + sum(tensor.nbytes for tensor in others.values()))
        for part in chain([first], parts):
            contents = bytes_of(part.contiguous())
            digest.update(contents)
            file.write(contents)
            rows, size = rows + len(part), size + part.nbytes
        digests = {each: digest_of(tensor) for each, tensor in others.items()}
        digests[name] = digest.hexdigest()
        header, contents = _header(name, first, rows, size, others, description, digests)
        file.seek(0)
        file.write(length.to_bytes(8, "little"))
        # The format lets spaces fill the header up.
        file.write(header.ljust(length))
        file.write(contents)


def _header(name, first, rows, size, others, description, digests):
    """The header, and the bytes of the other tensors, which come before those of the large one."""
    from safetensors.torch import save

    contents = save({**others, name: first[:0]}, metadata_of(description, digests))
    end = 8 + int.from_bytes(contents[:8], "little")
    header, start = json.loads(contents[8:end]), len(contents) - end
    header[name] |= {"shape": [rows, *first.shape[1:]], "data_offsets": [start, start + size]}
    return json.dumps(header).encode(), contents[end:]
