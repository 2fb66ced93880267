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
    about = {"kind": "samples", "prompts_sha256": sha256_of(tmp_path / "states")}
    images = torch.randint(256, (6, 3, 4, 4), generator=torch.Generator().manual_seed(0))
    for part in (slice(0, 4), slice(4, 6)):
        tensors = {"images": images[part].to(torch.uint8), "prompts": torch.arange(6)[part] % 3}
        write_tensors(tmp_path / f"{part.start}.safetensors", tensors, about)
    write_prompts(tmp_path / "prompts.jsonl", PROMPTS)
    samples = [tmp_path / "0.safetensors", tmp_path / "4.safetensors"]
    inputs = ["--text-states", tmp_path / "states", "--prompts", tmp_path / "prompts.jsonl"]
    words = ["geneval-folder", "--samples", *samples, *inputs, "--out", tmp_path / "folder"]
    return images, [str(word) for word in words]


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
