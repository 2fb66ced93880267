"""Measures how far guidance moves each sample from the unguided one of the same seed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pandas as pd
import torch
from torch import Tensor

from bench.errors import BadInput
from bench.files.atomic import write_text
from bench.files.tensors import read_tensors
from bench.stages.sample import KIND

BATCH = 256
# Samples that agree in these began as the same noise and were drawn from the same weights.
PAIRED_BY = ("seed", "indices", "checkpoint_sha256")


def measure_distances(
    samples: Sequence[Path],
    unguided: Sequence[Path],
    distance: Callable[[Tensor, Tensor], Tensor],
    device: str,
    out: Path,
) -> int:
    """Writes a row per sample (seed, index, distance), and returns their number.

    Args:
        samples, unguided: files that `sample` wrote, pair by pair.
        distance: from uint8 images [B, C, H, W] and as many others to their distances [B].

    Raises:
        BadInput: the files of a pair are of different seeds, indices or weights.
    """
    rows = pd.concat([_rows(*pair, distance, device) for pair in zip(samples, unguided)])
    write_text(out, rows.to_csv(index=False, float_format="%.5f"))
    return len(rows)


def _rows(samples, unguided, distance, device):
    (guided, about), (plain, other) = (
        read_tensors(path, KIND, ("images",), PAIRED_BY) for path in (samples, unguided)
    )
    if any(about[key] != other[key] for key in PAIRED_BY):
        raise BadInput(f"{unguided}: not the seeds, indices and checkpoint of {samples}")
    pairs = zip(guided["images"].split(BATCH), plain["images"].split(BATCH))
    found = [distance(a.to(device), b.to(device)) for a, b in pairs]
    return pd.DataFrame(
        {
            "seed": about["seed"],
            "index": range(*about["indices"]),
            "distance": torch.cat(found).cpu().numpy(),
        }
    )
