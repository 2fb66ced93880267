"""The time that jobs ask of a cluster, from a scale's own estimate."""

from __future__ import annotations

import math

from bench.config.runs import Segment
from bench.config.scale import Scale
from bench.stages.hours import (
    candidate_hours,
    encoding_hours,
    geneval_hours,
    hpsv3_hours,
    inception_hours,
    sampling_hours,
    segment_hours,
    text_hours,
)

# The rates are assumptions; a job that is cut off has wasted more than one that asks for too long.
MARGIN = 1.5
# Of every job: imports and weights from a file system that many jobs read at once.
STARTING_MINUTES = 15
# A year, which no cluster gives: of a rate next to zero there are endless hours.
LONGEST_MINUTES = 60 * 24 * 365


def time_limits(scale: Scale) -> dict[str, int]:
    """Minutes that a job may take, by rule: the longest job's estimate, with a margin.

    All jobs of a rule ask for the same, since those of an array must. A scale without hardware has
    no estimate, and no limits; one without latents encodes nothing.
    """
    if scale.hardware is None:
        return {}
    measurement, tuning = scale.measurement, scale.tuning
    searches = [
        tuning.candidates * candidate_hours(scale, run, scale.method(method).example)
        for run, method in scale.tuned_cells
    ]
    grids = [
        _grid_hours(scale, run, scale.method(method).grid_points[first:end])
        for run, method in scale.grid_cells
        for first, end in tuning.grid_jobs(len(scale.method(method).grid_points))
    ]
    drawn = len(measurement.seeds) * measurement.samples
    return {
        **_encoding(scale),
        **_encoding_text(scale),
        "sample": _minutes(_sampling_hours(scale, measurement.shards)),
        # Resized in two ways, as TensorFlow and as clean-fid do.
        "features": _minutes(2 * inception_hours(scale, drawn)),
        "evaluate_prompts": _minutes(geneval_hours(scale, drawn)),
        **_scoring(scale),
        "search": _minutes(max(searches, default=0)),
        "grid": _minutes(max(grids, default=0)),
    }


def segment_limit(scale: Scale, segment: Segment) -> int:
    """Minutes that a job of a training may take on its GPUs; 0, for no limit, without an
    estimate."""
    if scale.hardware is None:
        return 0
    return _minutes(segment_hours(scale, segment) / scale.hardware.training_gpus)


def _encoding(scale):
    latents = scale.latents
    if latents is None:
        return {}
    images = max(
        math.ceil(latents.images[split] / shards) for split, shards in latents.shards.items()
    )
    return {"encode": _minutes(encoding_hours(scale, images))}


def _encoding_text(scale):
    if scale.text is None:
        return {}
    shards = scale.latents.text_shards if scale.latents else {}
    of_part = {part: count / shards.get(part, 1) for part, count in scale.captions.items()}
    whole = [count for part, count in of_part.items() if part not in shards]
    in_shards = [count for part, count in of_part.items() if part in shards]
    return {
        "encode_text": _minutes(text_hours(scale, max(whole, default=0))),
        "encode_text_shard": _minutes(text_hours(scale, max(in_shards, default=0))),
    }


def _scoring(scale):
    if scale.hpsv3 is None:
        return {}
    return {
        "sample_hpsv3": _minutes(_sampling_hours(scale, scale.hpsv3_shards)),
        "hpsv3": _minutes(hpsv3_hours(scale, scale.hpsv3.prompts)),
    }


def _sampling_hours(scale, shards):
    """The hours of the longest job; 0 without cells."""
    samples = max(end - first for first, end in shards)
    return max(
        (
            sampling_hours(scale, run, scale.method(method).example, samples)
            for run, method in scale.cells
        ),
        default=0,
    )


def _grid_hours(scale, run, points):
    # Each job also measures the unguided model.
    return sum(candidate_hours(scale, run, spec) for spec in ({"method": "unguided"}, *points))


def _minutes(hours):
    return STARTING_MINUTES + math.ceil(min(MARGIN * 60 * hours, LONGEST_MINUTES))
