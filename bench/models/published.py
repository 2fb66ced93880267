"""Files of published weights, read without running code that may be in them."""

from __future__ import annotations

import pickle
from collections.abc import Mapping
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor

from bench.errors import BadInput

# Sections in which training scripts keep weights; samples are drawn from the moving average.
SECTIONS = ("ema", "model", "state_dict")


def read_published(path: Path) -> dict[str, Tensor]:
    """The weights of a .safetensors or a PyTorch (.pt, .pth, .ckpt) file; of a training state, the
    moving average's.

    Raises:
        BadInput: no such file, a damaged one, one that holds objects besides tensors (reading them
            could run code), or one without weights.
    """
    if not path.is_file():
        raise BadInput(f"{path}: no such file")
    try:
        if path.suffix == ".safetensors":
            found = load_file(path)
        else:
            found = torch.load(path, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        reason = str(error).splitlines()[0]
        raise BadInput(
            f"{path}: refused, for it is damaged or holds more than tensors ({reason}); save its "
            "weights alone on a machine that trusts it"
        ) from None
    except (SafetensorError, RuntimeError, EOFError, ValueError, OSError) as error:
        raise BadInput(
            f"{path}: damaged or something else ({str(error).splitlines()[0]})"
        ) from None
    for section in SECTIONS:
        if isinstance(found, Mapping) and isinstance(found.get(section), Mapping):
            found = found[section]
            break
    if not isinstance(found, Mapping) or not all(isinstance(v, Tensor) for v in found.values()):
        raise BadInput(f"{path}: holds no weights, that is tensors by name, alone or under 'ema'")
    return dict(found)
