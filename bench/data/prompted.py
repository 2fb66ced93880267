"""The prompts, and the captioned images, of a scale that has prompts in the place of classes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from torch import Tensor

from bench.data.captioned import Captioned
from bench.data.captioned_latents import all_captions, captioned_latents
from bench.data.dataset import Split
from bench.data.geneval import CLASSES, OFFICIAL_PROMPTS
from bench.data.geneval_prompts import read_prompts
from bench.data.pixels import PixelData, from_uint8
from bench.data.prompts import Prompts
from bench.data.shapes.prompts import Metadata, prompt_at
from bench.data.shapes.renders import renders
from bench.data.shapes.training import captioned_images, training_captions
from bench.data.text_states import TextStates
from bench.errors import BadInput

PARTS = ("train", "tuning", "test")


def block_prompts(scale, part: str) -> list[Metadata]:
    """The prompt of each sample of a seed block, one that is for ``tuning`` or for the ``test``.

    GenEval's official prompts, all of them for the test, are asked for in turn.

    Raises:
        BadInput: ``tuning`` on GenEval's; or the scale's images are of files, and there are no
            prompts that go with them.
    """
    if scale.latents:
        raise BadInput(
            f"{scale.name}: its images bring captions to train on, but no prompts for {part}; "
            "encode a file of some with `encode-text --captions`"
        )
    block = scale.tuning if part == "tuning" else scale.measurement
    if scale.dataset == "geneval":
        if part != "test":
            raise BadInput(f"{part}: GenEval's official prompts are for the test alone")
        official = read_prompts(OFFICIAL_PROMPTS, CLASSES)
        return [official[index % len(official)] for index in range(block.samples)]
    return [prompt_at(part, index) for index in range(block.samples)]


def captions(scale, part: str) -> list[str]:
    """What a text encoder is to encode of a part: every caption of ``train`` once, and the prompt
    of each sample of ``tuning`` and ``test``; GenEval's, which samples take in turn, once.

    Raises:
        BadInput: the scale's prompts are for the test alone, and the part is another.
    """
    if part == "train" and scale.latents:
        return all_captions(scale, "train")
    if part == "train" and scale.text.training_images:
        seen = training_captions(scale.text.seed, range(scale.text.training_images))
        return list(dict.fromkeys(seen))
    prompts = [metadata["prompt"] for metadata in block_prompts(scale, part)]
    return list(dict.fromkeys(prompts)) if scale.dataset == "geneval" else prompts


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


def captioned_held_out(scale, count: int, text_states: Path) -> tuple[Tensor, Prompts]:
    """Images of up to ``count`` prompts that are for tuning, float32 [N, C, H, W] from -1 to 1, and
    these prompts.

    Raises:
        BadInput: a prompt was not encoded.
    """
    prompts, states = block_prompts(scale, "tuning")[:count], TextStates(text_states)
    rows = states.rows([metadata["prompt"] for metadata in prompts])
    return from_uint8(renders(prompts, scale.text.seed)), states[rows]
