"""The work of a plan: in time, again, after a change, and with mistakes."""

from __future__ import annotations

import os
import shlex

import pytest

from bench.__main__ import main
from bench.commands.batch import MORE_TO_DO
from bench.stages import batch
from bench.stages.batch import header
from tests.workflow.conftest import MICRO


@pytest.fixture
def rows(tmp_path):
    """Files of the rows of two cells, and one with other numbers."""
    paths = [tmp_path / f"{name}.csv" for name in ("one", "two", "other")]
    for path, fid in zip(paths, (3.0, 2.0, 1.0)):
        path.write_text(f"seed,fid\n1,{fid}\n")
    return paths


@pytest.fixture
def plan(tmp_path, rows):
    """A plan that collects the rows of each of two cells."""
    path = tmp_path / "plan.txt"
    path.write_text("".join(f"{line(tmp_path, path)}\n" for path in rows[:2]))
    return path


def line(folder, path):
    return shlex.join(map(str, ["collect", "--rows", path, "--out", folder / path.stem]))


@pytest.fixture
def begun(plan, capsys):
    """Works through the plan: the numbers of the lines that were begun."""

    def run():
        assert main(["batch", str(plan)]) == 0
        lines = capsys.readouterr().out.splitlines()
        return [int(text.split("/")[0].split()[-1]) for text in lines if text.startswith("[")]

    return run


def test_it_stops_in_time_and_goes_on(plan, tmp_path, monkeypatch, capsys):
    clock = iter([0, 1, 101])
    monkeypatch.setattr(batch.time, "monotonic", lambda: next(clock))
    with pytest.raises(SystemExit) as stopped:
        main(["batch", str(plan), "--seconds", "100"])
    assert stopped.value.code == MORE_TO_DO
    assert "lines left: 1; run it again" in capsys.readouterr().out
    assert (tmp_path / "one").exists()
    assert not (tmp_path / "two").exists()
    monkeypatch.undo()
    before = (tmp_path / "one").stat().st_mtime_ns
    assert main(["batch", str(plan)]) == 0
    assert (tmp_path / "two").exists()
    assert (tmp_path / "one").stat().st_mtime_ns == before


def test_what_was_done_is_passed_over(begun, rows):
    assert begun() == [1, 2]
    assert begun() == []
    # The time of writing says nothing.
    os.utime(rows[0])
    assert begun() == []


def test_another_line_with_the_same_output_is_run(begun, plan, rows, tmp_path):
    begun()
    first, text = (tmp_path / "one").read_text(), plan.read_text()
    plan.write_text(text.replace(f"--rows {rows[0]}", f"--rows {rows[2]}"))
    assert begun() == [1]
    assert (tmp_path / "one").read_text() != first
    # The first line was run, too, but what lies there is not its output any more.
    plan.write_text(text)
    assert begun() == [1]
    assert (tmp_path / "one").read_text() == first
    assert begun() == []


def test_a_changed_input_is_read_again(begun, rows):
    begun()
    rows[0].write_text(rows[2].read_text())
    assert begun() == [1]
    assert begun() == []


def test_outputs_that_it_did_not_leave_so_are_made_anew(begun, tmp_path):
    begun()
    whole = (tmp_path / "one").read_bytes()
    (tmp_path / "one").write_bytes(b"of something else")
    assert begun() == [1]
    assert (tmp_path / "one").read_bytes() == whole
    (tmp_path / "one").unlink()
    assert begun() == [1]
    # Outputs without a journal may be made from anything.
    (tmp_path / "plan.txt.done").unlink()
    assert begun() == [1, 2]


def test_a_journal_that_was_cut_off_repeats_that_line_alone(begun, tmp_path):
    begun()
    journal = tmp_path / "plan.txt.done"
    first, second = journal.read_text().split("\n")[1:]
    journal.write_text(f"\n{first}\n{second[:30]}")
    assert begun() == [2]
    assert begun() == []


def test_a_plan_of_other_settings_is_refused(plan, tmp_path, capsys):
    config = tmp_path / "scale.yaml"
    config.write_text(MICRO.read_text())
    plan.write_text(f"{header(config)}\n{plan.read_text()}")
    # A comment changes nothing.
    config.write_text(f"# A comment.\n{MICRO.read_text()}")
    assert main(["batch", str(plan)]) == 0
    config.write_text(MICRO.read_text().replace("samples: 24", "samples: 32"))
    assert main(["batch", str(plan)]) == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert error.startswith(f"error: {plan}: made from other settings than {config} has now; ")
    config.unlink()
    assert main(["batch", str(plan)]) == 2
    assert f"error: {config}: cannot be read: No such file" in capsys.readouterr().err
    assert f"`python -m bench plan --config {config} --out {plan}`" in error


def test_bad_plans(plan, tmp_path, capsys):
    assert main(["batch", str(tmp_path / "absent.txt")]) == 2
    assert "absent.txt: cannot be read" in capsys.readouterr().err
    features = f"features --split '{MICRO}' referense --extractor a --out b --device cpu\n"
    plan.write_text(features)
    assert main(["batch", str(plan)]) == 2
    assert "did you mean 'reference'" in capsys.readouterr().err
