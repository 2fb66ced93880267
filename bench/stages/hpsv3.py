"""Scores a folder of images with HPSv3."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from bench.data.hpdv3 import list_requests, read_benchmark
from bench.evaluation.hpsv3 import category_means, score_requests
from bench.files.atomic import write_text
from bench.files.hashes import sha256_of
from bench.provenance import software


def score_images(
    images: Path, benchmark: Path, python: Path, weights: Path | None, device: str, out: Path
) -> dict:
    """Scores one image of each benchmark prompt, and returns the means.

    Writes a row of means to ``out``, and a line per image to ``<out without suffix>.images.jsonl``.

    Raises:
        BadInput: as `read_benchmark`, `list_requests` and `score_requests`.
    """
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
    details = out.with_name(f"{out.stem}.images.jsonl")
    write_text(details, scored.to_json(orient="records", lines=True))
    write_text(out, pd.DataFrame([row]).to_csv(index=False))
    return row
