"""What finds the objects of images for GenEval's rules."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from torch import Tensor

from bench.evaluation.geneval import Boxes, ColorsOf


@dataclass(frozen=True, eq=False)
class Detections:
    """The objects of an image.

    Attributes:
        boxes: of each class that was found, the best score first.
        colors: the colours of the first n of them; computed when asked for.
    """

    boxes: Boxes
    colors: ColorsOf


class Detector(Protocol):
    """A network or an algorithm that finds objects and tells their colours.

    Attributes:
        name: with the beginning of its weights' SHA-256, where it has any; results record it.
        threshold: the score, by task, that an object must exceed to count.
    """

    name: str
    threshold: Callable[[str], float]

    def __call__(self, images: Sequence[Tensor]) -> Iterator[Detections]:
        """The objects of each image, uint8 RGB [3, H, W]; sizes may differ.

        Raises:
            BadInput: an image is not of a size that the detector takes.
        """
