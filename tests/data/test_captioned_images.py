"""Captioned images are found in tar shards; what is wrong with a sample is one line."""

from __future__ import annotations

import json
import math
import tarfile

import numpy as np
import pytest

from bench.data.captioned_images import (
    list_captioned_images,
    read_captions,
    write_captioned_listing,
)
from bench.data.image_listing import read_bytes, read_listing
from bench.errors import BadInput
from tests.data.images import add_to_tar, encoded_image

IMAGE = encoded_image(np.random.default_rng(0))


def sample(key="a/0.1/x", captions=("a cat", "a cat on a mat"), **metadata):
    return {f"{key}.jpg": IMAGE, f"{key}.json": json.dumps({"captions": captions, **metadata})}


def shard(folder, files, name="0.tar"):
    folder.mkdir(exist_ok=True)
    with tarfile.open(folder / name, "w") as tar:
        for member, contents in files.items():
            add_to_tar(tar, member, contents if isinstance(contents, bytes) else contents.encode())
    return folder / name


def test_images_with_captions_and_scores(tmp_path):
    source = tmp_path / "train"
    metadata = {"aesthetic": 5.5, "caption": "a café, “quoted”\nand more"}
    files = {"x.txt": "  first\n", "x.json": json.dumps(metadata), "x.PNG": IMAGE, "x.cls": "7"}
    shard(source, sample("b/y", captions=["one", "two", "one"], aesthetic=4), "1.tar")
    shard(source, files, "0.tar")
    images = list_captioned_images(source, 2, "aesthetic")
    assert [image.entry.key for image in images] == ["x", "b/y"]
    write_captioned_listing(tmp_path / "train.csv", images)
    expected = [(("first", metadata["caption"]), 5.5), (("one", "two"), 4.0)]
    assert read_captions(tmp_path / "train.csv") == expected
    # The images are listed as those with classes are.
    entries = read_listing(tmp_path / "train.csv")
    assert entries == [image.entry for image in images]
    assert [read_bytes(source, entry) for entry in entries] == [IMAGE, IMAGE]


def test_a_score_that_nobody_asks_for_may_be_missing(tmp_path):
    shard(tmp_path, sample())
    (image,) = list_captioned_images(tmp_path, 1, None)
    assert math.isnan(image.score)


@pytest.mark.parametrize(
    ("metadata", "text", "captions"),
    [
        ({"captions": [], "caption": "x"}, None, ("x",)),
        ({"captions": [" "], "caption": "x"}, None, ("x",)),
        ({"captions": None, "caption": "x"}, None, ("x",)),
        ({"captions": ["y"], "caption": "x"}, None, ("y",)),
        ({"caption": None}, b"x", ("x",)),
        ({"caption": "y"}, b"\xef\xbb\xbfx\n", ("x", "y")),
        ({}, b"\xef\xbb\xbf x", ("x",)),
    ],
)
def test_where_captions_stand(tmp_path, metadata, text, captions):
    files = {"k.jpg": IMAGE, "k.json": json.dumps(metadata)}
    shard(tmp_path, files if text is None else {**files, "k.txt": text})
    (image,) = list_captioned_images(tmp_path, 1, None)
    assert image.captions == captions


def test_entries_of_the_system_are_passed_over(tmp_path):
    """Those of a Mac's tar, as in folders of images."""
    theirs = ("._k.jpg", "./._k.json", ".DS_Store", "__MACOSX/._k.jpg", "a/.thumbnails/k.jpg")
    shard(tmp_path, {**dict.fromkeys(theirs, "theirs"), **sample("./a/k")})
    (image,) = list_captioned_images(tmp_path, 1, None)
    assert image.entry.key == "a/k"


HEAD = "file,offset,bytes,label,key,captions,score\n"
ROW = '0.tar,1,2,0,k,"{}",{}\n'
LISTINGS = {
    "a text": ROW.format('""xyz""', 5),
    "none": ROW.format("[]", 5),
    "numbers": ROW.format("[1]", 5),
    "an empty text": ROW.format('[""x"", """"]', 5),
    "no JSON": ROW.format("hello", 5),
    "empty": ROW.format("", 5),
    "cut": "0.tar,1,2,0,k\n",
    "no score": ROW.format('[""x""]', "high"),
    "an endless score": ROW.format('[""x""]', "inf"),
}


@pytest.mark.parametrize("name", LISTINGS)
def test_a_damaged_listing(tmp_path, name):
    path = tmp_path / "train.csv"
    path.write_text(HEAD + ROW.format('[""x""]', "") + LISTINGS[name])
    with pytest.raises(BadInput) as caught:
        read_captions(path)
    assert str(caught.value).startswith(f"{path}: image 2 has no ")
    assert str(caught.value).endswith("; list the images anew")


def without(files, kind):
    return {name: contents for name, contents in files.items() if not name.endswith(kind)}


FAULTS = {
    "no image": (without(sample("k"), ".jpg"), "k has no image (.jpeg, .jpg, .png, .webp) beside"),
    "no caption": (without(sample("k"), ".json"), "k has no caption; give it one in its .txt or"),
    "empty captions": (sample("k", captions=["", " "]), "k has no caption; give it one in its"),
    "numbers": (sample("k", captions=[1]), "k has captions that are no texts; write a list of"),
    "no mapping": ({**sample("k"), "k.json": "[]"}, "k has a .json that is no mapping; write"),
    "no JSON": ({**sample("k"), "k.json": "{"}, "k has a .json that is not valid JSON (Expecting"),
    "no UTF-8": ({**sample("k"), "k.txt": b"\xff"}, "k has a .txt that is not UTF-8; mend it"),
    "no score": (sample("k"), "k has no 'aesthetic', which latents.score names; write a number"),
    "a text": (sample("k", aesthetic="5"), "k has '5' as its 'aesthetic', which latents.score"),
    "a huge number": (sample("k", aesthetic=10**400), f"k has 1{400 * '0'} as its 'aesthetic', "),
    "no number": (sample("k", aesthetic=math.nan), "k has nan as its 'aesthetic', which latents"),
    "two images": ({**sample("k"), "k.JPG": IMAGE}, "k has two files .jpg; leave one"),
    "two kinds": ({**sample("k"), "k.png": IMAGE}, "k has two files .png; leave one"),
    "above": (sample("../k"), "../k.jpg would leave the folder; pack it with names inside of it"),
    "absolute": (sample("/k"), "/k.jpg would leave the folder; pack it with names inside of it"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_sample_at_fault(tmp_path, name):
    files, message = FAULTS[name]
    path = shard(tmp_path, {**sample("good", aesthetic=5.0), **files})
    with pytest.raises(BadInput) as caught:
        list_captioned_images(tmp_path, 2, "aesthetic")
    assert str(caught.value).startswith(f"{path}: {message}")


@pytest.mark.parametrize("inside", [0, 700], ids=["between files", "in a file"])
def test_a_shard_that_was_cut_short(tmp_path, inside):
    path = shard(tmp_path, sample("x") | sample("y"))
    with tarfile.open(path) as tar:
        last = tar.getmember("y.jpg").offset
    path.write_bytes(path.read_bytes()[: last + inside])
    with pytest.raises(BadInput, match=r"0\.tar: not a whole tar of <key>\.jpg and <key>\.json"):
        list_captioned_images(tmp_path, 2, None)


def test_another_number_of_images(tmp_path):
    shard(tmp_path, sample())
    with pytest.raises(BadInput, match=r"hold 1 images, but latents\.train_images or"):
        list_captioned_images(tmp_path, 2, None)
    with pytest.raises(BadInput, match="no such folder"):
        list_captioned_images(tmp_path / "train", 2, None)
