"""Images are found in class folders and in tar shards alike; any other folder is one line."""

from __future__ import annotations

import io
import os
import shutil
import tarfile

import numpy as np
import pytest
from PIL import Image

from bench.data.image_listing import list_images, read_bytes, read_listing, write_listing
from bench.errors import BadInput
from tests.data.images import CLASSES, add_to_tar, write_image_folder, write_image_shard


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return write_image_folder(tmp_path_factory.mktemp("images") / "train", per_class=2)


def test_class_folders(folder, tmp_path):
    write_listing(tmp_path / "train.csv", list_images(folder, 6, len(CLASSES)))
    listing = read_listing(tmp_path / "train.csv")
    assert [entry.label for entry in listing] == [0, 0, 1, 1, 2, 2]
    assert listing[2].file == f"{CLASSES[1]}/{CLASSES[1]}_0.JPEG"
    assert read_bytes(folder, listing[2]) == (folder / listing[2].file).read_bytes()


ODD_NAMES = (b"caf\xe9", b"a,b", b'"quoted"', b"two\nlines", b"\rreturn", b" NA ", b"\xf0\x9f")


def test_a_name_is_any_bytes(folder, tmp_path):
    odd = shutil.copytree(folder, tmp_path / "train")
    image = next(odd.glob("*/*")).read_bytes()
    for name in ODD_NAMES:
        (odd / CLASSES[1] / os.fsdecode(name + b".JPEG")).write_bytes(image)
    (odd / CLASSES[2]).rename(odd / os.fsdecode(b"n02\xe9"))
    entries = list_images(odd, 6 + len(ODD_NAMES), len(CLASSES))
    write_listing(tmp_path / "train.csv", entries)
    listing = read_listing(tmp_path / "train.csv")
    assert listing == entries
    keys = {os.fsencode(entry.key) for entry in listing}
    assert keys >= {CLASSES[1].encode() + b"/" + name for name in ODD_NAMES}
    assert all(read_bytes(odd, entry) for entry in listing)


def test_a_name_in_a_tar_is_any_bytes(folder, tmp_path):
    shard = tmp_path / "shards" / os.fsdecode(b"train\xe9.tar")
    shard.parent.mkdir()
    image = next(folder.glob("*/*")).read_bytes()
    with tarfile.open(shard, "w") as tar:
        for name in ODD_NAMES:
            add_to_tar(tar, os.fsdecode(name + b".jpg"), image)
            add_to_tar(tar, os.fsdecode(name + b".cls"), b"0")
    entries = list_images(shard.parent, len(ODD_NAMES), 1)
    write_listing(tmp_path / "train.csv", entries)
    listing = read_listing(tmp_path / "train.csv")
    assert [os.fsencode(entry.key) for entry in listing] == list(ODD_NAMES)
    assert all(read_bytes(shard.parent, entry) == image for entry in listing)


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


def test_hidden_and_system_entries_are_passed_over(folder, tmp_path):
    expected = list_images(folder, 6, len(CLASSES))
    littered = shutil.copytree(folder, tmp_path / "train")
    image = (folder / expected[0].file).read_bytes()
    for name in (".ipynb_checkpoints", "lost+found", "__MACOSX"):
        (littered / name).mkdir()
        (littered / name / "copy.JPEG").write_bytes(image)
    (littered / "._train.tar").write_bytes(b"of a Mac")
    for name in (".DS_Store", f"._{CLASSES[1]}_0.JPEG"):
        (littered / name).write_bytes(b"of a Mac")
        (littered / CLASSES[1] / name).write_bytes(b"of a Mac")
    assert list_images(littered, 6, len(CLASSES)) == expected


def test_hidden_and_system_entries_of_a_tar_are_passed_over(folder, tmp_path):
    shard = write_image_shard(tmp_path / "train.tar", folder)
    expected = list_images(tmp_path, 6, len(CLASSES))
    with tarfile.open(shard, "a") as tar:
        for name in ("._a.jpg", "a/._a.cls", ".DS_Store", "__MACOSX/a.jpg", ".trash/a.jpg"):
            add_to_tar(tar, name, b"of a Mac")
    assert list_images(tmp_path, 6, len(CLASSES)) == expected


def test_synsets_sort_as_characters_and_numbers_as_numbers(tmp_path):
    synsets = ("n10", "n09", "n9")
    write_image_folder(tmp_path / "synsets", 1, classes=synsets)
    entries = list_images(tmp_path / "synsets", 3, 3)
    assert [entry.file.split("/")[0] for entry in entries] == ["n09", "n10", "n9"]
    write_image_folder(tmp_path / "numbers", 1, classes=[str(n) for n in range(11)])
    entries = list_images(tmp_path / "numbers", 11, 11)
    assert [(entry.label, entry.file.split("/")[0]) for entry in entries] == [
        (n, str(n)) for n in range(11)
    ]


@pytest.mark.parametrize("contents", ["truncated", "whole"])
def test_a_tar_beside_class_folders_is_named_in_a_refusal(folder, tmp_path, contents):
    mixed = shutil.copytree(folder, tmp_path / "train")
    shard = write_image_shard(mixed / "some.tar", folder)
    if contents == "truncated":
        shard.write_bytes(shard.read_bytes()[:1000])
    with pytest.raises(BadInput, match=r"some\.tar lies beside class folders"):
        list_images(mixed, 7, len(CLASSES))


def test_a_file_that_is_no_image_is_named_in_a_refusal(folder, tmp_path):
    mixed = shutil.copytree(folder, tmp_path / "train")
    stray = mixed / CLASSES[1] / "image.bmp"
    stray.write_bytes(b"BM")
    assert len(list_images(mixed, 6, len(CLASSES))) == 6
    with pytest.raises(BadInput, match=f"not counted as images: {stray}$"):
        list_images(mixed, 7, len(CLASSES))
    (mixed / CLASSES[2] / "notes.txt").touch()
    with pytest.raises(BadInput, match=f"not counted as images: {stray} and 1 more$"):
        list_images(mixed, 7, len(CLASSES))
