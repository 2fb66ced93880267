"""Files of tensors: what was written is read, and nothing else is."""

from __future__ import annotations

import json
import random

import pytest
import torch

from bench.errors import BadInput
from bench.files.tensors import open_tensors, read_description, read_tensors, write_tensors

TENSORS = {
    "weights": torch.arange(60.0).reshape(3, 20),
    "states": torch.randn(7, 3, generator=torch.Generator().manual_seed(0)).bfloat16(),
    "mask": torch.tensor([True, False, True]),
    "images": torch.arange(24, dtype=torch.uint8).reshape(2, 3, 4),
    "step": torch.tensor(5),
    "none": torch.zeros(0, 4),
}


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "file.safetensors"
    write_tensors(path, TENSORS, {"kind": "test", "seed": 1})
    return path


def data_start(path):
    """The offset of the first tensor's bytes."""
    return 8 + int.from_bytes(path.read_bytes()[:8], "little")


def flip(path, offset, bit):
    contents = bytearray(path.read_bytes())
    contents[offset] ^= 1 << bit
    path.write_bytes(contents)


def test_what_was_written_is_read(path):
    tensors, description = read_tensors(path, "test", ("weights",), ("seed",))
    assert description == read_description(path, "test") == {"kind": "test", "seed": 1}
    assert set(tensors) == set(TENSORS)
    for name, tensor in TENSORS.items():
        assert tensors[name].dtype == tensor.dtype
        assert torch.equal(tensors[name], tensor)


def test_equal_contents_are_equal_files(path, tmp_path):
    again = tmp_path / "again.safetensors"
    write_tensors(again, TENSORS, {"kind": "test", "seed": 1})
    assert again.read_bytes() == path.read_bytes()


def test_a_flipped_bit_of_a_tensor_is_refused(path):
    start, size = data_start(path), path.stat().st_size
    draws = random.Random(0)
    for _ in range(60):
        offset, bit = draws.randrange(start, size), draws.randrange(8)
        flip(path, offset, bit)
        with pytest.raises(BadInput, match="a byte was changed since"):
            read_tensors(path, "test")
        flip(path, offset, bit)
    read_tensors(path, "test")


def test_a_flipped_bit_of_the_header_is_refused(path):
    start = data_start(path)
    draws = random.Random(0)
    for _ in range(200):
        offset, bit = draws.randrange(start), draws.randrange(8)
        flip(path, offset, bit)
        with pytest.raises(BadInput):
            read_tensors(path, "test")
        flip(path, offset, bit)
    read_tensors(path, "test")


def test_a_changed_number_of_the_description_is_refused(path):
    contents = path.read_bytes()
    path.write_bytes(contents.replace(b'\\"seed\\": 1', b'\\"seed\\": 7'))
    with pytest.raises(BadInput, match="its description is not what was written"):
        read_description(path, "test")


def test_what_json_changes_is_read_as_it_was_written(tmp_path):
    path = tmp_path / "file.safetensors"
    write_tensors(path, {}, {"kind": "test", "steps": (1, 2), "at": {3: float("nan")}})
    assert str(read_description(path, "test")) == str(
        {"kind": "test", "steps": [1, 2], "at": {"3": float("nan")}}
    )


def test_one_tensor_is_checked_alone(path):
    contents = path.read_bytes()
    header = json.loads(contents[8 : data_start(path)])
    flip(path, data_start(path) + header["mask"]["data_offsets"][0], 0)
    with open_tensors(path, "test") as (file, _):
        assert torch.equal(file.tensor("weights"), TENSORS["weights"])
        with pytest.raises(BadInput, match="mask is not what was written"):
            file.tensor("mask")


def test_files_of_earlier_versions_have_no_digest(tmp_path):
    from safetensors.torch import save_file

    path = tmp_path / "earlier.safetensors"
    save_file({"a": torch.ones(2)}, path, {"description": json.dumps({"kind": "test"})})
    assert torch.equal(read_tensors(path, "test")[0]["a"], torch.ones(2))
