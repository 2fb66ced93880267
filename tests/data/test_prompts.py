"""Prompts as conditions, on disk, and as what images are trained under."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from bench.data.captioned import Captioned
from bench.data.dataset import Split
from bench.data.pixels import PixelData
from bench.data.prompts import PromptSource
from bench.data.text_states import TextStates, write_text_states
from bench.errors import BadInput
from bench.files.tensors import read_tensors, write_tensors
from bench.seeds import generator
from tests.conftest import prompts

CAPTIONS = ["a red circle", "two squares", "a", "a red circle and a ring"]


class WordLengths:
    """An encoder with a state (length of the word, 1) for each word, and one more for the end."""

    width, length, identity = 2, 7, "word lengths"

    def encode(self, texts):
        states = torch.zeros(len(texts), 7, 2).bfloat16()
        mask = torch.zeros(len(texts), 7).bool()
        for row, text in enumerate(texts):
            for place, word in enumerate([*text.split(), ""]):
                states[row, place] = torch.tensor([len(word), 1])
                mask[row, place] = True
        return states, mask


@pytest.fixture
def states(tmp_path):
    write_text_states(tmp_path / "states.safetensors", CAPTIONS, WordLengths())
    return TextStates(tmp_path / "states.safetensors")


def test_a_batch_is_sliced_joined_and_chosen_between():
    batch, other = prompts(4), prompts(8)[4:]
    joined = type(batch).concatenate([batch[1:3], other[[0]]])
    assert joined.rows.tolist() == [1, 2, 4]
    assert torch.equal(joined.states, prompts(8).states[[1, 2, 4]])
    assert len(joined.to("cpu")) == 3
    chosen = batch.where(torch.tensor([True, False, False, True]), other)
    assert chosen.rows.tolist() == [0, 5, 6, 3]
    for name in ("states", "mask"):
        assert torch.equal(getattr(chosen, name), getattr(prompts(8), name)[[0, 5, 6, 3]])
    assert list(batch.tensors) == ["prompts"]


def test_samples_go_round_the_set():
    """Whichever samples stand beside it, sample i has the prompt i mod P."""
    source = PromptSource(prompts())
    assert source.given([0, 9, 10, 23], ()).rows.tolist() == [0, 9, 0, 3]
    assert source.given([23], ()).rows.tolist() == [3]


def test_random_prompts_are_of_each_samples_own_stream():
    source = PromptSource(prompts())
    streams = [generator(0, "random condition", index) for index in range(500)]
    rows = source.random(streams).rows
    assert (torch.bincount(rows, minlength=10) - 50).abs().max() < 5 * 6.7
    alone = source.random([generator(0, "random condition", 7)])
    assert alone.rows.tolist() == [rows[7]]


def test_captions_come_back_padded(states):
    assert len(states) == 4
    batch = states[torch.tensor([3, 2])]
    expected, mask = WordLengths().encode([CAPTIONS[3], CAPTIONS[2]])
    assert torch.equal(batch.states, expected)
    assert torch.equal(batch.mask, mask)
    assert states.rows(["a", "a red circle"]).tolist() == [2, 0]
    with pytest.raises(BadInput, match="lacks the caption 'a ring'; encode it anew"):
        states.rows(["a", "a ring"])


def test_the_null_is_the_empty_caption(states):
    expected, mask = WordLengths().encode([""])
    assert torch.equal(states.null.states, expected)
    assert torch.equal(states.null.mask, mask)
    assert states.null.rows.tolist() == [-1]


def test_files_that_are_not_whole_are_refused(states):
    tensors, description = read_tensors(states.path, "text states")
    write_tensors(states.path, {**tensors, "states": tensors["states"][1:]}, description)
    with pytest.raises(BadInput, match="its states are not those of its captions"):
        TextStates(states.path)
    write_tensors(states.path, {**tensors, "states": tensors["states"] * float("nan")}, description)
    with pytest.raises(BadInput, match="states holds values that are not finite"):
        TextStates(states.path)


def test_images_under_their_captions(states):
    images = np.arange(3 * 64, dtype=np.uint8).reshape(3, 1, 8, 8)
    pixels = PixelData(Split(images, np.zeros(3, np.int64)))
    data = Captioned(pixels, ["a", "a red circle", "a"], states)
    stored, given = data[torch.tensor([1, 2])]
    assert torch.equal(data.decode(stored), pixels.decode(pixels.images[1:3]))
    assert given.rows.tolist() == [0, 2]
    assert len(data) == 3
    assert torch.equal(data.null.states, states.null.states)
    other = Captioned(pixels, ["a", "a", "a"], states)
    assert data.identity != other.identity
    assert data.identity["data_sha256"] == pixels.identity["data_sha256"]
    assert data.identity["text_encoder"] == "word lengths"
