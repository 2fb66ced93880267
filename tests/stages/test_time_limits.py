"""The time that jobs ask of a cluster."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from bench.config.load import load
from bench.config.runs import Progress, Training
from bench.config.scale import Hardware
from bench.stages.time_limits import segment_limit, time_limits

CONFIGS = Path(__file__).parents[2] / "workflow" / "config"
PAPER = load(CONFIGS / "imagenet256.yaml")
# The margin for the rates, and what every job is given to start.
MARGIN, START = 1.5, 15


def test_a_sampling_job_may_take_as_long_as_two_full_evaluations():
    """17,000 samples of 40 steps: of CFG on the masked model, whose decoder makes it the dearest
    (2 x 125.8 GMACs with attention), and their decoding at 150 images per second."""
    seconds = 17_000 * (40 * 2 * 125.8e9 / 150e12 + 1 / 150)
    assert time_limits(PAPER)["sample"] == pytest.approx(START + MARGIN * seconds / 60, abs=1)


def test_a_shorter_job_asks_for_less():
    limits = time_limits(PAPER)
    shards = replace(PAPER, measurement=replace(PAPER.measurement, shard_size=5000))
    assert time_limits(shards)["sample"] - START == pytest.approx(
        5 / 17 * (limits["sample"] - START), abs=1
    )
    assert time_limits(shards)["features"] == limits["features"]
    tuning = replace(PAPER.tuning, candidates=6, candidates_per_job=4)
    fewer = time_limits(replace(PAPER, tuning=tuning))
    assert fewer["search"] - START == pytest.approx((limits["search"] - START) / 2, abs=1)
    assert START < fewer["grid"] < limits["grid"]


@pytest.mark.parametrize(
    ("run", "hours"),
    [("routed", 24.6), ("dense", 42.2), ("masked", 9.3), ("finetuned@800000", 2.1)],
)
def test_a_training_asks_for_its_share_of_each_gpu(run, hours):
    """Each of its jobs for the time of its steps."""
    segments = [segment for segment in PAPER.segments if segment.training == Training(run)]
    limits = [segment_limit(PAPER, segment) for segment in segments]
    steps = sum(segment.steps for segment in segments)
    half = replace(PAPER, hardware=replace(PAPER.hardware, training_gpus=4))
    for segment, limit in zip(segments, limits):
        expected = MARGIN * 60 * hours * segment.steps / steps
        assert limit - START == pytest.approx(expected, rel=0.01, abs=1)
        assert segment_limit(half, segment) - START == pytest.approx(2 * expected, rel=0.01, abs=2)


def test_no_job_of_a_training_asks_for_a_day():
    assert max(segment_limit(PAPER, segment) for segment in PAPER.segments) < 24 * 60


def test_a_scale_without_tunings_asks_for_the_start_alone():
    runs = {"sit": replace(PAPER.runs["sit"], methods=("unguided",))}
    limits = time_limits(replace(PAPER, runs=runs))
    assert (limits["search"], limits["grid"]) == (START, START)
    assert limits["sample"] > START


def test_images_that_models_see_themselves_are_neither_encoded_nor_decoded():
    """Such a scale has the limits of its other jobs, for these are networks' work alone."""
    digits = load(CONFIGS / "digits.yaml")

    def limits(**rates):
        return time_limits(replace(digits, hardware=Hardware(**rates)))

    slow = limits(tera_macs_per_second=1e-6)
    assert "encode" not in slow
    assert min(slow["sample"], slow["search"], slow["grid"]) > 2 * START
    assert limits(tera_macs_per_second=1e-6, autoencoder_images_per_second=1e-3) == slow
    slower = limits(tera_macs_per_second=5e-7)["sample"]
    assert slower - START == pytest.approx(2 * (slow["sample"] - START), abs=1)


@pytest.mark.parametrize("name", ["digits", "fashion", "shapes", "prx512"])
def test_hardware_alone_gives_limits(name):
    scale = replace(load(CONFIGS / f"{name}.yaml"), hardware=Hardware())
    assert min(time_limits(scale).values()) >= START
    assert all(segment_limit(scale, segment) > START for segment in scale.segments)


def test_endless_hours_are_a_year():
    """Of a rate next to zero."""
    slow = replace(load(CONFIGS / "digits.yaml"), hardware=Hardware(tera_macs_per_second=5e-324))
    assert time_limits(slow)["sample"] == START + 60 * 24 * 365


def test_a_scale_without_cells_has_limits():
    digits = load(CONFIGS / "digits.yaml")
    runs = {name: replace(run, methods=(), grids=()) for name, run in digits.runs.items()}
    runs = {name: replace(run, progress=Progress((), ())) for name, run in runs.items()}
    scale = replace(digits, hardware=Hardware(), runs=runs)
    assert scale.cells == ()
    assert time_limits(scale)["sample"] == START


def test_a_scale_without_an_estimate_has_no_limits():
    digits = load(CONFIGS / "digits.yaml")
    assert time_limits(digits) == {}
    assert {segment_limit(digits, segment) for segment in digits.segments} == {0}


def test_a_block_of_hpsv3_s_images_is_one_job_and_its_samples_are_shards():
    prompted = load(CONFIGS / "t2i512.yaml")
    limits = time_limits(prompted)
    # 12,000 images at 5 a second.
    assert limits["hpsv3"] == START + MARGIN * 12_000 / 5 / 60
    assert limits["sample_hpsv3"] == limits["sample"]
    # Of 100 prompts there is no shard of 553.
    few = time_limits(replace(prompted, hpsv3=replace(prompted.hpsv3, prompts=100)))
    assert few["sample_hpsv3"] - START == pytest.approx(
        100 / 553 * (limits["sample"] - START), abs=1
    )
    assert few["sample"] == limits["sample"]
    without = time_limits(replace(prompted, hpsv3=None))
    assert without == {key: limits[key] for key in limits if not key.endswith("hpsv3")}
