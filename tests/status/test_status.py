"""What of a scale is done, running, failed and left, by files that the tests lay out."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from bench.__main__ import main
from bench.training.distributed import ALONE
from bench.training.lock import HOLDER, held
from tests.status.layout import (
    HOUR,
    LOGS,
    RESULTS,
    ROUTED,
    counts,
    finish,
    job,
    log_csv,
    stage,
    write,
)
from tests.workflow.conftest import MICRO


def test_nothing_is_there(status):
    answer = status()
    assert counts(answer, "train") == (0, 0, 0, 8)
    assert counts(answer, "measure") == (0, 0, 0, 8)
    assert answer["jobs"] == []
    assert answer["hours_used"] == 0
    assert stage(answer, "train")["hours_left"] is None
    assert not answer["hours_left_is_complete"]


@pytest.mark.parametrize(
    ("log", "age", "state", "why"),
    [
        ("", 5, "running", "wrote 5 s ago"),
        ("10 of 24 images, 0.2 a second\n", 60, "running", "wrote 1 min ago: 10 of 24 images"),
        ("error: x.safetensors: no such file\n", 5, "failed", "error: x.safetensors: no such file"),
        ("Traceback (most recent call last):\n  x\nMemoryError\n", 5, "failed", "MemoryError"),
        ("torch.cuda.OutOfMemoryError: full\n", 5, "failed", "torch.cuda.OutOfMemoryError: full"),
        ("10 of 24 images\n", 2 * HOUR, "failed", "no output, and its log is silent for 2 h: 10"),
    ],
)
def test_a_job_without_its_output_is_judged_by_its_log(status, log, age, state, why):
    write(LOGS / "measure" / "routed" / "cfg.log", log, age)
    answer = status()
    found = job(answer, "measure/routed/cfg")
    assert found["state"] == state
    assert found["why"].startswith(why)
    assert stage(answer, "measure")[state] == 1
    assert stage(answer, "measure")["left"] == 7


def test_a_job_with_its_output_is_done_whatever_its_log(status):
    write(LOGS / "extractor.log", "error: earlier\n")
    write(RESULTS / "extractor.safetensors")
    answer = status()
    assert stage(answer, "prepare")["done"] == 1
    assert answer["jobs"] == []


def test_some_files_of_a_cell(status):
    write(LOGS / "measure" / "routed" / "cfg.log")
    write(RESULTS / "samples" / "routed" / "cfg" / "seed-1" / "0-16.safetensors")
    assert job(status(), "measure/routed/cfg")["why"].startswith("1 of 9 files; wrote ")


def test_a_search_tells_its_candidates(status):
    """A kill cut the third row short."""
    journal = RESULTS / "tuning" / "routed" / ".cfg.csv.journal"
    row = json.dumps({"fid": 1.0, "wall_seconds": 8.0})
    write(journal, f'{{"of": 1}}\n{row}\n{row}\n{{"fid": 1.', age=HOUR)
    answer = status()
    found = job(answer, "search/routed/cfg")
    assert found["state"] == "left"
    assert found["why"] == "2 of 4 candidates; last wrote 1 h ago"
    search = stage(answer, "search")
    assert search["hours_used"] == pytest.approx(16 / HOUR)
    # 2 candidates of 16 samples.
    assert search["images_per_second"] == pytest.approx(2)
    write(journal, journal.read_text())
    assert job(status(), "search/routed/cfg")["state"] == "running"


def test_a_finished_search_without_a_record_has_the_time_of_its_rows(status):
    for kind in ("csv", "json"):
        write(RESULTS / "tuning" / "routed" / f"cfg.{kind}", "fid,wall_seconds\n1,30\n2,42\n")
    assert stage(status(), "search")["hours_used"] == pytest.approx(72 / HOUR)
    write(RESULTS / "benchmarks" / "search" / "routed" / "cfg.tsv", "s\th:m:s\n100\t0:01:40\n")
    assert stage(status(), "search")["hours_used"] == pytest.approx(100 / HOUR)


def test_gpu_hours(status, cluster):
    results = Path("results/imagenet256-standin")
    before = status(cluster)
    assert before["hours_of"] == "GPU"
    assert before["hours_left_is_complete"]
    assert "rates of `hardware`" in stage(before, "sample")["hours_left_from"]
    for step in (2, 4, 8):
        write(results / "checkpoints" / "routed" / f"step-{step:08d}.safetensors")
    write(results / "checkpoints" / "routed" / "log.csv", log_csv((8, 4.0)))
    block = Path("routed") / "unguided" / "seed-1"
    write(results / "samples" / block / "0-8.safetensors")
    write(results / "benchmarks" / "sample" / block.parent / "seed-1-0-8.tsv", "s\n16\n")
    write(results / "benchmarks" / "evaluate" / "real.tsv", "s\n7200\n")
    write(results / "rows" / "real.csv")
    after = status(cluster)
    # Two GPUs of a training; 8 steps of 16 images at 4 a second.
    assert stage(after, "train")["hours_used"] == pytest.approx(2 * 32 / HOUR)
    sample = stage(after, "sample")
    assert sample["hours_used"] == pytest.approx(16 / HOUR)
    assert sample["images_per_second"] == pytest.approx(0.5)
    assert sample["hours_left_from"] == "the time of what is done"
    # Each of the 17 cells that are left takes 16 seconds or, under guidance, more.
    assert 17 * 16 < sample["hours_left"] * HOUR < 17 * 3 * 16
    # What takes no GPU costs no GPU hours.
    assert stage(after, "rows")["hours_used"] == 0


def test_damaged_files_tell_nothing(status):
    paths = [
        ROUTED / "unfinished" / "log.csv",
        RESULTS / "checkpoints" / "masked" / "log.csv",
        RESULTS / "tuning" / "routed" / ".cfg.csv.journal",
        RESULTS / "tuning" / "masked" / "sparse_guidance.csv",
        RESULTS / "tuning" / "masked" / "sparse_guidance.json",
        RESULTS / "benchmarks" / "search" / "masked" / "sparse_guidance.tsv",
        RESULTS / "benchmarks" / "train" / "masked.tsv",
        LOGS / "measure" / "routed" / "cfg.log",
        ROUTED / HOLDER,
    ]
    for contents in (
        b"",
        b"\0",
        b"\xff\xfe",
        b"s\tx\nNA\t",
        b"step,images_per_second\n5",
        b"{\n[\n",
    ):
        for path in paths:
            write(path)
            path.write_bytes(contents)
        answer = status()
        assert answer["hours_used"] == 0
        assert counts(answer, "search") == (1, 1, 0, 5)


def test_it_writes_nothing(status, tmp_path):
    finish("routed")
    write(LOGS / "extractor.log")
    with held(RESULTS / "checkpoints" / "masked", ALONE):
        before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")}
        status()
        assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")} == before


def test_for_a_person(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    finish("routed")
    write(LOGS / "extractor.log", "error: no\n")
    write(LOGS / "search" / "routed" / "cfg.log")
    assert main(["status", str(MICRO)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == f"micro, by {MICRO}"
    assert " ".join(lines[1].split()) == "stage done running failed left images/s CPU h to go"
    training = next(line for line in lines if line.startswith("train")).split()
    assert training[:6] == ["train", "1", "0", "0", "7", "32"]
    assert lines[-4:-3] == ["running:"]
    assert lines[-3].startswith("  search/routed/cfg: wrote ")
    assert lines[-2:] == ["failed:", "  extractor: error: no"]


def test_a_report_of_models_that_are_not_there_is_an_earlier_runs(status, capsys):
    finish("routed")
    assert not status()["holds_older_files"]
    write(RESULTS / "summary.rst")
    assert status()["holds_older_files"]
    main(["status", str(MICRO)])
    assert "Files of an earlier run are here" in capsys.readouterr().out
    for run in ("routed", "finetuned", "finetuned@10", "masked"):
        for replicate in ("", "replicate-2/"):
            steps = (5,) if run.startswith("finetuned") else (10, 20)
            finish(f"{replicate}{run}", steps=steps)
    assert not status()["holds_older_files"]


def test_a_name_is_the_configuration_that_its_jobs_read(status):
    settings = yaml.safe_load(MICRO.read_text())
    settings["measurement"]["seeds"] = [1]
    write(RESULTS / "config.yaml", yaml.safe_dump(settings))
    answer = status("micro")
    assert answer["config"] == "results/micro/config.yaml"
    assert counts(answer, "train") == (0, 0, 0, 4)
    assert status("digits")["config"].endswith("workflow/config/digits.yaml")


@pytest.mark.parametrize(
    ("scale", "message"),
    [
        ("digit", "no scale 'digit', did you mean 'digits'?"),
        ("methods", "no scale 'methods'"),
        ("", "no scale ''"),
        ("absent.yaml", "absent.yaml: cannot be read"),
        ("wrong.yaml", "did you mean 'sampling'"),
    ],
)
def test_bad_input_is_one_line(tmp_path, monkeypatch, capsys, scale, message):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "wrong.yaml").write_text(MICRO.read_text().replace("sampling:", "samplin:"))
    assert main(["status", scale]) == 2
    printed = capsys.readouterr()
    assert message in printed.err
    assert printed.err.count("\n") == 1
    assert printed.out == ""


def test_torch_is_not_needed(tmp_path):
    program = f"import sys; from bench.__main__ import main; main(['status', {str(MICRO)!r}])"
    program += "; sys.exit('torch' in sys.modules)"
    result = subprocess.run(
        [sys.executable, "-c", program],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(MICRO.parents[2])},
        capture_output=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr
