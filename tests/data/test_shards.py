"""A manifest joins all shards of a folder, each in its place, be they latents or text states."""

from __future__ import annotations

import json

import pytest
import torch

from bench.data.latent_shards import read_manifest, write_manifest
from bench.data.shards import MANIFEST, shard_name
from bench.data.text_shards import write_text_manifest
from bench.errors import BadInput
from tests.data.latents import write_latents
from tests.data.test_text_shards import write_shards

SHARDS = 3


def write_images(folder):
    """The latents of two images in each shard."""
    rows = [(2 * index, 2 * index + 1) for index in range(SHARDS)]
    write_latents(folder, [[(row, torch.rand(2, 8, 2, 2), 0) for row in of] for of in rows])


@pytest.fixture(params=["latents", "text"])
def index(request, tmp_path):
    """Joins shards that it names by their paths from a folder of three, and of a copy beside it."""
    write, join = {
        "latents": (write_images, write_manifest),
        "text": (lambda folder: write_shards(folder, SHARDS), write_text_manifest),
    }[request.param]
    folder = tmp_path / "folder"
    for name in (folder, tmp_path / "copy"):
        name.mkdir()
        write(name)
    return lambda *names: join(folder, [folder / name for name in names])


def names(*indices):
    return [shard_name(index) for index in indices]


@pytest.mark.parametrize("prefix", ["", "../folder/"])
def test_all_shards_are_joined_in_their_order(index, prefix):
    manifest = index(*(prefix + name for name in names(0, 1, 2)))
    assert [entry["file"] for entry in manifest["files"]] == names(0, 1, 2)


FAULTS = {
    "too few": (names(0, 1), ": 2 shards are named, but there are 3; name each of them once, in"),
    "too many": (names(0, 0, 1, 2), ": 4 shards are named, but there are 3; name each of them"),
    "twice": (names(0, 0, 2), "/shard-00000.safetensors: is in the place of shard-00001.safe"),
    "another order": (names(0, 2, 1), "/shard-00002.safetensors: is in the place of shard-00001."),
    "elsewhere": (
        ["../copy/shard-00000.safetensors", *names(1, 2)],
        "/../copy/shard-00000.safetensors: is in the place of shard-00000.safetensors of",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_shards_that_are_not_those_of_the_folder(index, tmp_path, fault):
    named, message = FAULTS[fault]
    with pytest.raises(BadInput) as caught:
        index(*named)
    assert str(caught.value).startswith(f"{tmp_path / 'folder'}{message}")
    assert not (tmp_path / "folder" / MANIFEST).exists()


def test_a_manifest_that_lists_too_few(tmp_path):
    write_images(tmp_path)
    manifest = write_manifest(tmp_path, [tmp_path / name for name in names(0, 1, 2)])
    del manifest["files"][1]
    (tmp_path / MANIFEST).write_text(json.dumps(manifest))
    with pytest.raises(BadInput, match="lists 2 shards of 3; encode the others"):
        read_manifest(tmp_path)
