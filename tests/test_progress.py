"""The lines that long jobs leave in their logs."""

from __future__ import annotations

import pytest

from bench import progress
from bench.progress import Progress, counted


@pytest.fixture
def clock(monkeypatch):
    """Seconds that pass when a test says so."""
    now = [0.0]
    monkeypatch.setattr(progress.time, "monotonic", lambda: now[0])
    return now


def test_a_log_has_a_plain_line_now_and_then(clock, capsys):
    told = Progress(10, "image", done=2)
    for _ in range(6):
        clock[0] += 20
        told.add()
    assert capsys.readouterr().err.splitlines() == [
        "4 of 10 images, 0.05 a second",
        "6 of 10 images, 0.05 a second",
        "8 of 10 images, 0.05 a second",
    ]


def test_a_short_job_says_nothing(clock, capsys):
    assert list(counted(range(3), "point")) == [0, 1, 2]
    assert capsys.readouterr().err == ""


def test_an_item_counts_when_it_is_done(clock, capsys):
    said = []
    for _ in counted(["a", "b"], "file"):
        said.append(capsys.readouterr().err)
        clock[0] += 40
    assert said == ["", "1 of 2 files, 0.025 a second\n"]
    assert capsys.readouterr().err == "2 of 2 files, 0.025 a second\n"
