"""Whatever became of features and of reference batches, they are read or refused in one line."""

from __future__ import annotations

import io

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.evaluation import reference
from bench.evaluation.features import write_features
from bench.evaluation.reference import read_batch, read_reference
from tests.damage import answered, damaged, redescribed

ARRAYS = {
    "arr_0": np.zeros((2, 4, 4, 3), np.uint8),
    "mu": np.zeros(4),
    "sigma": np.eye(4),
    "mu_s": np.zeros(3),
    "sigma_s": np.eye(3),
}
OTHERS = (
    *ARRAYS.values(),
    np.zeros(()),
    np.zeros(0),
    np.zeros((0, 4, 4, 3), np.uint8),
    np.zeros((2, 4, 4, 3), np.uint16),
    np.full(4, np.nan),
    np.zeros(4, np.float16),
    np.zeros(4, ">f8"),
    np.zeros(4, np.complex64),
    np.zeros(4, "datetime64[s]"),
    np.zeros(4, [("a", int)]),
    np.array(["a"]),
    np.array([None]),
)


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    return tmp_path_factory.mktemp("damaged") / "file"


@pytest.fixture(scope="module")
def features(path):
    """The bytes of a file of features."""
    tensors = {name: torch.rand(5, 4) for name in ("pool", "spatial", "probabilities")}
    write_features(path, tensors, "extractor", {"split": "train"})
    return path.read_bytes()


@pytest.fixture(scope="module", autouse=True)
def _narrow():
    """Statistics of a few values in the place of Inception's, which have megabytes."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reference, "WIDTHS", {"pool": 4, "spatial": 3})
        yield


def batch(arrays) -> bytes:
    contents = io.BytesIO()
    np.savez(contents, **arrays)
    return contents.getvalue()


@given(st.data())
@settings(max_examples=200)
def test_features(path, features, data):
    path.write_bytes(data.draw(st.one_of(damaged(features, head=900), redescribed(features))))
    with answered():
        read_reference(path)


@given(damaged(batch(ARRAYS), head=500))
@settings(max_examples=300)
def test_bytes_of_a_batch(path, contents):
    path.write_bytes(contents)
    with answered():
        read_batch(path)


@given(st.sampled_from(sorted(ARRAYS)), st.sampled_from(OTHERS))
@settings(max_examples=100)
def test_arrays_of_a_batch(path, name, array):
    path.write_bytes(batch({**ARRAYS, name: array}))
    with answered():
        read_batch(path)
