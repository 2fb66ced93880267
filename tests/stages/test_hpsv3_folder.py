"""Samples of HPSv3's prompts as a folder that `hpsv3` scores."""

from __future__ import annotations

import pytest
import torch

from bench.__main__ import main
from bench.data.geneval_images import read_prompt_image
from bench.data.hpdv3 import list_requests, read_benchmark
from bench.data.text_states import write_text_states
from bench.files.hashes import sha256_of
from bench.files.tensors import write_tensors
from tests.data.hpdv3 import write_benchmark
from tests.sampling.test_models import FirstLetters

# A caption is there twice, and in two categories.
CAPTIONS = {"characters": ["a cat", "a dog", "a cat"], "animals": ["a cat", "a cow"]}
COUNT = 15


@pytest.fixture
def command(tmp_path):
    """A sample of each prompt, in two files; one has its samples in another order."""
    write_benchmark(tmp_path / "benchmark", CAPTIONS)
    benchmark = read_benchmark(tmp_path / "benchmark")
    captions = [caption for of_category in benchmark.values() for caption in of_category]
    write_text_states(tmp_path / "states", captions, FirstLetters())
    images = torch.randint(256, (COUNT, 3, 4, 4), generator=torch.Generator().manual_seed(0))
    samples = [tmp_path / "first.safetensors", tmp_path / "second.safetensors"]
    write_samples(samples[0], images, range(9, -1, -1))
    write_samples(samples[1], images, range(10, COUNT))
    inputs = ["--text-states", tmp_path / "states", "--benchmark", tmp_path / "benchmark"]
    words = ["hpsv3-folder", "--samples", *samples, *inputs, "--out", tmp_path / "folder"]
    return images, [str(word) for word in words]


def write_samples(path, images, rows):
    tensors = {"images": images[list(rows)].to(torch.uint8), "prompts": torch.tensor(rows)}
    about = {"kind": "samples", "prompts_sha256": sha256_of(path.with_name("states"))}
    write_tensors(path, tensors, about)


def test_each_image_is_with_its_prompt(command, tmp_path, capsys):
    images, words = command
    assert main(words) == 0
    assert capsys.readouterr().out == f"{tmp_path / 'folder'}: 15 images\n"
    requests = list_requests(tmp_path / "folder", read_benchmark(tmp_path / "benchmark"))
    pixels = torch.stack([read_prompt_image(request.image) for request in requests])
    assert torch.equal(pixels.long(), images)
    assert [request.prompt for request in requests[:3]] == CAPTIONS["characters"]
    assert not (tmp_path / "folder.partial").exists()


def test_an_image_of_every_prompt(command, tmp_path, capsys):
    images, words = command
    for rows, expected in (
        (
            range(10, COUNT - 1),
            "the files hold 14 samples, and not as many of each of the 15 prompts",
        ),
        (range(9, COUNT), "--samples: two of the prompt 'transportation'; give one of each"),
    ):
        write_samples(tmp_path / "second.safetensors", images, rows)
        assert main(words) == 2
        assert expected in capsys.readouterr().err
        assert not list(tmp_path.glob("folder*"))


def test_what_is_not_of_each_other_is_refused(command, tmp_path, capsys):
    _, words = command
    write_benchmark(tmp_path / "benchmark", {**CAPTIONS, "food": ["a meal"]})
    assert main(words) == 2
    assert "its captions are not the prompts of" in capsys.readouterr().err
    write_benchmark(tmp_path / "benchmark", CAPTIONS)
    (tmp_path / "folder").mkdir()
    assert main(words) == 2
    assert "folder: is there already" in capsys.readouterr().err
    (tmp_path / "folder").rmdir()
    write_text_states(tmp_path / "states", ["a cat"], FirstLetters())
    assert main(words) == 2
    assert "its captions are not the prompts of" in capsys.readouterr().err
    assert not list(tmp_path.glob("folder*"))
