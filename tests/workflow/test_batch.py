"""A scale without Snakemake: its plan, and the batch that works it off."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from bench.__main__ import main
from bench.commands import batch
from tests.workflow.conftest import MICRO, ROOT


@pytest.fixture(scope="module")
def checkout(tmp_path_factory):
    """A checkout whose Python has no torch-fidelity."""
    folder = tmp_path_factory.mktemp("checkout")
    for name in ("workflow", "envs"):
        shutil.copytree(ROOT / name, folder / name)
    for name in ("Makefile", "Snakefile"):
        shutil.copy(ROOT / name, folder)
    (folder / "bench").symlink_to(ROOT / "bench")
    shutil.copy(MICRO, folder / "workflow" / "config")
    (folder / ".venv").mkdir()
    (folder / ".venv" / "installed").touch()
    (folder / "absent").mkdir()
    (folder / "absent" / "torch_fidelity.py").write_text("raise ImportError('not installed')\n")
    return folder


def make_gpu(checkout):
    command = ["make", "gpu", "SCALE=micro", f"GPU_PYTHON={sys.executable}"]
    command += [f"BIN={Path(sys.executable).parent}"]
    environment = {**os.environ, "PYTHONPATH": str(checkout / "absent")}
    result = subprocess.run(
        command, cwd=checkout, env=environment, capture_output=True, text=True, check=False
    )
    return result.returncode, result.stdout + result.stderr


def test_make_gpu(checkout):
    code, output = make_gpu(checkout)
    assert code == 0, output
    results = checkout / "results" / "micro"
    assert (results / "checkpoints" / "finetuned@10" / "step-00000005.safetensors").exists()
    assert (results / "distances" / "routed" / "cfg.csv").exists()
    # 8 cells of 2 blocks of 2 shards.
    for stage in ("samples", "features"):
        assert len(list((results / stage).glob("*/*/seed-*/*.safetensors"))) == 8 * 2 * 2
    # Again: only what knows by itself that there is nothing to do is begun.
    code, output = make_gpu(checkout)
    assert code == 0, output
    begun = [line.split("] ")[1].split()[0] for line in output.splitlines() if line[0] == "["]
    assert set(begun) == {"train"}


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
    assert stopped.value.code == batch.MORE_TO_DO
    assert "1 of 2 lines are left; run it again" in capsys.readouterr().out
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
