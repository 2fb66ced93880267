"""The status of a scale, for the tests of this folder."""

from __future__ import annotations

import json

import pytest

from bench.__main__ import main
from tests.workflow.cluster import write_cluster
from tests.workflow.conftest import MICRO


@pytest.fixture
def status(tmp_path, monkeypatch, capsys):
    """The status of a scale whose files lie in the working folder, as the JSON gives it."""
    monkeypatch.chdir(tmp_path)

    def ask(config=MICRO):
        assert main(["status", str(config), "--json"]) == 0
        printed = capsys.readouterr()
        assert printed.err == ""
        return json.loads(printed.out)

    return ask


@pytest.fixture
def cluster(tmp_path):
    """The configuration of a scale with `hardware`."""
    return write_cluster(tmp_path / "cluster.yaml")
