"""Files of weights, told apart by their contents; anything else is one plain line."""

from __future__ import annotations

import argparse
import collections
import io
import pathlib
import pickle
import tarfile
import warnings
import zipfile

import numpy as np
import pytest
import torch
from safetensors.torch import save

from bench.errors import BadInput
from bench.models.published import read_published

WEIGHTS = {"layer.weight": torch.arange(6.0).view(2, 3), "layer.bias": torch.ones(2)}


# The length of a header may have the bytes with which a pickle begins.
LIKE_A_PICKLE = next(
    contents
    for padding in range(460, 520)
    if (contents := save(WEIGHTS, {"padding": "x" * padding})).startswith(b"\x80\x02")
)


class Settings:
    """What a training script pickles beside its weights."""


class Dangerous:
    """What would run code."""

    def __reduce__(self):
        return print, ("this code was run",)


def saved(contents, **options) -> bytes:
    """The bytes of torch.save."""
    file = io.BytesIO()
    torch.save(contents, file, **options)
    return file.getvalue()


def script() -> bytes:
    file = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.jit.save(torch.jit.trace(torch.nn.Linear(2, 2), torch.zeros(1, 2)), file)
    return file.getvalue()


def archive(kind) -> bytes:
    file = io.BytesIO()
    if kind == "tar":
        with tarfile.open(fileobj=file, mode="w") as tar:
            tar.addfile(tarfile.TarInfo("weights"))
    else:
        with zipfile.ZipFile(file, "w") as packed:
            packed.writestr("weights", b"")
    return file.getvalue()


@pytest.mark.parametrize(
    "name", ["weights.pt", "weights.pth", "weights.ckpt", "weights.safetensors"]
)
@pytest.mark.parametrize(
    "contents",
    [
        saved(WEIGHTS),
        saved({"ema": WEIGHTS, "model": {}, "step": 3}),
        saved(collections.OrderedDict(WEIGHTS)),
        saved(WEIGHTS, _use_new_zipfile_serialization=False),
        save(WEIGHTS),
        LIKE_A_PICKLE,
    ],
    ids=["zip", "state", "ordered", "legacy", "safetensors", "like a pickle"],
)
def test_contents_decide_and_not_the_name(name, contents, tmp_path):
    path = tmp_path / name
    path.write_bytes(contents)
    found = read_published(path)
    assert found.keys() == WEIGHTS.keys()
    assert all(torch.equal(found[key], value) for key, value in WEIGHTS.items())


OBJECTS = {
    "argparse.Namespace": argparse.Namespace(lr=1e-4),
    "numpy._core.multiarray.scalar": np.float64(2.1),
    "numpy._core.multiarray._reconstruct": np.zeros(3),
    "pathlib.PosixPath": pathlib.PosixPath("a"),
    "collections.defaultdict": collections.defaultdict(list),
    "torch.nn.modules.linear.Linear": torch.nn.Linear(2, 2),
    f"{__name__}.Settings": Settings(),
    "print": Dangerous(),
}


@pytest.mark.parametrize("is_zip", [True, False])
@pytest.mark.parametrize("name", OBJECTS)
def test_objects_are_named_and_never_made(name, is_zip, tmp_path, capsys):
    path = tmp_path / "state.pt"
    state = {"ema": WEIGHTS, "args": OBJECTS[name]}
    path.write_bytes(saved(state, _use_new_zipfile_serialization=is_zip))
    with pytest.raises(BadInput) as refused:
        read_published(path)
    text = refused.value.args[0]
    assert text.isprintable()
    assert text.startswith(f"{path}: holds more than tensors: {name}, and reading that could run ")
    assert 'torch.save(torch.load(file, weights_only=False)["ema"], "weights.pt")' in text
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("contents", "message"),
    [
        (b"", "empty"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n", "git lfs pull"),
        (b"<!DOCTYPE html><title>404</title>", "a web page"),
        (b"hello, these are no weights\n", "neither a safetensors nor a PyTorch file"),
        (b"\x1b[31mred", r"it begins with b'\x1b[31mred'"),
        (b"\x89HDF\r\n\x1a\n" + bytes(90), "neither a safetensors nor a PyTorch file"),
        (saved(WEIGHTS)[:-600], "damaged, or not written by torch.save (PytorchStreamReader"),
        (saved(WEIGHTS, _use_new_zipfile_serialization=False)[:-30], "damaged, or not written by"),
        (save(WEIGHTS)[:-5], "damaged ("),
        (script(), "a TorchScript program, not weights"),
        (archive("zip"), "damaged, or not written by torch.save"),
        (archive("tar"), "neither a safetensors nor a PyTorch file"),
        (pickle.dumps({"a": 1}, protocol=2), "damaged, or not written by torch.save"),
        (pickle.dumps(Dangerous()), "damaged, or not written by torch.save"),
        (saved([1, 2]), "holds no weights, that is tensors by name, alone or under 'ema' or"),
        (saved({"ema": {"a": 1}}), "holds no weights"),
        (saved({"weights": WEIGHTS, "epoch": 1}), "; it holds weights, epoch"),
        (saved({"ema": None, "model": None}), "; it holds ema, model"),
    ],
)
def test_other_files_are_refused(contents, message, tmp_path, capsys):
    path = tmp_path / "other.pt"
    path.write_bytes(contents)
    with pytest.raises(BadInput) as refused:
        read_published(path)
    text = refused.value.args[0]
    assert text.startswith(f"{path}: ")
    assert text.isprintable()
    assert message in text
    assert capsys.readouterr() == ("", "")


def test_an_absent_file(tmp_path):
    with pytest.raises(BadInput, match="no such file"):
        read_published(tmp_path / "absent.pt")
