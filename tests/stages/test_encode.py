"""Latents on disk are what the autoencoder gives, and any safetensors reader can read them."""

from __future__ import annotations

import dataclasses
import hashlib
import pickle
from pathlib import Path

import pytest
import torch
from diffusers.models.autoencoders.vae import DiagonalGaussianDistribution
from safetensors.torch import load_file
from torch.utils.data import DataLoader

from bench.config.data import LatentsConfig
from bench.data.center_crop import read_image
from bench.data.image_listing import list_images, read_listing, write_listing
from bench.data.latent_shards import read_manifest, write_manifest
from bench.data.latents import Latents
from bench.data.shards import shard_name
from bench.errors import BadInput
from bench.files.tensors import read_tensors, write_tensors
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
    return [folder / shard_name(index) for index in shards]


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


def test_latents_that_models_see_shifted_are_refused(settings, tmp_path):
    """Flux's autoencoder; what is stored is only scaled when it is read."""
    shifted = Autoencoder(write_autoencoder(tmp_path / "shifted", shift_factor=0.1159), "cpu")
    with pytest.raises(BadInput, match=r"models see its latents less 0\.1159, but"):
        encode_shard(settings, "train", tmp_path / "absent.csv", 0, shifted, tmp_path / "out")


def test_rows_are_read_in_any_order(folder):
    latents = Latents(folder)
    everything, labels = latents[torch.arange(COUNT)]
    rows = torch.tensor([8, 0, 4, 3, 8])
    some, theirs = latents[rows]
    assert torch.equal(some, everything[rows])
    assert torch.equal(theirs.values, labels.values[rows])


def test_workers_open_the_shards_themselves(folder):
    latents = Latents(folder)
    everything, labels = latents[torch.arange(COUNT)]
    # As a spawned worker gets it, after this process has read from its own handles.
    copied = pickle.loads(pickle.dumps(latents))
    assert torch.equal(copied[torch.arange(COUNT)][0], everything)
    order = [torch.tensor([8, 0]), torch.tensor([4, 3, 5])]
    loader = DataLoader(latents, batch_size=None, sampler=order, num_workers=2)
    for rows, (some, theirs) in zip(order, loader, strict=True):
        assert torch.equal(some, everything[rows])
        assert torch.equal(theirs.values, labels[rows].values)


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


def test_a_shard_is_plain_safetensors(folder):
    shard = load_file(folder / shard_name(1))
    assert {name: (tensor.dtype, *tensor.shape) for name, tensor in shard.items()} == {
        "moments": (torch.float32, 5, 2, 8, 8, 8),
        "labels": (torch.int64, 5),
        "rows": (torch.int64, 5),
        "checks": (torch.int64, 5),
    }
    stored, labels = Latents(folder)[torch.arange(4, COUNT)]
    assert torch.equal(shard["moments"], stored)
    assert torch.equal(shard["labels"], labels.values)
    assert shard["rows"].tolist() == [4, 5, 6, 7, 8]


def test_shards_are_the_same_whenever_they_are_made(settings, autoencoder, folder, tmp_path):
    encode(settings, autoencoder, tmp_path / "again", shards=(1,))
    again = tmp_path / "again" / shard_name(1)
    assert again.read_bytes() == (folder / shard_name(1)).read_bytes()


def test_a_truncated_shard_is_one_line(folder):
    shard = folder / shard_name(1)
    shard.write_bytes(shard.read_bytes()[:-600])
    with pytest.raises(BadInput, match=r"shard-00001\.safetensors: has .* bytes of .*truncated"):
        Latents(folder)
    with pytest.raises(BadInput, match=r"shard-00001\.safetensors: not a whole safetensors file"):
        write_manifest(folder, [folder / shard_name(index) for index in (0, 1)])
    shard.unlink()
    with pytest.raises(BadInput, match="has 0 bytes"):
        Latents(folder)


def test_a_flipped_byte_of_an_image_is_refused(folder):
    """Where the image is read, and not where another one of the shard is."""
    shard = folder / shard_name(1)
    before = Latents(folder)[torch.arange(COUNT)][0]
    contents, value = shard.read_bytes(), before[6, 0, 0, 0, :2].numpy().tobytes()
    contents = bytearray(contents)
    contents[contents.index(value) + 1] ^= 1
    shard.write_bytes(contents)
    changed = Latents(folder)
    assert torch.equal(changed[torch.tensor([5, 7])][0], before[[5, 7]])
    with pytest.raises(BadInput, match=r"shard-00001\.safetensors: image 2 is not what was enc"):
        changed[torch.tensor([6])]


def test_a_foreign_shard_is_one_line(folder):
    shard = folder / shard_name(1)
    shard.write_bytes(bytes(shard.stat().st_size))
    with pytest.raises(BadInput, match=r"shard-00001\.safetensors: not a whole safetensors file"):
        Latents(folder)
    write_tensors(shard, {"labels": torch.zeros(5)}, {"kind": "features"})
    with pytest.raises(BadInput, match=r"shard-00001.*: expected 'latents', found 'features'"):
        write_manifest(folder, [folder / shard_name(index) for index in (0, 1)])


def test_a_manifest_wants_shards_of_one_dataset(folder):
    first, second = (folder / shard_name(index) for index in (0, 1))
    tensors, description = read_tensors(second, "latents")
    write_tensors(second, tensors, description | {"scaling_factor": 1.0})
    with pytest.raises(BadInput, match="its scaling_factor is not that of"):
        write_manifest(folder, [first, second])


def test_a_manifest_identifies_its_shards(folder):
    entry = read_manifest(folder)["files"][1]
    shard = folder / entry["file"]
    assert entry["sha256"] == hashlib.sha256(shard.read_bytes()).hexdigest()
    assert entry["labels"] == load_file(shard)["labels"].tolist()


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
    assert list(tmp_path.glob("latents/*")) == []


def test_or_is_left_out_and_listed(with_a_damaged_image, autoencoder, tmp_path):
    settings = dataclasses.replace(with_a_damaged_image, unreadable="skip")
    folder = tmp_path / "latents"
    manifest = write_manifest(folder, encode(settings, autoencoder, folder))
    assert manifest["samples"] == COUNT - 1
    assert manifest["unreadable"] == [f"{CLASSES[1]}/{CLASSES[1]}_0"]
    stored, labels = Latents(folder)[torch.arange(COUNT - 1)]
    assert torch.isfinite(stored).all()
    assert labels.values.tolist() == [0, 0, 0, 1, 1, 2, 2, 2]
    assert load_file(folder / shard_name(0))["rows"].tolist() == [0, 1, 2]


def test_a_shard_of_which_no_image_can_be_read(with_a_damaged_image, autoencoder, tmp_path):
    # Nine shards of an image each, the fourth of them empty.
    settings = dataclasses.replace(with_a_damaged_image, unreadable="skip", train_shards=COUNT)
    folder = tmp_path / "latents"
    write_manifest(folder, encode(settings, autoencoder, folder, shards=range(COUNT)))
    stored, labels = Latents(folder)[torch.arange(COUNT - 1)]
    assert len(stored) == COUNT - 1
    assert labels.values.tolist() == [0, 0, 0, 1, 1, 2, 2, 2]
