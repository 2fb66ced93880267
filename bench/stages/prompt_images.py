"""Samples of prompts as images."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from PIL import Image

from bench.data.text_states import TextStates
from bench.errors import BadInput
from bench.files.tensors import read_tensors
from bench.stages.sample import KIND


def prompt_images(samples: Sequence[Path], states: TextStates) -> Iterator[tuple[int, Image.Image]]:
    """The row of its prompt, and the image, of every sample in the order of the files.

    Args:
        samples: files of samples.
        states: the prompts that they were drawn for.

    Raises:
        BadInput: a file holds no samples, or was drawn for other prompts.
    """
    for path in samples:
        tensors, description = read_tensors(path, KIND, ("images", "prompts"), ("prompts_sha256",))
        if description["prompts_sha256"] != states.sha256:
            raise BadInput(f"{path}: was drawn for other prompts than those of {states.path}")
        for pixels, row in zip(tensors["images"], tensors["prompts"].tolist()):
            yield row, Image.fromarray(pixels.permute(1, 2, 0).numpy())
