"""Real images of a split, read in parts."""

from __future__ import annotations

from types import SimpleNamespace

import torch

from bench.data import splits
from bench.data.center_crop import read_image
from bench.data.conditions import Labels
from bench.data.image_listing import list_images, write_listing
from bench.data.pixels import from_uint8
from bench.data.registry import load_split
from tests.data.images import CLASSES, write_image_folder

SIZE = 64


def test_parts_hold_every_image_once_and_in_order(tmp_path, monkeypatch):
    monkeypatch.setattr(splits, "PART", 4)
    folder = write_image_folder(tmp_path / "images", 3)
    entries = list_images(folder, 3 * len(CLASSES), len(CLASSES))
    write_listing(tmp_path / "train.csv", entries)
    latents = SimpleNamespace(train=str(folder), folder=str(tmp_path), image_size=SIZE)
    parts = list(splits.real_images(SimpleNamespace(latents=latents), "train", None))
    assert [len(part) for part in parts] == [4, 4, 1]
    expected = [torch.from_numpy(read_image(folder, entry, SIZE).copy()) for entry in entries]
    assert torch.equal(torch.cat(parts), torch.stack(expected))


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

        def __init__(self, folder):
            self.folder = folder

        def __len__(self):
            return 9

        def __getitem__(self, rows):
            return rows, Labels(rows)

        def mean(self, stored):
            return self.folder.name, stored.tolist()

    monkeypatch.setattr(splits, "Latents", Rows)
    latents = SimpleNamespace(folder="latents")
    x, labels = splits.held_out(SimpleNamespace(latents=latents), 3)
    assert x == ("reference", [0, 4, 8])
    assert labels.values.tolist() == [0, 4, 8]
