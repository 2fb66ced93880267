"""Train and reference name the same classes, or the labels of one mean others in the other."""

from __future__ import annotations

import shutil

import pytest

from bench.data.class_folders import check_same_classes
from bench.errors import BadInput
from tests.data.images import CLASSES, write_image_folder, write_image_shard


@pytest.fixture(scope="module")
def train(tmp_path_factory):
    return write_image_folder(tmp_path_factory.mktemp("images") / "train", per_class=1)


def test_two_folders_must_have_the_same_classes(train, tmp_path):
    other = shutil.copytree(train, tmp_path / "val")
    (other / ".ipynb_checkpoints").mkdir()
    check_same_classes(train, other)
    (other / CLASSES[0]).rename(other / "n0")
    message = (
        f"train has the class folder '{CLASSES[0]}' and {other} has the class folder 'n0' that"
    )
    with pytest.raises(BadInput, match=message):
        check_same_classes(train, other)
    (other / "n0").rename(other / CLASSES[0])
    for name in ("n1", "n2", "n3"):
        (other / name).mkdir()
    message = f"train has none and {other} has the class folder 'n1' and 2 more that the other has"
    with pytest.raises(BadInput, match=message):
        check_same_classes(train, other)


def test_shards_and_absent_folders_have_no_class_folders(train, tmp_path):
    write_image_shard(tmp_path / "shards" / "0.tar", train)
    check_same_classes(train, tmp_path / "shards")
    check_same_classes(tmp_path / "absent", train)
