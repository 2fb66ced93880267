"""Real images of a split, read in parts."""

from __future__ import annotations

import dataclasses
from types import SimpleNamespace

import pytest
import torch

from bench.config.data import LatentsConfig
from bench.data import splits
from bench.data.center_crop import read_image
from bench.data.conditions import Labels
from bench.data.dataset import DatasetInfo
from bench.data.image_listing import list_images, write_listing
from bench.data.latent_shards import write_manifest
from bench.data.pixels import from_uint8
from bench.data.registry import load_split
from bench.errors import BadInput
from tests.data.images import CLASSES, write_image_folder
from tests.data.latents import write_latents

SIZE = 64


def scale_of(folder, listings, unreadable="refuse"):
    latents = SimpleNamespace(
        train=str(folder), folder=str(listings), image_size=SIZE, unreadable=unreadable
    )
    return SimpleNamespace(latents=latents)


def test_parts_hold_every_image_once_and_in_order(tmp_path, monkeypatch):
    monkeypatch.setattr(splits, "PART", 4)
    folder = write_image_folder(tmp_path / "images", 3)
    entries = list_images(folder, 3 * len(CLASSES), len(CLASSES))
    write_listing(tmp_path / "train.csv", entries)
    parts, unreadable = splits.real_images(scale_of(folder, tmp_path), "train", None)
    parts = list(parts)
    assert [len(part) for part in parts] == [4, 4, 1]
    assert unreadable == []
    expected = [torch.from_numpy(read_image(folder, entry, SIZE).copy()) for entry in entries]
    assert torch.equal(torch.cat(parts), torch.stack(expected))


def test_images_that_the_latents_leave_out_are_left_out(tmp_path, monkeypatch):
    monkeypatch.setattr(splits, "PART", 2)
    folder = write_image_folder(tmp_path / "images", 2)
    entries = list_images(folder, 2 * len(CLASSES), len(CLASSES))
    write_listing(tmp_path / "train.csv", entries)
    damaged = entries[2:5]
    for entry in damaged:
        path = folder / entry.file
        path.write_bytes(path.read_bytes()[:500])
    parts, unreadable = splits.real_images(scale_of(folder, tmp_path, "skip"), "train", None)
    whole = [entry for entry in entries if entry not in damaged]
    expected = [torch.from_numpy(read_image(folder, entry, SIZE).copy()) for entry in whole]
    assert torch.equal(torch.cat(list(parts)), torch.stack(expected))
    assert unreadable == [entry.key for entry in damaged]
    parts, _ = splits.real_images(scale_of(folder, tmp_path, "refuse"), "train", None)
    with pytest.raises(BadInput, match=f"image {damaged[0].key} cannot be read"):
        list(parts)
    for entry in whole:
        (folder / entry.file).write_bytes(b"")
    parts, _ = splits.real_images(scale_of(folder, tmp_path, "skip"), "train", None)
    with pytest.raises(BadInput, match=r"train\.csv: none of its images can be read"):
        list(parts)


def test_held_out_images_are_of_the_reference():
    x, labels = splits.held_out(SimpleNamespace(latents=None, dataset="digits"), 7)
    reference = load_split("digits", "reference")
    assert torch.equal(x, from_uint8(torch.from_numpy(reference.images[:7])))
    assert labels.values.tolist() == reference.labels[:7].tolist()
    assert not torch.equal(
        x, from_uint8(torch.from_numpy(load_split("digits", "train").images[:7]))
    )


def test_held_out_latents_are_of_the_reference(monkeypatch):
    class Rows:
        """Stands for latents: the rows that are asked for, and of which folder."""

        shape, labels = (4, 8, 8), torch.arange(9)

        def __init__(self, folder):
            self.folder = folder

        def __len__(self):
            return 9

        def __getitem__(self, rows):
            return rows, Labels(rows)

        def mean(self, stored):
            return self.folder.name, stored.tolist()

    monkeypatch.setattr(splits, "Latents", Rows)
    latents, info = SimpleNamespace(folder="latents"), DatasetInfo(8, 4, 9)
    x, labels = splits.held_out(SimpleNamespace(latents=latents, dataset_info=info), 3)
    assert x == ("reference", [0, 4, 8])
    assert labels.values.tolist() == [0, 4, 8]


@pytest.mark.parametrize("read", [splits.training_data, lambda scale: splits.held_out(scale, 3)])
@pytest.mark.parametrize(
    ("image_size", "num_classes", "message"),
    [
        (128, 3, "its latents are 8 wide, but latents.image_size, 128, makes them 16; encode"),
        (64, 2, "its largest label is 2, but latents.num_classes is 2; encode"),
    ],
)
def test_latents_of_other_settings_are_refused(tmp_path, read, image_size, num_classes, message):
    for split in ("train", "reference"):
        samples = [(row, torch.zeros(2, 8, 8, 8), row) for row in range(3)]
        (shard,) = write_latents(tmp_path / split, [samples], side=8)
        write_manifest(shard.parent, [shard])
    settings = LatentsConfig("", "", str(tmp_path), 64, num_classes=3)
    assert len(splits.training_data(scale_with(settings))) == 3
    settings = dataclasses.replace(settings, image_size=image_size, num_classes=num_classes)
    with pytest.raises(BadInput, match=message):
        read(scale_with(settings))


def scale_with(settings):
    return SimpleNamespace(latents=settings, dataset_info=settings.dataset_info)
