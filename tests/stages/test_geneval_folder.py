"""Samples of prompts as a folder that GenEval judges."""

from __future__ import annotations

import json

import pytest
import torch

from bench.__main__ import main
from bench.data.geneval_images import list_prompt_images, read_prompt_image
from bench.data.text_states import write_text_states
from bench.files.hashes import sha256_of
from bench.files.tensors import write_tensors
from tests.evaluation.geneval_folders import write_prompts
from tests.sampling.test_models import FirstLetters

PROMPTS = [
    {"tag": "single_object", "include": [{"class": name, "count": 1}], "prompt": f"a {name}"}
    for name in ("dog", "cow", "cat")
]


@pytest.fixture
def command(tmp_path):
    """Six samples in two files: two images of each prompt."""
    captions = [one["prompt"] for one in PROMPTS]
    write_text_states(tmp_path / "states", captions, FirstLetters())
    images = torch.randint(256, (6, 3, 4, 4), generator=torch.Generator().manual_seed(0))
    for first, end in ((0, 4), (4, 6)):
        write_samples(tmp_path, images[first:end], [row % 3 for row in range(first, end)], first)
    write_prompts(tmp_path / "prompts.jsonl", PROMPTS)
    samples = [tmp_path / "0.safetensors", tmp_path / "4.safetensors"]
    inputs = ["--text-states", tmp_path / "states", "--prompts", tmp_path / "prompts.jsonl"]
    words = ["geneval-folder", "--samples", *samples, *inputs, "--out", tmp_path / "folder"]
    return images, [str(word) for word in words]


def write_samples(folder, images, rows, first, **more):
    """The samples from ``first`` on, of these rows of prompts."""
    about = {"kind": "samples", "prompts_sha256": sha256_of(folder / "states"), **more}
    about["indices"] = [first, first + len(rows)]
    tensors = {"images": images.to(torch.uint8), "prompts": torch.tensor(rows)}
    write_tensors(folder / f"{first}.safetensors", tensors, about)


def test_each_image_is_with_its_prompt(command, tmp_path):
    images, words = command
    assert main(words) == 0
    found = list_prompt_images(tmp_path / "folder", PROMPTS, per_prompt=2, side=4)
    pixels = torch.stack([read_prompt_image(image.path) for image in found])
    assert torch.equal(pixels.long(), images[[0, 3, 1, 4, 2, 5]])
    assert not (tmp_path / "folder.partial").exists()


def test_what_is_not_of_each_other_is_refused(command, tmp_path, capsys):
    _, words = command
    (tmp_path / "prompts.jsonl").write_text("\n".join(map(json.dumps, PROMPTS[::-1])))
    assert main(words) == 2
    assert "its captions are not the prompts of" in capsys.readouterr().err
    write_prompts(tmp_path / "prompts.jsonl", PROMPTS)
    captions = [one["prompt"] for one in PROMPTS]
    write_text_states(tmp_path / "states", captions, FirstLetters(identity="another"))
    assert main(words) == 2
    assert "0.safetensors: was drawn for other prompts than" in capsys.readouterr().err
    assert not (tmp_path / "folder").exists()
    (tmp_path / "folder").mkdir()
    assert main(words) == 2
    assert "folder: is there already" in capsys.readouterr().err


def refused(words, tmp_path, capsys, expected):
    assert main(words) == 2
    assert expected in capsys.readouterr().err
    assert not list(tmp_path.glob("folder*"))


def test_as_many_images_of_each_prompt(command, tmp_path, capsys):
    images, words = command
    write_samples(tmp_path, images[4:], [1, 1], 4)
    expected = "4.safetensors: the files hold 6 samples, and not as many of each of the 3 prompts"
    refused(words, tmp_path, capsys, expected)
    write_samples(tmp_path, images[:4], [0, 1, 0, 1], 0)
    write_samples(tmp_path, images[4:], [0, 1], 4)
    refused(words, tmp_path, capsys, expected)


def test_samples_of_one_block(command, tmp_path, capsys):
    images, words = command
    twice = [word.replace("4.safetensors", "0.safetensors") for word in words]
    refused(twice, tmp_path, capsys, "0.safetensors: begins at sample 0, but 4 is next")
    write_samples(tmp_path, images[4:], [1, 2], 4, guidance={"method": "cfg", "omega": 2})
    refused(words, tmp_path, capsys, "4.safetensors: its guidance is not that of")


def test_samples_of_no_prompt_and_of_no_colour(command, tmp_path, capsys):
    images, words = command
    for row in (-1, 3):
        write_samples(tmp_path, images[4:], [1, row], 4)
        refused(words, tmp_path, capsys, f"4.safetensors: its row {row} is none of the 3 prompts")
    write_samples(tmp_path, images[4:, :1], [1, 2], 4)
    refused(words, tmp_path, capsys, "4.safetensors: its images have 1 channels; RGB has 3")
