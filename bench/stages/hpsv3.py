"""Scores a folder of images with HPSv3."""

from __future__ import annotations

from pathlib import Path

from bench.data.hpdv3 import list_requests, read_benchmark
from bench.evaluation.hpsv3 import category_means, score_requests
from bench.files.hashes import sha256_of
from bench.provenance import software
from bench.stages.image_scores import check_out, write_scores


def score_images(
    images: Path, benchmark: Path, python: Path, weights: Path | None, device: str, out: Path
) -> dict:
    """Scores one image of each benchmark prompt, and returns the means.

    Writes a row of means to ``out``, and a line per image to `image_scores.details_path`.

    Raises:
        BadInput: as `check_out`, `read_benchmark`, `list_requests` and `score_requests`.
    """
    check_out(out, python, *([weights] if weights else []))
    requests = list_requests(images, read_benchmark(benchmark))
    scored = score_requests(requests, python, weights, device)
    row = {
        "images": str(images),
        "number_of_prompts": len(requests),
        **category_means(scored),
        "evaluator": f"HPSv3 {sha256_of(weights)[:12]}" if weights else "HPSv3",
        "weights": str(weights or "MizzenAI/HPSv3"),
        "device": device,
        **software(),
    }
    write_scores(row, scored, out)
    return row
