"""What a search of hyperparameters makes better."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Protocol

from torch import Tensor

from bench.data.conditions import Conditions
from bench.data.text_states import TextStates
from bench.evaluation.extractor import PoolExtractor, load_extractor
from bench.evaluation.reference import Reference, read_reference
from bench.evaluation.score import frechet_distance_to
from bench.evaluation.shapes_preference import ShapesPreference


class Objective(Protocol):
    """A number that says how good samples are.

    Attributes:
        column: its name in rows.
    """

    column: str

    @property
    def identity(self) -> Mapping:
        """What it is computed with."""

    def measure(self, images: Tensor, conditions: Conditions) -> float:
        """The number of images uint8 [N, C, H, W] and what they were asked for."""

    def loss(self, value: float) -> float:
        """The number as a loss, on a scale on which differences count alike everywhere."""


@dataclass(frozen=True)
class FrechetDistance:
    """The FID to real images; its loss is the logarithm."""

    extractor: PoolExtractor
    reference: Reference

    column: ClassVar[str] = "fid"

    @classmethod
    def read(cls, extractor: Path, reference: Path, device: str) -> FrechetDistance:
        return cls(load_extractor(extractor, device), read_reference(reference)[0])

    @property
    def identity(self) -> Mapping:
        return {
            "extractor": self.extractor.name,
            "reference": self.reference["pool"].gaussian.mean.tolist(),
        }

    def measure(self, images: Tensor, conditions: Conditions) -> float:
        return frechet_distance_to(self.reference, "pool", [self.extractor.pool(images)])

    def loss(self, value: float) -> float:
        return math.log(max(value, 1e-9))


@dataclass(frozen=True)
class MeanPreference:
    """The mean preference score of images for their prompts."""

    preference: ShapesPreference
    prompts: TextStates

    column: ClassVar[str] = "preference"

    @property
    def identity(self) -> Mapping:
        return {"preference": self.preference.name, "prompts": self.prompts.sha256}

    def measure(self, images: Tensor, conditions: Conditions) -> float:
        asked = [self.prompts.captions[row] for row in conditions.rows.tolist()]
        return self.preference.score(images, asked).mean().item()

    def loss(self, value: float) -> float:
        return -value
