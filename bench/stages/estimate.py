"""Estimates of the jobs, GPU hours and disk that a scale needs, from its configuration alone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from bench.config.scale import Scale
from bench.errors import BadInput
from bench.stages.hours import (
    MIRRORED,
    candidate_hours,
    encoding_hours,
    geneval_hours,
    hpsv3_hours,
    inception_hours,
    sampling_hours,
    segment_hours,
    text_hours,
)

# A mean and a variance in fp32, of the image as it is and mirrored.
LATENT_BYTES = MIRRORED * 2 * 4
# Text states are bf16.
STATE_BYTES = 2
RGB = 3
# Inception's pool twice (as TensorFlow and as clean-fid resize), spatial features, probabilities.
FEATURE_BYTES = 4 * (2 * 2048 + 2023 + 1008)


@dataclass(frozen=True)
class Stage:
    """Jobs of one kind.

    Attributes:
        gigabytes: 10^9 bytes of latents, text states, samples or features that they write.
    """

    name: str
    jobs: int
    gpu_hours: float
    gigabytes: float = 0


def stages(scale: Scale) -> Iterator[Stage]:
    """The stages that need a GPU, in the order of the pipeline.

    Raises:
        BadInput: the scale has no hardware or no latents.
    """
    if scale.hardware is None or scale.latents is None:
        raise BadInput("hardware: missing, or latents is; only a cluster's scale has an estimate")
    yield _encoding(scale)
    if scale.text:
        yield _encoding_text(scale)
    yield _training(scale)
    # GenEval's prompts are for the test alone.
    if not scale.geneval:
        yield _searching(scale)
        yield _grids(scale)
    yield _sampling(scale)
    if scale.hpsv3:
        yield _scoring(scale)
    yield _judging(scale) if scale.geneval else _features(scale)


def training_gigabytes(scale: Scale) -> float:
    """10^9 bytes of latents and text states that the trainings read, from disk or from memory that
    keeps them."""
    info = scale.dataset_info
    latent = info.in_channels * info.input_size**2 * LATENT_BYTES / MIRRORED
    images = sum(
        segment.steps * scale.run(segment.training.run).training.batch_size
        for segment in scale.segments
    )
    return images * (latent + _text_bytes(scale)) / 1e9


def to_text(scale: Scale) -> str:
    """The stages as a table, with their sum."""
    estimates = list(stages(scale))
    total = Stage(
        "in all",
        sum(stage.jobs for stage in estimates),
        sum(stage.gpu_hours for stage in estimates),
        sum(stage.gigabytes for stage in estimates),
    )
    return "\n".join(
        [
            f"{scale.name}, as `hardware` in its configuration estimates:",
            f"{'stage':10}{'jobs':>8}{'GPU hours':>12}{'GB on disk':>12}",
            *(
                f"{stage.name:10}{stage.jobs:8,}{stage.gpu_hours:12,.0f}{stage.gigabytes:12,.0f}"
                for stage in [*estimates, total]
            ),
        ]
    )


def _encoding(scale):
    latents, info = scale.latents, scale.dataset_info
    images = latents.train_images + latents.reference_images
    return Stage(
        "encode",
        sum(latents.shards.values()),
        encoding_hours(scale, images),
        images * info.in_channels * info.input_size**2 * LATENT_BYTES / 1e9,
    )


def _encoding_text(scale):
    captions = sum(scale.captions.values())
    shards = scale.latents.text_shards
    return Stage(
        "text",
        sum(shards.get(part, 1) for part in scale.captions),
        text_hours(scale, captions),
        captions * _text_bytes(scale) / 1e9,
    )


def _text_bytes(scale):
    """The size of a caption's states; padding is not stored, so that it is an upper bound."""
    if not scale.text:
        return 0
    width = max(scale.model(run).text_width for run in scale.runs.values())
    return scale.text.encoder.length * width * STATE_BYTES


def _training(scale):
    hours = sum(segment_hours(scale, segment) for segment in scale.segments)
    return Stage("train", len(scale.segments), hours)


def _searching(scale):
    tuning = scale.tuning
    hours = sum(
        candidate_hours(scale, run, scale.method(method).example)
        for run, method in scale.tuned_cells
    )
    return Stage("search", len(scale.tuned_cells), tuning.candidates * hours)


def _grids(scale):
    jobs, hours = 0, 0
    for run, method in scale.grid_cells:
        points = scale.method(method).grid_points
        processes = len(scale.tuning.grid_jobs(len(points)))
        jobs += processes
        hours += sum(candidate_hours(scale, run, spec) for spec in points)
        # Each process also measures the unguided model.
        hours += processes * candidate_hours(scale, run, {"method": "unguided"})
    return Stage("grid", jobs, hours)


def _sampling(scale):
    """The middle of a method's space stands for what is chosen."""
    measurement, cells = scale.measurement, scale.cells
    of_hpsv3 = scale.hpsv3.prompts if scale.hpsv3 else 0
    samples = len(measurement.seeds) * (measurement.samples + of_hpsv3)
    hours = sum(
        sampling_hours(scale, run, scale.method(method).example, samples) for run, method in cells
    )
    shards = len(measurement.shards) + len(scale.hpsv3_shards)
    jobs = len(cells) * len(measurement.seeds) * shards
    return Stage("sample", jobs, hours, _image_gigabytes(scale, len(cells) * samples))


def _features(scale):
    images = _images(scale)
    hours = 2 * inception_hours(scale, images)
    return Stage("features", len(scale.cells), hours, images * FEATURE_BYTES / 1e9)


def _scoring(scale):
    jobs = len(scale.cells) * len(scale.measurement.seeds)
    images = jobs * scale.hpsv3.prompts
    return Stage("hpsv3", jobs, hpsv3_hours(scale, images), _image_gigabytes(scale, images))


def _judging(scale):
    images = _images(scale)
    hours = geneval_hours(scale, images)
    return Stage("judge", len(scale.cells), hours, _image_gigabytes(scale, images))


def _image_gigabytes(scale, images):
    """As uint8; as PNG they are hardly smaller."""
    return images * RGB * scale.latents.image_size**2 / 1e9


def _images(scale):
    """All samples of all cells, but those for HPSv3."""
    return len(scale.cells) * len(scale.measurement.seeds) * scale.measurement.samples
