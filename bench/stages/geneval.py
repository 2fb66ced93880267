"""Evaluates a folder of images with GenEval."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from bench.data.geneval_images import PromptImage, list_prompt_images, read_prompt_image
from bench.data.geneval_prompts import read_prompts
from bench.evaluation.detector import Detector
from bench.evaluation.detectors import domain, load_detector
from bench.evaluation.geneval_scores import scores
from bench.evaluation.judging import judge_images
from bench.files.hashes import sha256_of
from bench.progress import Progress
from bench.provenance import device_name, software
from bench.stages.image_scores import check_out, write_scores

# Images in memory at a time.
PART = 64


def evaluate_images(
    folder: Path,
    prompts_path: Path,
    per_prompt: int,
    detector_name: str,
    clip: Path | None,
    device: str,
    out: Path,
) -> dict:
    """Judges the images of a folder in GenEval's layout, and returns their scores.

    Writes one row of scores to ``out``, and a line per image, as GenEval's evaluator does, to
    `image_scores.details_path`. All input is looked at before the first image is judged.

    Args:
        per_prompt: the number of images of each prompt.
        detector_name, clip: as `detectors.load_detector` takes them.

    Raises:
        BadInput: as `check_out`, `domain`, `read_prompts`, `list_prompt_images` and
            `load_detector`.
    """
    check_out(out, prompts_path, Path(detector_name), *([clip] if clip else []))
    seen = domain(detector_name)
    prompts = read_prompts(prompts_path, seen.classes)
    images = list_prompt_images(folder, prompts, per_prompt, seen.side)
    detector = load_detector(detector_name, clip, device)
    judged = _judge(detector, images)
    row = {
        "images": str(folder),
        "prompts": prompts_path.name,
        "prompts_sha256": sha256_of(prompts_path)[:12],
        "number_of_prompts": len(prompts),
        "images_per_prompt": per_prompt,
        **scores(judged),
        "detector": detector.name,
        "threshold": detector.threshold("single_object"),
        "threshold_counting": detector.threshold("counting"),
        "device": device_name(device),
        **software(),
    }
    write_scores(row, judged, out)
    return row


def _judge(detector: Detector, images: Sequence[PromptImage]) -> pd.DataFrame:
    progress, parts = Progress(len(images), "image"), []
    for first in range(0, len(images), PART):
        part = images[first : first + PART]
        pixels = [read_prompt_image(image.path) for image in part]
        parts.append(judge_images(detector, pixels, [image.metadata for image in part]))
        progress.add(len(part))
    judged = pd.concat(parts, ignore_index=True)
    judged.insert(0, "filename", [str(image.path) for image in images])
    return judged
