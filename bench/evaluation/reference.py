"""The real images that samples are compared with, and the ADM evaluator's reference batch."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from bench.errors import BadInput
from bench.evaluation.features import read_features
from bench.metrics.comparison import FeatureSet
from bench.metrics.moments import Gaussian

# Mean and covariance in an ADM batch, by the features that they are of. They are of more images
# than the batch holds, so a FID to them is not one to its images.
STATISTICS = {"pool": ("mu", "sigma"), "spatial": ("mu_s", "sigma_s")}
# The values per image in these features of the ADM evaluator.
WIDTHS = {"pool": 2048, "spatial": 2023}
STATISTICS_KEYS = tuple(key for keys in STATISTICS.values() for key in keys)

# The features of the real images, by name.
Reference = Mapping[str, FeatureSet]


def read_reference(path: Path) -> tuple[Reference, dict]:
    """The reference that a file of features holds, and the file's description.

    Raises:
        BadInput: as `read_features`.
    """
    tensors, description = read_features(path)
    features = {name: tensors[name] for name in tensors if name not in STATISTICS_KEYS}
    reference = {
        name: FeatureSet([values], _given(tensors, name)) for name, values in features.items()
    }
    return reference, description


def read_batch(path: Path) -> tuple[Tensor, dict[str, Tensor]]:
    """The images uint8 [N, 3, H, W] and the statistics of an ADM reference batch (.npz).

    Raises:
        BadInput: no such file, or one with other keys or shapes, or with values that are not
            finite.
    """
    wanted = ("arr_0", *STATISTICS_KEYS)
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
    except Exception as error:
        # zipfile, zlib and NumPy raise almost anything at damaged bytes.
        raise BadInput(f"{path}: damaged, or no .npz file ({error})") from None
    if images.dtype != torch.uint8 or images.ndim != 4 or images.shape[3] != 3:
        raise BadInput(f"{path}: arr_0 is no uint8 [N, H, W, 3] but {list(images.shape)}")
    statistics = dict(zip(STATISTICS_KEYS, statistics))
    for name, (mean, covariance) in STATISTICS.items():
        _check_statistic(path, mean, statistics[mean], [WIDTHS[name]])
        _check_statistic(path, covariance, statistics[covariance], 2 * [WIDTHS[name]])
    return images.permute(0, 3, 1, 2).contiguous(), statistics


def _check_statistic(path, key, found, shape):
    # A wrong shape would be broadcast, to an ordinary number.
    if list(found.shape) != shape:
        raise BadInput(f"{path}: {key} has the shape {list(found.shape)}, but {shape} is wanted")
    if not found.isfinite().all():
        raise BadInput(f"{path}: {key} holds values that are not finite")


def _given(tensors, name):
    """The Gaussian that a reference batch is published with, if the features are of one."""
    keys = STATISTICS.get(name, ())
    if not keys or keys[0] not in tensors:
        return None
    return Gaussian(*(tensors[key].double() for key in keys))
