"""Whatever became of images, of tar shards and of latents, they are read or refused in one line."""

from __future__ import annotations

import contextlib
import io
import json
import tarfile

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from bench.data.captioned_images import list_captioned_images
from bench.data.decoding import decode
from bench.data.geneval_images import read_prompt_image
from bench.data.image_listing import list_images, read_bytes
from bench.data.latent_shards import write_manifest
from bench.data.latents import Latents
from bench.data.shards import MANIFEST, shard_name
from bench.data.text_shards import TextShards, write_text_manifest
from tests.damage import VALUES, answered, damaged, faulty, redescribed
from tests.data.images import add_to_tar
from tests.data.latents import write_latents
from tests.data.test_text_shards import CAPTIONS, write_folder
from tests.sampling.test_models import FirstLetters


def encoded(kind, mode):
    """A small image as the bytes of a file."""
    contents, pixels = io.BytesIO(), np.arange(108, dtype=np.uint8).reshape(6, 6, 3)
    Image.fromarray(pixels).convert(mode).save(contents, kind)
    return contents.getvalue()


def packed(files):
    """The bytes of a tar."""
    contents = io.BytesIO()
    with tarfile.open(fileobj=contents, mode="w") as tar:
        for name, of_file in files.items():
            add_to_tar(tar, name, of_file)
    return contents.getvalue()


IMAGES = [
    encoded(*how)
    for how in (("JPEG", "RGB"), ("JPEG", "CMYK"), ("PNG", "RGB"), ("PNG", "P"), ("WEBP", "RGB"))
]
LABELLED = {"a.jpg": IMAGES[0], "a.cls": b"0", "b.png": IMAGES[2], "b.cls": b"1"}
METADATA = {"captions": ["a", "b"], "score": 1.5}
CAPTIONED = {
    "a.jpg": IMAGES[0],
    "a.json": json.dumps(METADATA).encode(),
    "b.png": IMAGES[2],
    "b.txt": b"b",
    "b.json": b'{"score": 2}',
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("damaged")


@pytest.fixture(scope="module")
def latents(folder):
    """The bytes of a shard and of its manifest."""
    samples = [(row, torch.rand(2, 8, 2, 2), 0) for row in range(3)]
    (shard,) = write_latents(folder, [samples], scaling_factor=0.2)
    write_manifest(folder, [shard])
    return shard.read_bytes(), (folder / MANIFEST).read_bytes()


@given(st.one_of([damaged(image, head=60) for image in IMAGES]))
@settings(max_examples=300)
def test_images(folder, contents):
    path = folder / "image.png"
    path.write_bytes(contents)
    with answered():
        read_prompt_image(path)
    # What lists of images call an unreadable one.
    with contextlib.suppress(ValueError):
        decode(contents)


@given(damaged(packed(LABELLED), head=5000))
@settings(max_examples=300)
def test_tar_shards(folder, contents):
    (folder / "shard.tar").write_bytes(contents)
    with answered():
        for entry in list_images(folder, 2, 2):
            read_bytes(folder, entry)


@given(damaged(packed(CAPTIONED), head=5000))
@settings(max_examples=300)
def test_captioned_tar_shards(folder, contents):
    (folder / "shard.tar").write_bytes(contents)
    with answered():
        for image in list_captioned_images(folder, 2, "score"):
            read_bytes(folder, image.entry)


@given(damaged(json.dumps(METADATA).encode(), head=50) | faulty(METADATA).map(json.dumps))
@settings(max_examples=200)
def test_captions(folder, metadata):
    contents = metadata if isinstance(metadata, bytes) else metadata.encode()
    (folder / "shard.tar").write_bytes(packed({**CAPTIONED, "a.json": contents}))
    with answered():
        list_captioned_images(folder, 2, "score")


@given(st.data())
@settings(max_examples=400)
def test_shards_of_latents(folder, latents, data):
    whole, manifest = latents
    shard = folder / shard_name(0)
    shard.write_bytes(data.draw(st.one_of(damaged(whole, head=900), redescribed(whole))))
    (folder / MANIFEST).write_bytes(manifest)
    with answered():
        read_all(folder)
    with answered():
        write_manifest(folder, [shard])
        read_all(folder)


@given(st.data())
@settings(max_examples=300)
def test_manifests_of_latents(folder, latents, data):
    whole, manifest = latents
    (folder / shard_name(0)).write_bytes(whole)
    text = faulty(json.loads(manifest), VALUES).map(lambda found: json.dumps(found).encode())
    (folder / MANIFEST).write_bytes(data.draw(st.one_of(damaged(manifest, head=300), text)))
    with answered():
        read_all(folder)


def read_all(folder):
    """All that a training reads."""
    latents = Latents(folder)
    stored, _ = latents[torch.arange(len(latents))]
    latents.mean(stored)
    latents.rows  # noqa: B018


@pytest.fixture(scope="module")
def text(folder):
    """The bytes of a shard of text states and of its manifest."""
    found = write_folder(folder / "text", 1)
    return (found / shard_name(0)).read_bytes(), (found / MANIFEST).read_bytes()


@given(st.data())
@settings(max_examples=300)
def test_shards_of_text_states(folder, text, data):
    whole, manifest = text
    shard = folder / "text" / shard_name(0)
    shard.write_bytes(data.draw(damaged(whole, head=1500)))
    (folder / "text" / MANIFEST).write_bytes(manifest)
    with answered():
        read_text(folder / "text")
    with answered():
        write_text_manifest(folder / "text", [shard])
        read_text(folder / "text")


@given(st.data())
@settings(max_examples=300)
def test_manifests_of_text_states(folder, text, data):
    whole, manifest = text
    (folder / "text" / shard_name(0)).write_bytes(whole)
    other = faulty(json.loads(manifest), VALUES).map(lambda found: json.dumps(found).encode())
    contents = data.draw(st.one_of(damaged(manifest, head=300), other))
    (folder / "text" / MANIFEST).write_bytes(contents)
    with answered():
        read_text(folder / "text")


def read_text(folder):
    """All that a training reads, which is what was encoded."""
    states = TextShards(folder)
    found = states[states.rows(CAPTIONS)]
    assert torch.equal(found.states, FirstLetters().encode(CAPTIONS)[0])
    states.null  # noqa: B018
