"""Images are found in class folders and in tar shards alike; what is no ImageNet is one line."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from bench.data.image_listing import list_images, read_bytes, read_listing, write_listing
from bench.errors import BadInput
from tests.data.images import CLASSES, write_image_folder, write_image_shard


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return write_image_folder(tmp_path_factory.mktemp("images") / "train", per_class=2)


def test_class_folders(folder, tmp_path):
    write_listing(tmp_path / "train.csv", list_images(folder, 6, len(CLASSES)))
    listing = read_listing(tmp_path / "train.csv")
    assert [entry.label for entry in listing] == [0, 0, 1, 1, 2, 2]
    assert listing[2].file == f"{CLASSES[1]}/{CLASSES[1]}_0.JPEG"
    assert read_bytes(folder, listing[2]) == (folder / listing[2].file).read_bytes()


def test_tar_shards_hold_the_same_images(folder, tmp_path):
    shard = write_image_shard(tmp_path / "shards" / "train-000.tar", folder)
    for name, source in (("folders.csv", folder), ("shards.csv", shard.parent)):
        write_listing(tmp_path / name, list_images(source, 6, len(CLASSES)))
    plain, packed = (read_listing(tmp_path / name) for name in ("folders.csv", "shards.csv"))
    assert [entry.label for entry in packed] == [entry.label for entry in plain]
    for one, other in zip(plain, packed):
        contents = read_bytes(shard.parent, other)
        assert contents == read_bytes(folder, one)
        assert np.array(Image.open(io.BytesIO(contents))).ndim == 3


@pytest.mark.parametrize(
    ("prepare", "message"),
    [
        (lambda path: None, "no such folder"),
        (lambda path: path.mkdir(), "holds no images in class folders"),
        (lambda path: write_image_folder(path, 1, classes=CLASSES[:2]), "has 2 classes"),
        (lambda path: write_image_folder(path, 1, classes=(*CLASSES, "n02")), "has 4 classes"),
        (lambda path: write_image_folder(path, 1), "holds 3 images, but"),
        (lambda path: _truncated_shard(path), "not a whole tar"),
        (lambda path: _unlabelled_shard(path), "has no"),
    ],
)
def test_what_is_no_imagenet(tmp_path, prepare, message):
    prepare(tmp_path / "train")
    with pytest.raises(BadInput, match=message):
        list_images(tmp_path / "train", 6, len(CLASSES))
    assert not (tmp_path / "train.csv").exists()


def _truncated_shard(path):
    shard = write_image_shard(path / "0.tar", write_image_folder(path / "images", 2))
    contents = shard.read_bytes()
    shard.write_bytes(contents[: len(contents) // 2])


def _unlabelled_shard(path):
    shard = write_image_shard(path / "0.tar", write_image_folder(path / "images", 2))
    shard.write_bytes(shard.read_bytes().replace(b"_0.cls", b"_0.txt"))
