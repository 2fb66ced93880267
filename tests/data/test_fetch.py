"""Files of a dataset arrive whole and right, or not at all."""

from __future__ import annotations

import gzip
import hashlib
import subprocess
from types import SimpleNamespace

import numpy as np
import pytest

from bench.data import fashion
from bench.data import fetch as fetching
from bench.data.fetch import fetch
from bench.errors import BadInput
from tests.files.servers import CONTENTS as SERVED
from tests.files.servers import SHA256, FileServer, serving

CONTENTS = {"one.gz": b"one", "two.gz": b"two"}


@pytest.fixture
def dataset(tmp_path):
    hashes = {name: hashlib.sha256(held).hexdigest() for name, held in CONTENTS.items()}
    return SimpleNamespace(FILES=hashes, FOLDER=tmp_path / "data", DEBIAN_PACKAGE="dataset-one")


@pytest.fixture
def source(tmp_path):
    folder = tmp_path / "source" / "deeper"
    folder.mkdir(parents=True)
    for name, held in CONTENTS.items():
        (folder / name).write_bytes(held)
    return folder.parent


def test_from_a_folder(dataset, source):
    fetch(dataset, source)
    assert {path.name: path.read_bytes() for path in dataset.FOLDER.iterdir()} == CONTENTS


def test_other_contents_are_refused_and_nothing_is_written(dataset, source):
    (source / "deeper" / "two.gz").write_bytes(b"twp")
    with pytest.raises(BadInput, match=r"two\.gz: its SHA-256 is not"):
        fetch(dataset, source)
    assert not dataset.FOLDER.exists()


def test_a_missing_file_is_refused(dataset, source):
    (source / "deeper" / "two.gz").unlink()
    with pytest.raises(
        BadInput, match=r"holds no two\.gz; name the folder that does with --source"
    ):
        fetch(dataset, source)
    with pytest.raises(BadInput, match=r"holds no one\.gz"):
        fetch(dataset, source / "absent")


def test_what_is_there_is_not_fetched_again(dataset, source):
    fetch(dataset, source)
    fetch(dataset, source / "absent")
    (dataset.FOLDER / "one.gz").write_bytes(b"damaged")
    with pytest.raises(BadInput, match=r"holds no one\.gz"):
        fetch(dataset, source / "absent")
    fetch(dataset, source)
    assert (dataset.FOLDER / "one.gz").read_bytes() == b"one"


@pytest.fixture
def without_apt(monkeypatch):
    monkeypatch.setattr(fetching.shutil, "which", lambda name: None)


def test_from_its_own_server(dataset, without_apt):
    dataset.FILES = {"one.gz": SHA256}
    dataset.FOLDER.mkdir()
    (dataset.FOLDER / "one.gz").write_bytes(b"damaged")
    with serving(FileServer, ranges=[]) as server:
        dataset.ADDRESS = f"{server.address}/"
        fetch(dataset, None)
    assert {path.name: path.read_bytes() for path in dataset.FOLDER.iterdir()} == {"one.gz": SERVED}


def test_its_own_server_is_out_of_reach(dataset, without_apt):
    dataset.ADDRESS = "http://127.0.0.1:1/"
    with pytest.raises(BadInput, match=r"one\.gz: broken off .*refused.*get one\.gz elsewhere"):
        fetch(dataset, None)


def test_no_debian_mirror_is_one_line(dataset, monkeypatch):
    def refused(command, **_):
        raise subprocess.CalledProcessError(100, command, stderr="W: noise\nE: Failed to fetch\n")

    monkeypatch.setattr(fetching.subprocess, "run", refused)
    monkeypatch.setattr(fetching.shutil, "which", lambda name: f"/usr/bin/{name}")
    with pytest.raises(BadInput, match=r"dataset-one: cannot be fetched \(E: Failed to fetch"):
        fetch(dataset, None)
    assert not dataset.FOLDER.exists()


def idx(prefix, magic, array):
    header = magic.to_bytes(4, "big") + b"".join(n.to_bytes(4, "big") for n in array.shape)
    return prefix, gzip.compress(header + array.tobytes())


@pytest.fixture
def small_release(tmp_path, monkeypatch):
    """Files in the release's format, of 3 images to train on and 2 held out."""
    generator = np.random.default_rng(0)
    images = generator.integers(0, 256, (5, 28, 28), np.uint8)
    labels = generator.integers(0, 10, 5, np.uint8)
    files = dict(
        [
            idx("train-images-idx3-ubyte.gz", 2051, images[:3]),
            idx("train-labels-idx1-ubyte.gz", 2049, labels[:3]),
            idx("t10k-images-idx3-ubyte.gz", 2051, images[3:]),
            idx("t10k-labels-idx1-ubyte.gz", 2049, labels[3:]),
        ]
    )
    for name, held in files.items():
        (tmp_path / name).write_bytes(held)
    hashes = {name: hashlib.sha256(held).hexdigest() for name, held in files.items()}
    monkeypatch.setattr(fashion, "FOLDER", tmp_path)
    monkeypatch.setattr(fashion, "FILES", hashes)
    return images, labels


def test_fashion_is_read(small_release):
    images, labels = small_release
    splits = fashion.splits()
    assert (splits["train"].images[:, 0] == images[:3]).all()
    assert (splits["reference"].images[:, 0] == images[3:]).all()
    assert (splits["reference"].labels == labels[3:]).all()


def test_a_damaged_or_missing_file_of_fashion(small_release, tmp_path):
    path = tmp_path / "t10k-labels-idx1-ubyte.gz"
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(BadInput, match=r"t10k-labels.*: its SHA-256 is not the original"):
        fashion.splits()
    path.unlink()
    with pytest.raises(BadInput, match="no such file; `python -m bench fetch fashion` gets it"):
        fashion.splits()
