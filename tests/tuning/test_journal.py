"""The rows of a search that is not finished."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from bench.errors import BadInput
from bench.tuning.journal import Journal
from tests.full_disk import largest_file


def test_rows_are_there_for_the_next_process(tmp_path):
    path = tmp_path / "folder" / "journal"
    first = Journal(path, {"of": 1})
    first.add({"fid": 0.1})
    first.add({"fid": 1 / 3})
    assert Journal(path, {"of": 1}).rows == first.rows == [{"fid": 0.1}, {"fid": 1 / 3}]


def test_rows_of_another_search_are_not_taken(tmp_path):
    path = tmp_path / "journal"
    Journal(path, {"of": 1}).add({"fid": 0.1})
    other = Journal(path, {"of": 2})
    assert other.rows == []
    other.add({"fid": 0.2})
    assert Journal(path, {"of": 2}).rows == [{"fid": 0.2}]


def test_a_line_that_a_kill_cut_off_is_lost_alone(tmp_path):
    path = tmp_path / "journal"
    journal = Journal(path, {})
    journal.add({"fid": 0.1})
    journal.add({"fid": 0.2})
    whole = path.read_bytes()
    first_row = whole.index(b"\n") + 1
    second_row = whole.index(b"\n", first_row) + 1
    for end in range(len(whole) + 1):
        path.write_bytes(whole[:end])
        resumed = Journal(path, {})
        assert [row["fid"] for row in resumed.rows] == (
            [0.1, 0.2] if end == len(whole) else [0.1] if end >= second_row else []
        )
        resumed.add({"fid": 0.3})
        assert Journal(path, {}).rows == resumed.rows


def test_a_full_disk_loses_no_row_while_the_last_line_is_mended(tmp_path, monkeypatch):
    path = tmp_path / "journal"
    journal = Journal(path, {})
    journal.add({"fid": 0.1})
    cut = path.read_bytes() + b'{"fid"'
    path.write_bytes(cut)

    def no_space(path, text, **_):
        with open(path, "w") as file:
            file.write(text[:3])
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr(Path, "write_text", no_space)
        with pytest.raises(OSError, match="No space left"):
            Journal(path, {})
    assert path.read_bytes() == cut
    assert Journal(path, {}).rows == [{"fid": 0.1}]


def test_a_full_disk_costs_the_row_that_is_added_alone(tmp_path):
    path = tmp_path / "journal"
    journal = Journal(path, {})
    journal.add({"fid": 0.1})
    with largest_file(path.stat().st_size + 5), pytest.raises(OSError, match="too large"):
        journal.add({"fid": 0.2})
    resumed = Journal(path, {})
    assert resumed.rows == [{"fid": 0.1}]
    resumed.add({"fid": 0.2})
    assert Journal(path, {}).rows == [{"fid": 0.1}, {"fid": 0.2}]


def test_a_changed_byte_is_one_line(tmp_path):
    path = tmp_path / "journal"
    Journal(path, {}).add({"fid": 0.1})
    path.write_text(path.read_text().replace("0.1", "0.?"))
    with pytest.raises(BadInput, match=r"journal: line 2 is damaged; remove the file"):
        Journal(path, {})


def test_it_is_removed_at_the_end(tmp_path):
    journal = Journal(tmp_path / "journal", {})
    journal.remove()
    assert not list(tmp_path.iterdir())
