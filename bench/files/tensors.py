"""Named tensors and their description in one safetensors file."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor

from bench.errors import BadInput
from bench.files.atomic import replacing


def write_tensors(path: str | Path, tensors: Mapping[str, Tensor], description: Mapping) -> None:
    """Writes both atomically; ``description`` is anything that JSON can hold."""
    # One key: the order of several in a header is random, and equal contents should be equal files.
    metadata = {"description": json.dumps(description)}
    contents = save({name: t.detach().contiguous() for name, t in tensors.items()}, metadata)
    with replacing(path) as temporary:
        temporary.write_bytes(contents)


def read_tensors(
    path: str | Path, kind: str, tensors: Sequence[str] = (), keys: Sequence[str] = ()
) -> tuple[dict[str, Tensor], dict]:
    """The tensors and the description of a file that holds a ``kind`` (its description says so).

    Args:
        tensors, keys: names that the file and its description must have.

    Raises:
        BadInput: no such file, no whole safetensors file, a file of something else, or one that
            lacks a name.
    """
    with _opened(path, kind) as (file, description):
        found = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    missing = [name for name in tensors if name not in found]
    missing += [key for key in keys if key not in description]
    if missing:
        raise BadInput(f"{path}: lacks {', '.join(missing)}; make it anew")
    return found, description


def read_description(path: str | Path, kind: str) -> dict:
    """What a file that holds a ``kind`` says of itself; its tensors stay on disk.

    Raises:
        BadInput: as `read_tensors`.
    """
    with _opened(path, kind) as (_, description):
        return description


def check_finite(path: str | Path, tensors: Mapping[str, Tensor]) -> None:
    """Raises BadInput for the first of a file's tensors that holds a value that is no number."""
    for name, tensor in tensors.items():
        if tensor.is_floating_point() and not tensor.isfinite().all():
            raise BadInput(f"{path}: {name} holds values that are not finite; make it anew")


@contextmanager
def _opened(path, kind):
    try:
        with safe_open(path, "pt") as file:
            description = json.loads((file.metadata() or {}).get("description", "{}"))
            is_ours = isinstance(description, dict) and "kind" in description
            other = description["kind"] if is_ours else "something that this suite did not write"
            if other != kind:
                raise BadInput(f"{path}: expected {kind!r}, found {other!r}")
            yield file, description
    except FileNotFoundError:
        raise BadInput(f"{path}: no such file") from None
    except (SafetensorError, OSError, ValueError) as error:
        raise BadInput(
            f"{path}: not a whole safetensors file ({error}); it is truncated or something else"
        ) from None
