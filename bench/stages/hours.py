"""GPU hours of single pieces of work, at the rates that a scale's `hardware` assumes."""

from __future__ import annotations

from collections.abc import Mapping

from bench.config.data import IMAGE_CHANNELS
from bench.config.runs import Segment
from bench.config.scale import Scale
from bench.cost import guided_macs, model_macs
from bench.guidance import build

# Forward passes that one training step costs: the backward pass costs two of them.
TRAINING_PASSES = 3
# Every image is encoded as it is and mirrored.
MIRRORED = 2


def encoding_hours(scale: Scale, images: int) -> float:
    """Encoding of images into latents."""
    return MIRRORED * images / scale.hardware.autoencoder_images_per_second / 3600


def text_hours(scale: Scale, captions: int) -> float:
    """Encoding of captions into text states."""
    return captions / scale.hardware.captions_per_second / 3600


def geneval_hours(scale: Scale, images: int) -> float:
    """Verdicts of GenEval's networks on images."""
    return images / scale.hardware.geneval_images_per_second / 3600


def hpsv3_hours(scale: Scale, images: int) -> float:
    """Scores of HPSv3 for images."""
    return images / scale.hardware.hpsv3_images_per_second / 3600


def segment_hours(scale: Scale, segment: Segment) -> float:
    """The steps of a training that one job does, summed over its GPUs."""
    run = scale.run(segment.training.run)
    settings = run.training
    per_image = TRAINING_PASSES * model_macs(scale.model(run), settings.gamma).total
    return _network_hours(scale, segment.steps * settings.batch_size * per_image)


def candidate_hours(scale: Scale, run: str, spec: Mapping) -> float:
    """Sampling and measuring the tuning block with one guidance spec."""
    samples = scale.tuning.samples
    return sampling_hours(scale, run, spec, samples) + inception_hours(scale, samples)


def sampling_hours(scale: Scale, run: str, spec: Mapping, samples: int) -> float:
    """Samples from the network, and where these are latents, their decoding."""
    architecture, sampling = scale.model(scale.run(run)), scale.sampling
    configs = {"main": architecture, "weak": architecture}
    per_step = guided_macs(build(spec), configs, sampling, shared=True).total
    hours = _network_hours(scale, samples * sampling.steps * per_step)
    if architecture.in_channels > IMAGE_CHANNELS:
        hours += samples / scale.hardware.autoencoder_images_per_second / 3600
    return hours


def inception_hours(scale: Scale, images: int) -> float:
    """Resizing of images and their features."""
    return images / scale.hardware.inception_images_per_second / 3600


def _network_hours(scale, macs):
    return macs / (scale.hardware.tera_macs_per_second * 1e12) / 3600
