"""Real images of a split, read in parts."""

from __future__ import annotations

from types import SimpleNamespace

import torch

from bench.data import splits
from bench.data.center_crop import read_image
from bench.data.image_listing import list_images, write_listing
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
