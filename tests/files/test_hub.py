"""Files of the Hugging Face hub come through its client, from a server that answers as it does.

The client reads its environment when it is imported, hence a process for each download.
"""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tests.files.servers import CONTENTS, SHA256, HubServer, serving

ADDRESS = "https://huggingface.co/org/model/resolve/main/weights.pt"
PROGRAM = """
import pathlib, sys
from bench.errors import BadInput
from bench.files.download import download
try:
    download(sys.argv[1], pathlib.Path(sys.argv[2]), sys.argv[3])
except BadInput as error:
    sys.exit(f"error: {error}")
"""


@pytest.fixture
def hub():
    with serving(HubServer, requests=[]) as running:
        yield running


@pytest.fixture
def fetched(hub, tmp_path):
    """Downloads the file: its path, and the last line that the process said."""

    def fetch(sha256=SHA256, **environment):
        path = tmp_path / "zoo" / "weights.pt"
        done = subprocess.run(
            [sys.executable, "-c", PROGRAM, ADDRESS, str(path), sha256],
            env={
                **os.environ,
                "HF_ENDPOINT": hub.address,
                "HF_HOME": str(tmp_path / "home"),
                "HF_HUB_DISABLE_TELEMETRY": "1",
                "HF_HUB_OFFLINE": "0",
                **environment,
            },
            capture_output=True,
            text=True,
            timeout=60,
        )
        return path, done.stderr.strip().splitlines()[-1:]

    return fetch


def left(path):
    return [found.name for found in path.parent.rglob("*")]


def test_whole(fetched, hub):
    path, said = fetched()
    assert said == []
    assert path.read_bytes() == CONTENTS
    assert left(path) == ["weights.pt"]
    asked = "/org/model/resolve/main/weights.pt"
    assert hub.requests == [f"HEAD {asked}", f"GET {asked}"]


def test_a_broken_connection_is_mended_in_the_same_call(fetched, hub):
    hub.cut = 300_000
    path, _ = fetched()
    assert path.read_bytes() == CONTENTS
    assert len(hub.requests) == 3


def test_another_file_leaves_nothing(fetched):
    path, (line,) = fetched(sha256=64 * "0")
    assert line.startswith(f"error: {ADDRESS}: sent a file whose SHA-256 does not begin with 0000")
    assert left(path) == []


@pytest.mark.parametrize(
    ("refusal", "reason"),
    [
        ((404, "EntryNotFound", "Entry not found"), "404"),
        ((403, "GatedRepo", "Access to model org/model is restricted"), "is restricted"),
    ],
)
def test_a_refusal_is_one_line(fetched, hub, refusal, reason):
    hub.refusal = refusal
    path, (line,) = fetched()
    assert line.startswith(f"error: {ADDRESS}: ")
    assert reason in line
    assert line.endswith(f"; call again, or get weights.pt elsewhere and put it at {path}")
    assert left(path) == []


def test_offline_is_one_line(fetched, hub):
    path, (line,) = fetched(HF_HUB_OFFLINE="1")
    assert line.startswith(f"error: {ADDRESS}: ")
    assert "offline mode is enabled" in line
    assert hub.requests == []
    assert left(path) == []
