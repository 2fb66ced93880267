"""What samples are compared with."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from bench.errors import BadInput
from bench.evaluation.features import KIND, NAMES, features_of
from bench.files.tensors import read_tensors
from bench.metrics.moments import Gaussian, Moments

# The ADM batch's own statistics: they are of more images than it holds, so that its FID is not
# that of its images.
STATISTICS = {"pool": ("mu", "sigma"), "spatial": ("mu_s", "sigma_s")}


@dataclass(frozen=True)
class Reference:
    """pool [N, D] of real images (precision, recall, KID), and the Gaussians of "pool", "spatial"
    and, where the extractor has it, "clean_pool" (FID, sFID, clean-fid's FID)."""

    pool: Tensor
    gaussians: dict[str, Gaussian]


def read_reference(path: Path) -> tuple[Reference, dict]:
    """The reference that a file of features holds, and the file's header."""
    tensors, description = read_tensors(path, KIND, NAMES, keys=("extractor", "source"))
    features = features_of(tensors)
    gaussians = {
        name: _stored(tensors, name) or Moments.of(values).gaussian
        for name, values in features.tensors.items()
        if name != "probabilities"
    }
    return Reference(features.pool, gaussians), description


def read_batch(path: Path) -> tuple[Tensor, dict[str, Tensor]]:
    """The images uint8 [N, 3, H, W] and the statistics of an ADM reference batch (.npz).

    Raises:
        BadInput: no such file, or one with other keys or shapes.
    """
    wanted = ("arr_0", *(key for keys in STATISTICS.values() for key in keys))
    try:
        with np.load(path, allow_pickle=False) as file:
            missing = [key for key in wanted if key not in file]
            if missing:
                raise BadInput(
                    f"{path}: lacks {', '.join(missing)}; it has {', '.join(file)}; take the ADM "
                    "evaluator's reference batch"
                )
            images, *statistics = (torch.from_numpy(file[key]) for key in wanted)
    except FileNotFoundError:
        raise BadInput(f"{path}: no such file") from None
    except BadInput:
        raise
    except (OSError, ValueError, EOFError, TypeError, NotImplementedError) as error:
        raise BadInput(f"{path}: damaged, or no .npz file ({error})") from None
    if images.dtype != torch.uint8 or images.ndim != 4 or images.shape[3] != 3:
        raise BadInput(f"{path}: arr_0 is no uint8 [N, H, W, 3] but {list(images.shape)}")
    return images.permute(0, 3, 1, 2).contiguous(), dict(zip(wanted[1:], statistics))


def _stored(tensors, name):
    keys = STATISTICS.get(name, ())
    if not keys or keys[0] not in tensors:
        return None
    return Gaussian(*(tensors[key].double() for key in keys))
