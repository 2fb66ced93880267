"""Estimates of the jobs, GPU hours and disk that a scale needs, from its configuration alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from bench.config.scale import Scale
from bench.cost import guided_macs, model_macs
from bench.errors import BadInput
from bench.guidance import build

# Forward passes that one training step costs: the backward pass costs two of them.
TRAINING_PASSES = 3
# Every image is encoded as it is and mirrored, to a mean and a variance in fp32.
MIRRORED = 2
LATENT_BYTES = MIRRORED * 2 * 4
RGB = 3
# Inception's pool twice (as TensorFlow and as clean-fid resize), spatial features, probabilities.
FEATURE_BYTES = 4 * (2 * 2048 + 2023 + 1008)


@dataclass(frozen=True)
class Stage:
    """Jobs of one kind.

    Attributes:
        gigabytes: 10^9 bytes of latents, samples or features that they write.
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
    hours = sum(training_hours(scale, training.run) for training in scale.trainings)
    yield Stage("train", len(scale.trainings), hours)
    yield _searching(scale)
    yield _grids(scale)
    yield from _measuring(scale)


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
    rate = scale.hardware.autoencoder_images_per_second
    return Stage(
        "encode",
        sum(latents.shards.values()),
        MIRRORED * images / rate / 3600,
        images * info.in_channels * info.input_size**2 * LATENT_BYTES / 1e9,
    )


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


def _measuring(scale):
    """Sampling and features; the middle of a method's space stands for what is chosen."""
    measurement, cells = scale.measurement, scale.cells
    samples = len(measurement.seeds) * measurement.samples
    hours = sum(
        sampling_hours(scale, run, scale.method(method).example, samples) for run, method in cells
    )
    jobs = len(cells) * len(measurement.seeds) * len(measurement.shards)
    images = len(cells) * samples
    yield Stage("sample", jobs, hours, images * RGB * scale.latents.image_size**2 / 1e9)
    yield Stage(
        "features", len(cells), 2 * inception_hours(scale, images), images * FEATURE_BYTES / 1e9
    )


def training_hours(scale: Scale, run: str) -> float:
    """GPU hours of one training of a run."""
    settings = scale.run(run).training
    per_image = TRAINING_PASSES * model_macs(scale.model(scale.run(run)), settings.gamma).total
    return _network_hours(scale, settings.steps * settings.batch_size * per_image)


def candidate_hours(scale: Scale, run: str, spec: Mapping) -> float:
    """GPU hours of sampling and measuring the tuning block."""
    samples = scale.tuning.samples
    return sampling_hours(scale, run, spec, samples) + inception_hours(scale, samples)


def sampling_hours(scale: Scale, run: str, spec: Mapping, samples: int) -> float:
    """GPU hours of the network and of the autoencoder after it."""
    architecture, sampling = scale.model(scale.run(run)), scale.sampling
    configs = {"main": architecture, "weak": architecture}
    per_step = guided_macs(build(spec), configs, sampling, shared=True).total
    decoding = samples / scale.hardware.autoencoder_images_per_second / 3600
    return _network_hours(scale, samples * sampling.steps * per_step) + decoding


def inception_hours(scale: Scale, images: int) -> float:
    """GPU hours of extracting the features of images."""
    return images / scale.hardware.inception_images_per_second / 3600


def _network_hours(scale, macs):
    return macs / (scale.hardware.tera_macs_per_second * 1e12) / 3600
