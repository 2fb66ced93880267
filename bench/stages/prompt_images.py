"""Samples of prompts as images."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from PIL import Image

from bench.data.text_states import TextStates
from bench.errors import BadInput
from bench.evaluation.rows import check_shards
from bench.files.tensors import read_description, read_tensors
from bench.stages.sample import KIND


def prompt_images(
    samples: Sequence[Path], states: TextStates
) -> Iterator[tuple[int, int, Image.Image]]:
    """The row of its prompt, its number among that prompt's, and the image, of every sample in the
    order of the files.

    Args:
        samples: files of samples.
        states: the prompts that they were drawn for.

    Raises:
        BadInput: a file holds no samples in RGB, or was drawn for other prompts; the files are of
            different blocks or out of order; or, at the end, there are not as many samples of each
            prompt.
    """
    check_shards(samples, [read_description(path, KIND) for path in samples])
    copies = Counter()
    for path in samples:
        tensors, description = read_tensors(path, KIND, ("images", "prompts"), ("prompts_sha256",))
        if description["prompts_sha256"] != states.sha256:
            raise BadInput(f"{path}: was drawn for other prompts than those of {states.path}")
        channels, rows = tensors["images"].shape[1], tensors["prompts"].tolist()
        if channels != 3:
            raise BadInput(f"{path}: its images have {channels} channels; RGB has 3")
        for pixels, row in zip(tensors["images"], rows):
            if not 0 <= row < len(states):
                raise BadInput(f"{path}: its row {row} is none of the {len(states)} prompts")
            yield row, copies[row], Image.fromarray(pixels.permute(1, 2, 0).numpy())
            copies[row] += 1
    if len({copies[row] for row in range(len(states))}) > 1:
        raise BadInput(
            f"{samples[-1]}: the files hold {copies.total()} samples, and not as many of each of "
            f"the {len(states)} prompts of {states.path}; give all files of a block"
        )
