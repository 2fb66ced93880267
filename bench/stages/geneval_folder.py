"""Writes samples of prompts as images in GenEval's layout."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from bench.data.geneval import CLASSES
from bench.data.geneval_images import METADATA, SAMPLES, image_path
from bench.data.geneval_prompts import read_prompts
from bench.data.text_states import TextStates
from bench.errors import BadInput
from bench.files.atomic import new_folder
from bench.stages.prompt_images import prompt_images


def write_folder(samples: Sequence[Path], text_states: Path, prompts_path: Path, out: Path) -> int:
    """Writes a folder for each prompt, with its line and the images that were drawn for it, and
    returns the number of images. The folder ``out`` is there once it is whole.

    Args:
        samples: the files of a block of samples; their order is that of a prompt's images.
        text_states: the prompts that the samples were drawn for.
        prompts_path: the same prompts in GenEval's layout, in the same order.

    Raises:
        BadInput: text states and prompts are not of each other, or ``out`` is there; or as
            `prompt_images`.
    """
    prompts, states = read_prompts(prompts_path, CLASSES), TextStates(text_states)
    if states.captions != [metadata["prompt"] for metadata in prompts]:
        raise BadInput(f"{text_states}: its captions are not the prompts of {prompts_path}")
    count = 0
    with new_folder(out) as folder:
        for number, metadata in enumerate(prompts):
            of_prompt = folder / f"{number:05d}"
            (of_prompt / SAMPLES).mkdir(parents=True)
            (of_prompt / METADATA).write_text(json.dumps(metadata) + "\n", encoding="utf-8")
        for row, copy, image in prompt_images(samples, states):
            image.save(image_path(folder, row, copy))
            count += 1
    return count
