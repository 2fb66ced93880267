"""Writes samples of prompts as images in GenEval's layout."""

from __future__ import annotations

import json
import os
import shutil
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from PIL import Image

from bench.data.geneval import CLASSES
from bench.data.geneval_images import METADATA, SAMPLES
from bench.data.geneval_prompts import read_prompts
from bench.data.text_states import TextStates
from bench.errors import BadInput
from bench.files.tensors import read_tensors
from bench.stages.sample import KIND


def write_folder(samples: Sequence[Path], text_states: Path, prompts_path: Path, out: Path) -> int:
    """Writes a folder for each prompt, with its line and the images that were drawn for it, and
    returns the number of images. The folder ``out`` is there once it is whole.

    Args:
        samples: files of samples; their order is that of a prompt's images.
        text_states: the prompts that the samples were drawn for.
        prompts_path: the same prompts in GenEval's layout, in the same order.

    Raises:
        BadInput: samples, text states and prompts are not of each other, or ``out`` is there.
    """
    if out.exists():
        raise BadInput(f"{out}: is there already; remove it, or name another folder")
    prompts, states = read_prompts(prompts_path, CLASSES), TextStates(text_states)
    if states.captions != [metadata["prompt"] for metadata in prompts]:
        raise BadInput(f"{text_states}: its captions are not the prompts of {prompts_path}")
    partial, copies = out.with_name(f"{out.name}.partial"), Counter()
    # Of a call that broke off.
    shutil.rmtree(partial, ignore_errors=True)
    for number, metadata in enumerate(prompts):
        of_prompt = partial / f"{number:05d}"
        (of_prompt / SAMPLES).mkdir(parents=True)
        (of_prompt / METADATA).write_text(json.dumps(metadata) + "\n", encoding="utf-8")
    for path in samples:
        tensors, description = read_tensors(path, KIND, ("images", "prompts"), ("prompts_sha256",))
        if description["prompts_sha256"] != states.sha256:
            raise BadInput(f"{path}: was drawn for other prompts than those of {text_states}")
        for pixels, row in zip(tensors["images"], tensors["prompts"].tolist()):
            image = Image.fromarray(pixels.permute(1, 2, 0).numpy())
            image.save(partial / f"{row:05d}" / SAMPLES / f"{copies[row]:04d}.png")
            copies[row] += 1
    os.replace(partial, out)
    return copies.total()
