"""Named tensors and their description in one safetensors file."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor

from bench.atomic import replacing
from bench.errors import BadInput


def write_tensors(path: str | Path, tensors: Mapping[str, Tensor], description: Mapping) -> None:
    """Writes both atomically; ``description`` is anything that JSON can hold."""
    # One key: the order of several in a header is random, and equal contents should be equal files.
    metadata = {"description": json.dumps(description)}
    contents = save({name: t.detach().contiguous() for name, t in tensors.items()}, metadata)
    with replacing(path) as temporary:
        temporary.write_bytes(contents)


def read_tensors(path: str | Path, kind: str) -> tuple[dict[str, Tensor], dict]:
    """The tensors and the description of a file that holds a ``kind`` (its description says so).

    Raises:
        BadInput: no such file, no whole safetensors file, or a file of something else.
    """
    try:
        with safe_open(path, "pt") as file:
            description = json.loads((file.metadata() or {}).get("description", "{}"))
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except FileNotFoundError:
        raise BadInput(f"{path}: no such file") from None
    except (SafetensorError, OSError, ValueError) as error:
        raise BadInput(
            f"{path}: not a whole safetensors file ({error}); it is truncated or something else"
        ) from None
    if description.get("kind") != kind:
        found = description.get("kind", "something that this suite did not write")
        raise BadInput(f"{path}: expected {kind!r}, found {found!r}")
    return tensors, description
