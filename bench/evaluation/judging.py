"""Judges images by their prompts, with any detector."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

import pandas as pd
from torch import Tensor

from bench.evaluation.detector import Detector
from bench.evaluation.geneval import judge, keep


def judge_images(
    detector: Detector, images: Sequence[Tensor], prompts: Sequence[Mapping]
) -> pd.DataFrame:
    """A row per image: tag, prompt, correct, reason, metadata, details, as GenEval's evaluator
    names and writes them; details are the boxes that count, as JSON.

    Args:
        images: uint8 RGB [3, H, W] each.
        prompts: the line of the prompt file that each image is of.

    Raises:
        BadInput: as the detector does.
    """
    rows = []
    for metadata, found in zip(prompts, detector(images)):
        boxes = keep(found.boxes, detector.threshold(metadata["tag"]))
        verdict = judge(metadata, boxes, found.colors)
        rows.append(
            {
                "tag": metadata["tag"],
                "prompt": metadata["prompt"],
                "correct": verdict.correct,
                "reason": verdict.reason,
                "metadata": json.dumps(metadata),
                "details": json.dumps(boxes),
            }
        )
    return pd.DataFrame(rows)
