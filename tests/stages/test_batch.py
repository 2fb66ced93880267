"""The work of a plan: in time, again, and with mistakes."""

from __future__ import annotations

import pytest

from bench.__main__ import main
from bench.commands.batch import MORE_TO_DO
from bench.stages import batch
from tests.workflow.conftest import MICRO


@pytest.fixture
def plan(tmp_path, extractor):
    real = f"features --split '{MICRO}' reference --limit 8"
    split = f"{real} --extractor '{extractor}' --device cpu"
    path = tmp_path / "plan.txt"
    path.write_text("".join(f"{split} --out '{tmp_path / name}'\n" for name in ("one", "two")))
    return path


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


def test_bad_plans(plan, tmp_path, capsys):
    assert main(["batch", str(tmp_path / "absent.txt")]) == 2
    assert "absent.txt: cannot be read" in capsys.readouterr().err
    plan.write_text(plan.read_text().replace("reference", "referense"))
    assert main(["batch", str(plan)]) == 2
    assert "did you mean 'reference'" in capsys.readouterr().err
