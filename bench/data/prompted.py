"""The prompts, and the captioned images, of a scale that has prompts in the place of classes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from torch import Tensor

from bench.data.captioned import Captioned
from bench.data.captioned_latents import all_captions, captioned_latents, held_out_latents
from bench.data.dataset import Split
from bench.data.geneval import CLASSES, OFFICIAL_PROMPTS
from bench.data.geneval_prompts import read_prompts
from bench.data.hpdv3 import read_benchmark
from bench.data.pixels import PixelData, from_uint8
from bench.data.prompts import Prompts
from bench.data.shapes.prompts import Metadata, prompt_at
from bench.data.shapes.renders import renders
from bench.data.shapes.training import captioned_images, training_captions
from bench.data.splits import read_latents
from bench.data.text_shards import read_text_states
from bench.data.text_states import TextStates
from bench.errors import BadInput

PARTS = ("train", "reference", "tuning", "test", "hpdv3")


def block_prompts(scale, part: str) -> list[Metadata]:
    """The prompt of each sample of a seed block, one that is for ``tuning`` or for the ``test``.

    GenEval's prompts, all of them for the test, are asked for in turn.

    Raises:
        BadInput: ``tuning`` on GenEval's, or samples that do not share out evenly over the prompts
            of ``geneval``; or the scale's images are of files, and no prompts go with them.
    """
    if scale.latents and not scale.geneval:
        raise BadInput(
            f"{scale.name}: its images bring captions to train on, but no prompts for {part}; "
            "give geneval, or encode a file of some with `encode-text --captions`"
        )
    block = scale.tuning if part == "tuning" else scale.measurement
    if _asks_geneval(scale):
        if part != "test":
            raise BadInput(f"{part}: GenEval's official prompts are for the test alone")
        prompts = geneval_prompts(scale)
        return [prompts[index % len(prompts)] for index in range(block.samples)]
    return [prompt_at(part, index) for index in range(block.samples)]


def geneval_prompts(scale) -> list[Metadata]:
    """The prompts of GenEval, or those that ``geneval.prompts`` names in their place.

    Raises:
        BadInput: as `read_prompts`, or the samples do not share out evenly over them.
    """
    path = scale.geneval.prompts_path if scale.geneval else OFFICIAL_PROMPTS
    prompts, samples = read_prompts(path, CLASSES), scale.measurement.samples
    if scale.geneval and samples % len(prompts):
        raise BadInput(
            f"measurement.samples: {samples} images do not share out evenly over the "
            f"{len(prompts)} prompts of {path.name}"
        )
    return prompts


def hpsv3_prompts(scale) -> list[str]:
    """The prompts of HPSv3's benchmark, category after category.

    Raises:
        BadInput: the scale has no hpsv3, its number of prompts is another, or as `read_benchmark`.
    """
    if scale.hpsv3 is None:
        raise BadInput(f"hpdv3: {scale.name} has no hpsv3, whose benchmark this part is of")
    benchmark = Path(scale.hpsv3.benchmark)
    prompts = [
        prompt for of_category in read_benchmark(benchmark).values() for prompt in of_category
    ]
    if len(prompts) != scale.hpsv3.prompts:
        raise BadInput(
            f"{benchmark}: holds {len(prompts)} prompts, but hpsv3.prompts is "
            f"{scale.hpsv3.prompts}; correct it"
        )
    return prompts


def _asks_geneval(scale):
    return scale.geneval is not None or scale.dataset == "geneval"


def captions(scale, part: str) -> list[str]:
    """What a text encoder is to encode of a part: every caption of ``train`` and, of latents,
    ``reference`` once, and the prompt of each sample of ``tuning``, ``test`` and ``hpdv3``;
    GenEval's, which samples take in turn, once.

    Raises:
        BadInput: the scale has no such part, or as `hpsv3_prompts`.
    """
    if part == "hpdv3":
        return hpsv3_prompts(scale)
    if part in ("train", "reference") and scale.latents:
        return all_captions(scale, part)
    if part == "reference":
        raise BadInput("reference: only captioned latents have such a part; name tuning")
    if part == "train" and scale.text.training_images:
        seen = training_captions(scale.text.seed, range(scale.text.training_images))
        return list(dict.fromkeys(seen))
    prompts = [metadata["prompt"] for metadata in block_prompts(scale, part)]
    return list(dict.fromkeys(prompts)) if _asks_geneval(scale) else prompts


def captioned_training_data(
    scale, text_states: Path, score_above: float | None = None
) -> Captioned:
    """The captioned images that a model of a scale is trained on.

    Args:
        score_above: takes the images alone whose score is larger; None takes all.

    Raises:
        BadInput: a caption was not encoded, or as `captioned_latents`.
    """
    if scale.latents:
        return captioned_latents(scale, text_states, score_above)
    found = captioned_images(scale.text.seed, range(scale.text.training_images))
    no_labels = np.zeros(len(found.images), np.int64)
    images = PixelData(Split(found.images, no_labels))
    return Captioned(images, found.captions, TextStates(text_states))


def networks(scale, text_states: Path | None) -> dict[str, str]:
    """The networks that the held-out samples of a scale, and their captions, were encoded with:
    autoencoder_sha256 and text_encoder, the identities that checkpoints record."""
    found = {}
    if scale.latents:
        identity = read_latents(scale, "reference").identity
        found["autoencoder_sha256"] = identity["autoencoder_sha256"]
    if text_states:
        found["text_encoder"] = read_text_states(text_states).encoder
    return found


def captioned_held_out(scale, count: int, text_states: Path) -> tuple[Tensor, Prompts]:
    """Up to ``count`` held-out samples as the models see them, float32 [N, C, H, W], and their
    prompts: latents of the reference images under the first caption of each, or images from -1 to 1
    of prompts that are for tuning.

    Raises:
        BadInput: a prompt was not encoded, or as `read_latents`.
    """
    if scale.latents:
        return held_out_latents(scale, count, text_states)
    prompts, states = block_prompts(scale, "tuning")[:count], TextStates(text_states)
    rows = states.rows([metadata["prompt"] for metadata in prompts])
    return from_uint8(renders(prompts, scale.text.seed)), states[rows]
