"""Published weights in place of a training."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from bench.errors import BadInput


@dataclass(frozen=True)
class Pretrained:
    """One or more checkpoints of a model that was trained elsewhere.

    Attributes:
        kind: the official code that the weights are of.
        weights: training iterations -> a name of the zoo, or a path; the last is the trained
            model.
    """

    kind: Literal["sit", "dit", "tread", "maskdit"]
    weights: dict[int, str]

    def __post_init__(self):
        if not self.weights or min(self.weights) <= 0:
            raise BadInput("weights: expected {iterations: name or path}, one or more")
