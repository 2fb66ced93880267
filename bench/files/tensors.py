"""Reads and writes named tensors and their description in one safetensors file.

The description holds a digest of every tensor and one of itself, so that a byte that a disk or a
network has changed is noticed: it would be an ordinary number, and go into an average.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from safetensors import SafetensorError, safe_open

from bench.errors import BadInput
from bench.files.atomic import replacing
from bench.files.json_text import parse_json

if TYPE_CHECKING:
    from torch import Tensor

# Of the tensors by name, and of the description itself; files of earlier versions lack them.
DIGESTS, OWN_DIGEST = "digests", "digest"


def write_tensors(path: str | Path, tensors: Mapping[str, Tensor], description: Mapping) -> None:
    """Writes tensors and their description, which is anything that JSON can hold, atomically."""
    # Imported here: headers are read where there is no need of torch.
    from safetensors.torch import save

    tensors = {name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()}
    digests = {name: digest_of(tensor) for name, tensor in tensors.items()}
    contents = save(tensors, metadata_of(description, digests))
    with replacing(path) as temporary:
        temporary.write_bytes(contents)


def metadata_of(description: Mapping, digests: Mapping[str, str]) -> dict[str, str]:
    """The metadata of a file of tensors with these digests."""
    # As it will be read: JSON makes texts of keys and lists of tuples.
    description = json.loads(json.dumps({**description, DIGESTS: digests}))
    description[OWN_DIGEST] = _digest_of_description(description)
    # A single key: safetensors writes several in a random order, but equal contents are to give
    # equal files.
    return {"description": json.dumps(description)}


def read_tensors(
    path: str | Path, kind: str, tensors: Sequence[str] = (), keys: Sequence[str] = ()
) -> tuple[dict[str, Tensor], dict]:
    """The tensors and the description of a file.

    Args:
        kind: the kind of contents that the description must state.
        tensors, keys: names that the file and its description must have.

    Raises:
        BadInput: the file is missing, damaged, of another kind, or lacks a name.
    """
    with open_tensors(path, kind) as (file, description):
        found = {name: file.tensor(name) for name in file.names}
    missing = [name for name in tensors if name not in found]
    missing += [key for key in keys if key not in description]
    if missing:
        raise BadInput(f"{path}: lacks {', '.join(missing)}; make it anew")
    return found, description


def read_description(path: str | Path, kind: str) -> dict:
    """The description of a file; its tensors stay on disk.

    Raises:
        BadInput: the file is missing, truncated or of another kind.
    """
    with open_tensors(path, kind) as (_, description):
        return description


def check_finite(path: str | Path, tensors: Mapping[str, Tensor]) -> None:
    """Raises BadInput for the first of a file's tensors that holds a value that is no number."""
    for name, tensor in tensors.items():
        if tensor.is_floating_point() and not tensor.isfinite().all():
            raise BadInput(f"{path}: {name} holds values that are not finite; make it anew")


def digest_of(tensor: Tensor) -> str:
    """The SHA-256 of a tensor's bytes."""
    return hashlib.sha256(bytes_of(tensor)).hexdigest()


def bytes_of(tensor: Tensor) -> memoryview:
    """The bytes of a contiguous tensor in main memory, which are not copied."""
    import torch

    return tensor.reshape(-1).view(torch.uint8).numpy().data


class TensorFile:
    """An open file, to read one tensor or a slice of one.

    Attributes:
        names: of the tensors.
    """

    def __init__(self, path: str | Path, file: safe_open, digests: Mapping[str, str]):
        self.names = list(file.keys())
        if digests and (not isinstance(digests, dict) or set(digests) != set(self.names)):
            raise BadInput(
                f"{path}: its tensors are not those that its description has digests of; a byte "
                "was changed since. Remove the file and make it anew"
            )
        self._path, self._file, self._digests = path, file, digests or {}

    def tensor(self, name: str) -> Tensor:
        """A whole tensor.

        Raises:
            BadInput: it is not the one that was written.
        """
        found = self._file.get_tensor(name)
        if self._digests.get(name) not in (None, digest_of(found)):
            raise BadInput(
                f"{self._path}: {name} is not what was written; a byte was changed since. Remove "
                "the file and make it anew"
            )
        return found

    def slice(self, name: str):
        """A tensor whose rows are read when they are asked for, without a check of their bytes. It
        stays valid when the file is closed."""
        return self._file.get_slice(name)


@contextmanager
def open_tensors(path: str | Path, kind: str) -> Iterator[tuple[TensorFile, dict]]:
    """A file and its description.

    Raises:
        BadInput: the file is missing, truncated or of another kind; also for an error of reading
            inside the block.
    """
    try:
        with safe_open(path, "pt") as file:
            description = parse_json((file.metadata() or {}).get("description", "{}"))
            is_ours = isinstance(description, dict) and "kind" in description
            other = description["kind"] if is_ours else "something that this suite did not write"
            if other != kind:
                raise BadInput(f"{path}: expected {kind!r}, found {other!r}")
            own_digest = description.pop(OWN_DIGEST, None)
            if own_digest not in (None, _digest_of_description(description)):
                raise BadInput(
                    f"{path}: its description is not what was written; a byte was changed since. "
                    "Remove the file and make it anew"
                )
            yield TensorFile(path, file, description.pop(DIGESTS, {})), description
    except FileNotFoundError:
        raise BadInput(f"{path}: no such file") from None
    except (SafetensorError, OSError, ValueError) as error:
        raise BadInput(
            f"{path}: not a whole safetensors file ({error}); it is truncated or something else"
        ) from None


def _digest_of_description(description):
    return hashlib.sha256(json.dumps(description).encode()).hexdigest()
