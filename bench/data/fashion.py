"""Fashion-MNIST (arXiv 1708.07747, MIT licence): 70,000 grey 28x28 images of 10 kinds of clothing.

``python -m bench fetch fashion`` puts the four files of the original release into
``data/fashion-mnist/``.
"""

from __future__ import annotations

import gzip
import hashlib
from pathlib import Path

import numpy as np

from bench.data.dataset import DatasetInfo, Split
from bench.errors import BadInput

INFO = DatasetInfo(input_size=28, in_channels=1, num_classes=10)
FOLDER = Path("data/fashion-mnist")
FILES = {
    "train-images-idx3-ubyte.gz": (
        "b0564c3eedabfbf835052cff8503ea422014ce006caf5b757f851416ee8300c7"
    ),
    "train-labels-idx1-ubyte.gz": (
        "0ae29f65d86684f32d1b9c85147786c547b9c6aebcaf235f0400a0cce308b056"
    ),
    "t10k-images-idx3-ubyte.gz": (
        "cc1d090a38ace84dfa1aa66e3ada7c336ef481a96936906477e6dd344da56eaa"
    ),
    "t10k-labels-idx1-ubyte.gz": (
        "8d3605d196f4be44669e46906da9733c8131fef761fdbfec72c424d5222f1a05"
    ),
}
ADDRESS = "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/"
DEBIAN_PACKAGE = "dataset-fashion-mnist"
# An IDX file begins with a magic number and its sizes, four bytes each.
IMAGES_HEADER, LABELS_HEADER = 16, 8


def splits() -> dict[str, Split]:
    """The release's own splits: 60,000 images to train on and 10,000 as the reference."""
    return {"train": _read("train"), "reference": _read("t10k")}


def _read(prefix):
    pixels = _contents(f"{prefix}-images-idx3-ubyte.gz")[IMAGES_HEADER:]
    labels = _contents(f"{prefix}-labels-idx1-ubyte.gz")[LABELS_HEADER:]
    images = np.frombuffer(pixels, np.uint8).reshape(-1, 1, 28, 28)
    # torch wants arrays that can be written to, so both are copied.
    return Split(images.copy(), np.frombuffer(labels, np.uint8).astype(np.int64))


def _contents(name):
    path = FOLDER / name
    if not path.is_file():
        raise BadInput(f"{path}: no such file; `python -m bench fetch fashion` gets it")
    packed = path.read_bytes()
    if hashlib.sha256(packed).hexdigest() != FILES[name]:
        raise BadInput(
            f"{path}: its SHA-256 is not the original release's; remove it and fetch it anew"
        )
    return gzip.decompress(packed)
