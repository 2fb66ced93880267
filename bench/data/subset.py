"""Some of the samples of other training data."""

from __future__ import annotations

import hashlib

from torch import Generator, Tensor

from bench.data.conditions import Conditions
from bench.data.dataset import TrainingData


class Subset:
    """The samples ``rows``, int64 [N], of other training data, in this order; a row that is there
    twice is two samples."""

    def __init__(self, data: TrainingData, rows: Tensor):
        self.data, self.rows, self.null = data, rows, data.null

    @property
    def identity(self) -> dict[str, str]:
        rows = hashlib.sha256(self.rows.numpy()).hexdigest()
        return {**self.data.identity, "rows_sha256": rows}

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, rows: Tensor) -> tuple[Tensor, Conditions]:
        return self.data[self.rows[rows]]

    def draw(self, batch: int, stream: Generator) -> tuple[Tensor, ...]:
        return self.data.draw(batch, stream)

    def decode(self, stored: Tensor, *drawn: Tensor) -> Tensor:
        return self.data.decode(stored, *drawn)
