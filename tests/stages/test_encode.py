"""Latents on disk: what the autoencoder gives, in tars that anyone can read."""

from __future__ import annotations

import dataclasses
import io
import json
import tarfile
from pathlib import Path

import numpy as np
import pytest
import torch
from diffusers.models.autoencoders.vae import DiagonalGaussianDistribution

from bench.config.data import LatentsConfig
from bench.data.center_crop import read_image
from bench.data.image_listing import list_images, read_listing, write_listing
from bench.data.latent_shards import read_manifest, shard_name, write_manifest
from bench.data.latents import Latents
from bench.errors import BadInput
from bench.models.autoencoder import Autoencoder
from bench.stages.encode import encode_shard
from tests.data.images import CLASSES, write_image_folder
from tests.models.autoencoders import write_autoencoder

PER_CLASS = 3
COUNT = PER_CLASS * len(CLASSES)


@pytest.fixture(scope="module")
def autoencoder(tmp_path_factory):
    return Autoencoder(write_autoencoder(tmp_path_factory.mktemp("autoencoder")), "cpu")


@pytest.fixture(scope="module")
def settings(tmp_path_factory):
    root = tmp_path_factory.mktemp("imagenet")
    images = write_image_folder(root / "images", PER_CLASS)
    write_listing(root / "train.csv", list_images(images, COUNT, len(CLASSES)))
    return LatentsConfig(
        train=str(images),
        reference=str(images),
        folder=str(root),
        image_size=64,
        num_classes=len(CLASSES),
        train_images=COUNT,
        reference_images=COUNT,
        train_shards=2,
    )


def encode(settings, autoencoder, folder, shards=(0, 1), listing=None):
    listing = listing or f"{settings.folder}/train.csv"
    for index in shards:
        out = folder / shard_name(index)
        encode_shard(settings, "train", Path(listing), index, autoencoder, out)
    return [(folder / shard_name(index)).with_suffix(".json") for index in shards]


@pytest.fixture
def folder(settings, autoencoder, tmp_path):
    """Two encoded shards and their manifest."""
    write_manifest(tmp_path, encode(settings, autoencoder, tmp_path))
    return tmp_path


def test_every_image_is_there_plain_and_mirrored(settings, autoencoder, folder):
    listing = read_listing(Path(settings.folder) / "train.csv")
    latents = Latents(folder)
    stored, labels = latents[torch.arange(COUNT)]
    assert labels.values.tolist() == [entry.label for entry in listing]
    for row, entry in enumerate(listing):
        image = torch.from_numpy(read_image(Path(settings.train), entry, 64).copy())[None]
        assert torch.allclose(stored[row, 0], autoencoder.encode(image)[0], atol=1e-5)
        assert torch.allclose(stored[row, 1], autoencoder.encode(image.flip(-1))[0], atol=1e-5)
    assert not torch.allclose(stored[:, 0], stored[:, 1])


def test_rows_are_read_in_any_order(folder):
    latents = Latents(folder)
    everything, labels = latents[torch.arange(COUNT)]
    rows = torch.tensor([8, 0, 4, 3, 8])
    some, theirs = latents[rows]
    assert torch.equal(some, everything[rows])
    assert torch.equal(theirs.values, labels.values[rows])


def test_training_draws_from_the_posterior(folder):
    latents = Latents(folder)
    stored, _ = latents[torch.arange(COUNT)]
    stream = torch.Generator().manual_seed(0)
    mirrored, noise = latents.draw(COUNT, stream)
    assert 0 < mirrored.sum() < COUNT
    found = latents.decode(stored, mirrored, noise)
    for row in range(COUNT):
        # diffusers' own distribution, with our noise.
        posterior = DiagonalGaussianDistribution(stored[row, int(mirrored[row])][None])
        expected = (posterior.mean + posterior.std * noise[row]) * 0.18215
        assert torch.allclose(found[row], expected[0], atol=1e-6)
    still = latents.decode(stored, torch.zeros(COUNT, dtype=bool), torch.zeros_like(noise))
    assert torch.allclose(latents.mean(stored), still)


def test_a_shard_is_a_webdataset_tar(folder):
    latents = Latents(folder)
    with tarfile.open(folder / shard_name(1)) as tar:
        names = tar.getnames()
        contents = tar.extractfile(names[0]).read()
        label = int(tar.extractfile(names[1]).read())
    assert names[:2] == ["000000004.moments.npy", "000000004.cls"]
    stored, labels = latents[torch.tensor([4])]
    assert np.array_equal(np.load(io.BytesIO(contents)), stored[0].numpy())
    assert label == labels.values.item()


def test_shards_are_the_same_whenever_they_are_made(settings, autoencoder, folder, tmp_path):
    encode(settings, autoencoder, tmp_path / "again", shards=(1,))
    again = tmp_path / "again" / shard_name(1)
    assert again.read_bytes() == (folder / shard_name(1)).read_bytes()


def test_a_truncated_shard_is_one_line(folder):
    shard = folder / shard_name(1)
    shard.write_bytes(shard.read_bytes()[:-600])
    with pytest.raises(BadInput, match=r"shard-00001\.tar: has .* bytes of .*truncated"):
        Latents(folder)
    shard.unlink()
    with pytest.raises(BadInput, match="has 0 bytes"):
        Latents(folder)


def test_a_manifest_wants_every_shard_of_one_dataset(settings, autoencoder, folder, tmp_path):
    write_manifest(folder, [folder / "shard-00000.json"])
    with pytest.raises(BadInput, match="lists 1 shards of 2"):
        read_manifest(folder)
    description = json.loads((folder / "shard-00001.json").read_text())
    (folder / "shard-00001.json").write_text(json.dumps(description | {"scaling_factor": 1.0}))
    with pytest.raises(BadInput, match="its scaling_factor is not that of"):
        write_manifest(folder, [folder / "shard-00000.json", folder / "shard-00001.json"])


@pytest.fixture
def with_a_damaged_image(settings, tmp_path):
    """Images of which the fourth is no image."""
    images = write_image_folder(tmp_path / "images", PER_CLASS)
    damaged = images / CLASSES[1] / f"{CLASSES[1]}_0.JPEG"
    damaged.write_bytes(b"not a JPEG")
    write_listing(tmp_path / "train.csv", list_images(images, COUNT, len(CLASSES)))
    return dataclasses.replace(settings, train=str(images), folder=str(tmp_path))


def test_an_unreadable_image_ends_the_encoding(with_a_damaged_image, autoencoder, tmp_path):
    with pytest.raises(BadInput, match=f"image {CLASSES[1]}/{CLASSES[1]}_0 cannot be read"):
        encode(with_a_damaged_image, autoencoder, tmp_path / "latents")
    assert not any((tmp_path / "latents").iterdir())


def test_or_is_left_out_and_listed(with_a_damaged_image, autoencoder, tmp_path):
    settings = dataclasses.replace(with_a_damaged_image, unreadable="skip")
    folder = tmp_path / "latents"
    manifest = write_manifest(folder, encode(settings, autoencoder, folder))
    assert manifest["samples"] == COUNT - 1
    assert manifest["unreadable"] == [f"{CLASSES[1]}/{CLASSES[1]}_0"]
    stored, labels = Latents(folder)[torch.arange(COUNT - 1)]
    assert torch.isfinite(stored).all()
    assert labels.values.tolist() == [0, 0, 0, 1, 1, 2, 2, 2]
