"""The jobs, GPU hours and bytes that a scale needs, by stage."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from bench.config.load import load
from bench.stages.estimate import stages

PAPER = load(Path(__file__).parents[2] / "workflow" / "config" / "t2i512.yaml")
CELLS, SEEDS, SAMPLES, PROMPTS = 4, 3, 2212, 12_000


def by_name(scale):
    return {stage.name: stage for stage in stages(scale)}


def test_hpsv3_adds_samples_captions_and_scores():
    found, without = by_name(PAPER), by_name(replace(PAPER, hpsv3=None))
    assert set(found) - set(without) == {"hpsv3"}
    for name in ("encode", "train", "judge"):
        assert found[name] == without[name]
    # A job for each block; 5 images a second, as PNG hardly smaller than uint8.
    scores = found["hpsv3"]
    assert scores.jobs == CELLS * SEEDS
    assert scores.gpu_hours == pytest.approx(CELLS * SEEDS * PROMPTS / 5 / 3600)
    assert scores.gigabytes == pytest.approx(CELLS * SEEDS * PROMPTS * 3 * 512**2 / 1e9)
    samples, fewer = found["sample"], without["sample"]
    more = (SAMPLES + PROMPTS) / SAMPLES
    assert samples.gpu_hours == pytest.approx(more * fewer.gpu_hours)
    assert samples.gigabytes == pytest.approx(more * fewer.gigabytes)
    # 4 shards of 553 samples, and 22 for 12,000 prompts, in each block.
    assert (fewer.jobs, samples.jobs) == (CELLS * SEEDS * 4, CELLS * SEEDS * 26)
    assert found["text"].jobs == without["text"].jobs + 1


def test_a_faster_gpu_scores_in_fewer_hours():
    fast = replace(PAPER.hardware, hpsv3_images_per_second=10)
    faster, found = by_name(replace(PAPER, hardware=fast)), by_name(PAPER)
    assert faster.pop("hpsv3").gpu_hours == pytest.approx(found.pop("hpsv3").gpu_hours / 2)
    assert faster == found
