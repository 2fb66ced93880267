"""Captions in shards are those of one file, read from disk a batch at a time."""

from __future__ import annotations

import json
import pickle

import pytest
import torch
from torch.utils.data import DataLoader

from bench.data.shards import MANIFEST, shard_name, shard_range
from bench.data.text_shards import (
    TextShards,
    read_text_states,
    write_text_manifest,
    write_text_shard,
)
from bench.data.text_states import PART, TextStates, write_text_states
from bench.errors import BadInput
from bench.files.hashes import sha256_of
from bench.files.tensors import open_tensors, read_tensors, write_tensors
from tests.sampling.test_models import FirstLetters

CAPTIONS = [
    *("a red ring", "two dots", "a", "a big blue ring", "grey", "a green ring"),
    "half a pair \ud83d",
]


def write_shards(folder, shards, captions=CAPTIONS, encoder=None, listing="listing"):
    """Shards of captions, of which each is once among them; the paths."""
    paths = [folder / shard_name(index) for index in range(shards)]
    for index, path in enumerate(paths):
        part = shard_range(len(captions), index, shards)
        own = captions[part.start : part.stop]
        write_text_shard(path, own, encoder or FirstLetters(), listing, index, shards)
    return paths


def write_folder(folder, shards, captions=CAPTIONS):
    write_text_manifest(folder, write_shards(folder, shards, captions))
    return folder


@pytest.fixture
def folder(tmp_path):
    return write_folder(tmp_path / "text", 3)


@pytest.fixture
def file(tmp_path):
    write_text_states(tmp_path / "states.safetensors", CAPTIONS, FirstLetters())
    return TextStates(tmp_path / "states.safetensors")


@pytest.mark.parametrize("shards", [1, 3, len(CAPTIONS), 12])
def test_they_are_the_captions_of_one_file(tmp_path, file, shards):
    """Of twelve shards some are empty."""
    found = TextShards(write_folder(tmp_path / "text", shards))
    assert len(found) == len(file)
    assert (found.width, found.length, found.encoder) == (file.width, file.length, file.encoder)
    shuffled = [CAPTIONS[row] for row in (5, 6, 0, 3, 3)]
    rows = found.rows(shuffled)
    assert torch.equal(rows, file.rows(shuffled))
    for asked in (rows, torch.arange(len(file))):
        batch, expected = found[asked], file[asked]
        assert batch.states.dtype == expected.states.dtype
        assert torch.equal(batch.states, expected.states)
        assert torch.equal(batch.mask, expected.mask)
        assert torch.equal(batch.rows, expected.rows)
    assert torch.equal(found.null.states, file.null.states)
    assert torch.equal(found.null.mask, file.null.mask)
    assert found.null.rows.tolist() == file.null.rows.tolist()


def test_more_captions_than_are_encoded_at_a_time(tmp_path):
    captions = [f"{'a' * (index % 3 + 1)} {index}" for index in range(PART + 30)]
    write_text_states(tmp_path / "states.safetensors", captions, FirstLetters())
    found = TextShards(write_folder(tmp_path / "text", 1, captions))
    rows = torch.arange(len(captions))
    assert torch.equal(found[rows].states, TextStates(tmp_path / "states.safetensors")[rows].states)


def test_their_identity_is_that_of_the_states(tmp_path, folder):
    """Not of the number of shards."""
    states = TextShards(folder)
    assert TextShards(write_folder(tmp_path / "one", 1)).sha256 == states.sha256
    other = write_folder(tmp_path / "other", 3, [*CAPTIONS[:-1], "a word more"])
    assert TextShards(other).sha256 != states.sha256


def test_a_path_says_which_they_are(folder, file):
    assert isinstance(read_text_states(folder / MANIFEST), TextShards)
    assert isinstance(read_text_states(file.path), TextStates)


def test_a_caption_that_was_not_encoded(folder):
    with pytest.raises(BadInput, match=r"manifest\.json: lacks the caption 'zebras'; encode it"):
        TextShards(folder).rows(["a", "zebras", "ants"])


def test_workers_read_the_same(folder):
    states = TextShards(folder)
    rows = [torch.tensor([6, 0]), torch.tensor([3])]
    for context in ("fork", "spawn"):
        loader = DataLoader(
            states, batch_size=None, sampler=rows, num_workers=1, multiprocessing_context=context
        )
        for asked, found in zip(rows, loader):
            assert torch.equal(found.states, states[asked].states)
    assert torch.equal(pickle.loads(pickle.dumps(states))[rows[0]].states, states[rows[0]].states)


def test_a_manifest_lists_its_shards(folder):
    manifest = json.loads((folder / MANIFEST).read_text())
    paths = [folder / shard_name(index) for index in range(3)]
    assert manifest["files"] == [
        {
            "file": path.name,
            "bytes": path.stat().st_size,
            "sha256": sha256_of(path),
            "captions": count,
        }
        for path, count in zip(paths, (2, 2, 4))
    ]
    assert manifest["captions"] == len(CAPTIONS) + 1


def test_a_flipped_byte_of_a_caption_is_refused(folder):
    """Where the caption is read, and not where another one of the shard is."""
    path, states = folder / shard_name(1), TextShards(folder)
    before = states[torch.arange(7)].states
    contents = bytearray(path.read_bytes())
    contents[-1] ^= 1
    path.write_bytes(contents)
    changed = TextShards(folder)
    assert torch.equal(changed[torch.tensor([2, 4])].states, before[[2, 4]])
    with pytest.raises(BadInput, match=r"shard-00001\.safetensors: the states of caption 1 are no"):
        changed[torch.tensor([3])]


def test_a_shard_that_is_missing_or_truncated_is_one_line(folder):
    path = folder / shard_name(1)
    path.write_bytes(path.read_bytes()[:-6])
    with pytest.raises(BadInput, match=r"shard-00001\.safetensors: has .* bytes of .*truncated"):
        TextShards(folder)
    with pytest.raises(BadInput, match=r"shard-00001\.safetensors: not a whole safetensors file"):
        write_text_manifest(folder, sorted(folder.glob("shard-*")))
    path.unlink()
    with pytest.raises(BadInput, match=r"shard-00001\.safetensors: has 0 bytes of .*missing"):
        TextShards(folder)


def test_a_folder_without_a_manifest(folder):
    (folder / MANIFEST).unlink()
    with pytest.raises(BadInput, match=r"manifest\.json: no such file; encode the shards, and ind"):
        TextShards(folder)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("{", "[", r"manifest\.json: not valid JSON"),
        ('"width"', '"wide"', r"manifest\.json: .*wide: unknown key"),
        ('"length": 5', '"length": "long"', "length: expected a whole number, got 'long'"),
        ('"captions": 4', '"captions": 5', "lists 5 captions for the 4 of .*shard-00002"),
        ('"shards": 3', '"shards": 4', "lists 3 shards of 4"),
        ("first letters", "lasts letters", "its text_encoder is not the one that .*manifest"),
        ('"bytes": ', '"bytes": 1', r"shard-00000\.safetensors: has .* bytes of 1"),
    ],
)
def test_a_damaged_manifest_is_one_line(folder, old, new, message):
    text = (folder / MANIFEST).read_text()
    assert old in text
    (folder / MANIFEST).write_text(text.replace(old, new))
    with pytest.raises(BadInput, match=message) as caught:
        TextShards(folder)
    assert "\n" not in str(caught.value)


def test_shards_of_another_encoder_or_listing(tmp_path, folder):
    for other in (
        write_shards(tmp_path / "a", 3, encoder=FirstLetters(identity="other letters")),
        write_shards(tmp_path / "b", 3, listing="another"),
    ):
        paths = [folder / shard_name(0), other[1], folder / shard_name(2)]
        with pytest.raises(BadInput, match=r"is not that of .*encode both anew"):
            write_text_manifest(folder, paths)
    (folder / shard_name(1)).write_bytes((tmp_path / "a" / shard_name(1)).read_bytes())
    with pytest.raises(BadInput, match=r"shard-00001\.safetensors: its text_encoder is not the o"):
        TextShards(folder)


def test_shards_under_the_names_of_others(folder):
    paths = [folder / shard_name(index) for index in range(3)]
    paths[1].rename(folder / "aside")
    paths[2].rename(paths[1])
    (folder / "aside").rename(paths[2])
    with pytest.raises(
        BadInput, match=r"shard-00001\.safetensors: is shard 2 by its header; name f"
    ):
        write_text_manifest(folder, paths)


def test_a_file_is_no_shard_and_a_shard_is_no_file(folder, file):
    with pytest.raises(BadInput, match="expected 'text states', found 'a shard of text states'"):
        TextStates(folder / shard_name(0))
    with pytest.raises(BadInput, match="expected 'a shard of text states', found 'text states'"):
        write_text_manifest(folder, [file.path])


@pytest.mark.parametrize("change", [(-1, 0), (1, 0), (-100, 100)])
def test_states_that_are_not_those_of_the_captions(folder, change):
    """The captions have a token more or fewer in all, or one has fewer than none."""
    path = folder / shard_name(1)
    with open_tensors(path, "a shard of text states") as (_, description):
        tensors, _ = read_tensors(path, "a shard of text states")
    tensors["counts"][:2] += torch.tensor(change)
    write_tensors(path, tensors, description)
    with pytest.raises(BadInput, match=r"shard-00001\.safetensors: its states are not those of it"):
        write_text_manifest(folder, [path])


@pytest.mark.parametrize(
    "write",
    [
        lambda folder, encoder: write_shards(folder, 1, encoder=encoder),
        lambda folder, encoder: write_text_states(folder / "states", CAPTIONS, encoder),
    ],
    ids=["shards", "a file"],
)
@pytest.mark.parametrize("value", ["nan", "inf"])
def test_states_that_are_not_finite_are_not_written(tmp_path, write, value):
    class Broken(FirstLetters):
        def encode(self, texts):
            states, mask = super().encode(texts)
            states[texts.index("two dots"), 1] *= float(value)
            return states, mask

    with pytest.raises(BadInput, match=r"^prompt 'two dots': its states are not finite; ta"):
        write(tmp_path, Broken())
    assert list(tmp_path.iterdir()) == []
