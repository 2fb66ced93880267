"""Random streams that depend on their purpose, never on how the work is laid out."""

from __future__ import annotations

import numpy as np
import torch

# Each purpose has its own stream, so that drawing more for one shifts no other.
PURPOSES = (
    "noise",
    "condition",
    "random condition",
    "subsets",
    "training order",
    "training step",
    "initial weights",
    "extractor",
    "validation",
    "decoding",
    "scene",
)


def generator(seed: int, purpose: str, *indices: int) -> torch.Generator:
    """The CPU generator of one purpose, of one sample or step for instance.

    The draws are the same on every machine; move them to the device that needs them.
    """
    entropy = np.random.SeedSequence((seed, PURPOSES.index(purpose), *indices))
    return torch.Generator().manual_seed(int(entropy.generate_state(1, np.uint64)[0] >> 1))
