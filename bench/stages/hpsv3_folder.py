"""Writes samples of the prompts of HPSv3's benchmark as images in the layout that is scored."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from bench.data.hpdv3 import read_benchmark, requests_of
from bench.data.text_states import TextStates
from bench.errors import BadInput
from bench.files.atomic import new_folder
from bench.stages.prompt_images import prompt_images


def write_folder(samples: Sequence[Path], text_states: Path, benchmark: Path, out: Path) -> int:
    """Writes the image of each prompt, ``<category>/<number>.png``, and returns their number. The
    folder ``out`` is there once it is whole.

    Args:
        samples: files that together hold one sample of each prompt.
        text_states: the prompts that the samples were drawn for.
        benchmark: the folder of the same prompts, in the same order.

    Raises:
        BadInput: text states and benchmark are not of each other, a prompt has two samples, or
            ``out`` is there; or as `read_benchmark` and `prompt_images`.
    """
    prompts, states = read_benchmark(benchmark), TextStates(text_states)
    requests = requests_of(Path(), prompts)
    if states.captions != [request.prompt for request in requests]:
        raise BadInput(f"{text_states}: its captions are not the prompts of {benchmark}")
    with new_folder(out) as folder:
        for category in prompts:
            (folder / category).mkdir()
        for row, copy, image in prompt_images(samples, states):
            if copy:
                prompt = requests[row].prompt
                raise BadInput(f"--samples: two of the prompt {prompt!r}; give one of each")
            image.save(folder / requests[row].image)
    return len(requests)
