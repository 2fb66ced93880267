"""A file that is written in parts is the file of the whole tensor, as any reader sees it."""

from __future__ import annotations

import pytest
import torch
from safetensors.torch import load_file

from bench.errors import BadInput
from bench.files.tensor_parts import write_in_parts
from bench.files.tensors import open_tensors, read_tensors, write_tensors

DESCRIPTION = {"kind": "test", "prefix": 'Größe: "x"', "seed": (1, 2)}


def states(rows=70):
    return torch.randn(rows, 3, generator=torch.Generator().manual_seed(0)).bfloat16()


def write(path, sizes, counts):
    def parts():
        for index, part in enumerate(states(sum(sizes)).split(sizes)):
            counts[index] = len(part)
            yield part

    others = {"counts": counts, "keys": torch.arange(6, dtype=torch.uint8).reshape(2, 3)}
    write_in_parts(path, "states", parts(), others, DESCRIPTION)


@pytest.mark.parametrize("sizes", [[70], [1, 0, 50, 19], [0, 0]])
def test_it_holds_what_the_whole_one_would(tmp_path, sizes):
    counts = torch.zeros(len(sizes), dtype=torch.int64)
    write(tmp_path / "parts.safetensors", sizes, counts)
    assert counts.tolist() == sizes
    found, description = read_tensors(tmp_path / "parts.safetensors", "test")
    others = {name: tensor for name, tensor in found.items() if name != "states"}
    write_tensors(tmp_path / "whole", {"states": states(sum(sizes)), **others}, DESCRIPTION)
    expected, same = read_tensors(tmp_path / "whole", "test")
    assert description == same
    assert others["counts"].tolist() == sizes
    for read in (found, load_file(tmp_path / "parts.safetensors")):
        for name, tensor in expected.items():
            assert tensor.dtype == read[name].dtype
            assert torch.equal(tensor, read[name])
    with open_tensors(tmp_path / "parts.safetensors", "test") as (file, _):
        assert torch.equal(file.slice("states")[:2], states(sum(sizes))[:2])


def test_equal_contents_are_equal_files(tmp_path):
    for name in "ab":
        write(tmp_path / name, [30, 40], torch.zeros(2, dtype=torch.int64))
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_a_part_that_fails_leaves_nothing(tmp_path):
    def parts():
        yield states()
        raise BadInput("a caption is too long")

    with pytest.raises(BadInput):
        write_in_parts(tmp_path / "file", "states", parts(), {}, DESCRIPTION)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("place", [-1, -200])
def test_a_flipped_bit_is_noticed(tmp_path, place):
    path = tmp_path / "file"
    write(path, [30, 40], torch.zeros(2, dtype=torch.int64))
    contents = bytearray(path.read_bytes())
    contents[place] ^= 4
    path.write_bytes(contents)
    with pytest.raises(BadInput, match="states is not what was written"):
        read_tensors(path, "test")
