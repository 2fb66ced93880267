"""The images that the latents of a split are made from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from bench.data.center_crop import read_image
from bench.data.image_listing import read_listing
from bench.errors import BadInput

if TYPE_CHECKING:
    from bench.config.data import LatentsConfig


class SplitImages:
    """The images of a listing; which of them are left out is the same wherever they are read.

    Attributes:
        entries: the images, by row.
        unreadable: the keys of the images that could not be read so far and were left out.

    Raises:
        BadInput: there is no such listing.
    """

    def __init__(self, settings: LatentsConfig, split: str, listing: Path):
        self.settings = settings
        self.folder = Path(getattr(settings, split))
        self.entries = read_listing(listing)
        self.unreadable: list[str] = []

    def __len__(self) -> int:
        return len(self.entries)

    def read(self, rows: Iterable[int]) -> Iterator[tuple[int, np.ndarray, int]]:
        """The row, the pixels (uint8 [3, H, W]) and the label of each image that can be read.

        Raises:
            BadInput: one cannot, and the settings refuse such images.
        """
        for row in rows:
            entry = self.entries[row]
            try:
                image = read_image(self.folder, entry, self.settings.image_size)
            except BadInput:
                if self.settings.unreadable == "refuse":
                    raise
                self.unreadable.append(entry.key)
                continue
            yield row, image, entry.label
