"""Whatever is named in it, an error is one plain line."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from bench.__main__ import main
from bench.errors import BadInput

ODD = os.fsdecode(b"a\xe9\n\x1b[31m\xc3\xa9")


def test_what_is_not_printable_is_escaped():
    error = BadInput(ODD).within("key").in_file(ODD)
    assert str(error) == r"a\udce9\n\x1b[31mé: key.a\udce9\n\x1b[31mé"


@pytest.mark.parametrize(
    "arguments",
    [
        ["check", f"{ODD}.yaml"],
        ["cost", "--config", ODD],
        ["batch", ODD],
        ["collect", "--rows", ODD, "--out", "out"],
    ],
)
def test_every_verb_names_a_file_in_one_line(arguments, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(arguments) == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert error[:-1].isprintable()
    assert r"a\udce9\n\x1b[31mé" in error
    assert list(tmp_path.iterdir()) == []


def test_a_path_that_cannot_be_printed_is_written(tmp_path):
    """Through a real process, whose standard output is UTF-8."""
    rows = tmp_path / "rows.csv"
    rows.write_text("run,method,seed,fid\nrouted,cfg,1,2.0\n")
    out = tmp_path / os.fsdecode(b"caf\xe9.csv")
    command = [sys.executable, "-m", "bench", "collect", "--rows", rows, "--out", out]
    environment = {**os.environ, "PYTHONIOENCODING": "utf-8:strict"}
    result = subprocess.run(command, env=environment, capture_output=True, check=False)
    assert (result.returncode, result.stderr) == (0, b"")
    assert rb"caf\udce9.csv" in result.stdout
    assert out.exists()
