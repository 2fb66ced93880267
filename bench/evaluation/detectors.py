"""GenEval's detectors by name or by the weights that they are read from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.data.geneval import CLASSES
from bench.data.shapes import SHAPES, SIDE
from bench.errors import BadInput
from bench.evaluation.detector import Detector

SHAPES_WORLD = "shapes"


@dataclass(frozen=True)
class Domain:
    """What a detector is for.

    Attributes:
        classes: what it can find.
        side: the height and width of its images; None: any.
    """

    classes: Sequence[str]
    side: int | None


def domain(detector: str) -> Domain:
    """What the detector of a name or a path is for; its weights are not read.

    Raises:
        BadInput: it is neither a name nor a path that is there.
    """
    if detector == SHAPES_WORLD:
        return Domain(SHAPES, SIDE)
    if not Path(detector).exists():
        raise BadInput(
            f"--detector: {detector}: no such file; `{SHAPES_WORLD}` is the exact detector of the "
            "shapes world"
        )
    return Domain(CLASSES, None)


def load_detector(detector: str, clip: Path | None, device: str) -> Detector:
    """The detector of a name or a path.

    Args:
        detector: "shapes", or the path of Mask2Former's weights, see `mask2former.Mask2Former`.
        clip: the weights that tell colours; Mask2Former needs them, "shapes" takes none.

    Raises:
        BadInput: the weights are missing, or of something else.
    """
    # Imported here: each needs packages that the other does not.
    if detector == SHAPES_WORLD:
        from bench.evaluation.shapes_detector import ShapesDetector

        if clip is not None:
            raise BadInput("--clip: the detector of the shapes world knows its colours")
        return ShapesDetector()
    from bench.evaluation.clip_colors import ClipColors
    from bench.evaluation.mask2former import Mask2Former

    if clip is None:
        raise BadInput("--clip: missing; name the weights of open_clip's ViT-L-14-quickgelu")
    return Mask2Former(Path(detector), ClipColors(clip, device), device)
