"""Files of published weights, read without running code that may be in them."""

from __future__ import annotations

import re
import warnings
from collections.abc import Mapping
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor

from bench.errors import BadInput

# Sections in which training scripts keep weights, in the order of preference: samples are drawn
# from the moving average. OpenMMLab's files have a section that says nothing of averages.
AVERAGE, LAST, ONLY = "ema", "model", "state_dict"
# The beginnings of what is no file of weights, and what such a file is.
OTHER_FILES = {
    b"version https://git-lfs": "a pointer of Git LFS, which `git lfs pull` replaces by the file",
    b"<": "a web page; download it anew",
}
ZIP, PICKLE = b"PK\x03\x04", b"\x80"


def read_published(path: Path) -> dict[str, Tensor]:
    """The weights of a safetensors or a PyTorch file, whatever its name ends in; of a training
    state, the moving average's or, where it has none, those of its last step.

    Raises:
        BadInput: no such file, a damaged one, one that holds objects besides tensors (reading them
            could run code), or one without weights.
    """
    weights, _ = read_section(path)
    return weights


def read_section(path: Path) -> tuple[dict[str, Tensor], str | None]:
    """The weights of `read_published`, and the section of the training state that they are of:
    "ema", "model", "state_dict", or None for a file of weights alone.

    Raises:
        BadInput: as `read_published`.
    """
    found = _read(path)
    for section in (AVERAGE, LAST, ONLY):
        weights = found.get(section) if isinstance(found, Mapping) else None
        # A script that keeps no average may store an empty one.
        if isinstance(weights, Mapping) and weights:
            return _checked(path, weights), section
    return _checked(path, found), None


def _read(path):
    if not path.is_file():
        raise BadInput(f"{path}: no such file")
    with open(path, "rb") as file:
        beginning = file.read(64)
    # A safetensors file: eight bytes for the length of its header, then the header in JSON, which
    # begins with a brace; that is no part of a pickle.
    is_safetensors = beginning[8:9] == b"{"
    if beginning.startswith(ZIP) or (beginning.startswith(PICKLE) and not is_safetensors):
        return _read_pytorch(path)
    if is_safetensors:
        return _read_safetensors(path)
    if not beginning:
        raise BadInput(f"{path}: empty; download it anew")
    for start, kind in OTHER_FILES.items():
        if beginning.startswith(start):
            raise BadInput(f"{path}: {kind}")
    raise BadInput(
        f"{path}: neither a safetensors nor a PyTorch file; it begins with {beginning[:16]!r}"
    )


def _read_safetensors(path):
    try:
        return load_file(path)
    except (SafetensorError, OSError) as error:
        raise BadInput(f"{path}: damaged ({error}); download it anew") from None


def _read_pytorch(path):
    try:
        with warnings.catch_warnings(), open(path, "rb") as file:
            # Of formats that PyTorch still reads.
            warnings.simplefilter("ignore")
            return torch.load(file, map_location="cpu", weights_only=True)
    except Exception as error:
        # A damaged pickle raises almost anything.
        raise BadInput(f"{path}: {_reason(str(error))}") from None


def _reason(message):
    """What is wrong with a PyTorch file, in place of PyTorch's advice of many lines."""
    if other := re.search(r"GLOBAL (\S+)", message):
        return (
            f"holds more than tensors: {other[1]}, and reading that could run code; where the file "
            "is trusted, save its weights alone, as in torch.save(torch.load(file, "
            'weights_only=False)["ema"], "weights.pt")'
        )
    if "TorchScript" in message:
        return (
            "a TorchScript program, not weights; where the file is trusted, save its weights "
            'alone, as in torch.save(torch.jit.load(file).state_dict(), "weights.pt")'
        )
    detail = message.partition("WeightsUnpickler error:")[2].strip() or message
    first = re.split(r"\. (?=[A-Z])|\n", detail)[0]
    return f"damaged, or not written by torch.save ({first}); download it anew"


def _checked(path, found):
    if not isinstance(found, Mapping) or not all(isinstance(v, Tensor) for v in found.values()):
        raise BadInput(
            f"{path}: holds no weights, that is tensors by name, alone or under {AVERAGE!r} or "
            f"{LAST!r}{_names(found)}"
        )
    return dict(found)


def _names(found):
    if not isinstance(found, Mapping):
        return f"; it holds a {type(found).__name__}"
    names = [str(name) for name in list(found)[:5]]
    more = f" and {len(found) - 5} more" if len(found) > 5 else ""
    return f"; it holds {', '.join(names)}{more}"
