"""The captions of a file are its lines, and each of them is encoded."""

from __future__ import annotations

import json

import pytest

from bench.__main__ import main
from bench.data.prompted import PARTS
from bench.data.text_states import TextStates


@pytest.fixture
def encode(tmp_path, capsys):
    """Encodes a file of these bytes; returns the code, and the captions or the error."""

    def run(contents):
        captions, out = tmp_path / "captions.txt", tmp_path / "states.safetensors"
        captions.write_bytes(contents)
        command = ["encode-text", "--captions", str(captions), "--out", str(out), "--device", "cpu"]
        settings = json.dumps({"kind": "minilm", "length": 12})
        code = main([*command, "--text-encoder", settings])
        return code, TextStates(out).captions if code == 0 else capsys.readouterr().err

    return run


@pytest.mark.parametrize("end", ["\n", "\r\n", ""])
def test_lines_end_at_newlines_alone(encode, end):
    """No other character that Unicode counts among the ends of lines is one, and the mark of the
    order of bytes is none of a caption."""
    lines = ["a red\u2028circle", "a\x0cblue\x85star", " two dots"]
    contents = ("\r\n" if end == "\r\n" else "\n").join(lines) + end
    assert encode(contents.encode("utf-8-sig")) == (0, lines)


@pytest.mark.parametrize(
    ("contents", "message"),
    [
        (b"a red circle\n \na blue star\n", "line 2 is blank; write a caption in each"),
        (b"a red circle\r\n\r\n", "line 2 is blank; write a caption in each"),
        (b"\n", "line 1 is blank; write a caption in each"),
        (b"", "holds no caption; write one in each line"),
        (b"\xef\xbb\xbf", "holds no caption; write one in each line"),
        (b"caf\xe9\n", "not a text file of UTF-8"),
    ],
)
def test_a_line_without_a_caption(encode, tmp_path, contents, message):
    code, error = encode(contents)
    assert code == 2
    assert error == f"error: {tmp_path / 'captions.txt'}: {message}\n"


def test_the_help_names_every_part(capsys):
    with pytest.raises(SystemExit):
        main(["encode-text", "--help"])
    found = " ".join(capsys.readouterr().out.split())
    assert f"those of {', '.join(PARTS[:-1])} or {PARTS[-1]}" in found
