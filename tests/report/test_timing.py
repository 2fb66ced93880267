"""Where the time of a run went."""

from __future__ import annotations

import os

import pytest

from bench.report.timing import Job, Occupation, occupation, read_jobs


def test_jobs_side_by_side():
    jobs = [Job(0, 10), Job(0, 4), Job(6, 10)]
    assert occupation(jobs) == Occupation(jobs=3, at_once=2, elapsed=10, busy=18)
    assert occupation(jobs).available == 20


def test_one_after_the_other_is_not_at_once():
    assert occupation([Job(0, 5), Job(5, 9)]) == Occupation(2, 1, 9, 9)


def test_a_pause_between_runs_does_not_count():
    assert occupation([Job(0, 5), Job(100, 101)]).elapsed == 6


def test_jobs_are_read_from_snakemakes_record(tmp_path):
    path = tmp_path / "sample" / "routed" / "cfg.tsv"
    path.parent.mkdir(parents=True)
    path.write_text("s\th:m:s\tmax_rss\n2.5\t0:00:02\t100\n")
    os.utime(path, (1000, 1000))
    assert read_jobs(tmp_path) == [Job(pytest.approx(997.5), 1000.0)]
    assert read_jobs(tmp_path / "absent") == []
