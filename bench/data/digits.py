"""scikit-learn's handwritten digits: 1,797 real 8x8 images of 10 classes.

From the UCI repository (Alpaydin & Kaynak, "Optical Recognition of Handwritten Digits",
CC BY 4.0); the copy ships inside scikit-learn, so nothing is downloaded.
"""

from __future__ import annotations

import numpy as np

from bench.data.dataset import DatasetInfo, Split

INFO = DatasetInfo(input_size=8, in_channels=1, num_classes=10)


def load() -> tuple[np.ndarray, np.ndarray]:
    """Images uint8 [1797, 1, 8, 8] and labels int64 [1797]."""
    from sklearn.datasets import load_digits

    digits = load_digits()
    # The file counts ink from 0 to 16.
    images = np.round(digits.images * (255 / 16)).astype(np.uint8)
    return images[:, None], digits.target.astype(np.int64)


def splits() -> dict[str, Split]:
    """The images to train on, and the reference: every third image of each class, 596 in all. The
    data interleaves its writers, so both splits hold images of each of them."""
    images, labels = load()
    reference = np.zeros(len(labels), dtype=bool)
    for label in range(10):
        reference[np.flatnonzero(labels == label)[2::3]] = True
    return {
        "train": Split(images[~reference], labels[~reference]),
        "reference": Split(images[reference], labels[reference]),
    }
