"""The environment that make keeps in .venv, with programs that only pretend to install."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
# In place of `python3 -m venv FOLDER`: an environment whose pip notes that it was called.
PYTHON = """#!/bin/sh
[ "$1 $2" = "-m venv" ] || exit 1
mkdir -p "$3/bin"
printf '#!/bin/sh\\necho "$@" >> pip.log\\n%s\\n' "$PIP_ENDS" > "$3/bin/pip"
chmod +x "$3/bin/pip"
"""


@pytest.fixture
def checkout(tmp_path):
    """A folder with the Makefile, a lock, and a python3 of its own."""
    shutil.copy(ROOT / "Makefile", tmp_path)
    (tmp_path / "envs").mkdir()
    (tmp_path / "envs" / "core.txt").write_text("torch==1\n")
    (tmp_path / "python3").write_text(PYTHON)
    (tmp_path / "python3").chmod(0o755)
    return tmp_path


def make(checkout, *arguments, pip_ends="exit 0"):
    """Runs `make environment`: the exit code, the lines on standard error, the calls of pip."""
    log = checkout / "pip.log"
    log.unlink(missing_ok=True)
    command = ["make", "environment", "PYTHON=./python3", *arguments]
    environment = {"PATH": "/usr/bin:/bin", "PIP_ENDS": pip_ends}
    result = subprocess.run(
        command, cwd=checkout, env=environment, capture_output=True, text=True, check=False
    )
    calls = log.read_text().splitlines() if log.exists() else []
    return result.returncode, result.stderr.splitlines(), calls


def test_it_is_made_once(checkout):
    code, errors, calls = make(checkout)
    assert (code, errors) == (0, [])
    assert calls == ["install --quiet --require-hashes --requirement envs/core.txt"]
    assert make(checkout) == (0, [], [])


def test_a_new_lock_makes_it_anew(checkout):
    make(checkout)
    (checkout / ".venv" / "bin" / "old").touch()
    (checkout / "envs" / "core.txt").write_text("torch==2\n")
    code, _, calls = make(checkout)
    assert (code, len(calls)) == (0, 1)
    assert not (checkout / ".venv" / "bin" / "old").exists()


def test_a_half_made_one_is_made_anew(checkout):
    assert make(checkout, pip_ends="exit 1")[0] != 0
    code, _, calls = make(checkout)
    assert (code, len(calls)) == (0, 1)


@pytest.mark.parametrize("linked", [True, False])
def test_one_that_make_did_not_make_is_left_alone(checkout, linked):
    folder = checkout / ("shared" if linked else ".venv")
    (folder / "bin").mkdir(parents=True)
    (folder / "bin" / "mine").touch()
    if linked:
        # Made by make elsewhere, from another lock.
        (folder / "installed").write_text("torch==0\n")
        (checkout / ".venv").symlink_to(folder)
    before = sorted(folder.rglob("*"))
    code, errors, calls = make(checkout)
    assert code != 0
    assert calls == []
    assert sorted(folder.rglob("*")) == before
    assert len(errors) == 1
    assert ".venv is a link or was not made by make" in errors[0]
    assert "make environment BIN=.venv/bin" in errors[0]
    # As the line says.
    assert make(checkout, "BIN=.venv/bin") == (0, [], [])


def test_a_dangling_link_is_no_place_to_install(checkout):
    (checkout / ".venv").symlink_to(checkout / "absent")
    code, _, calls = make(checkout)
    assert code != 0
    assert calls == []
    assert not (checkout / "absent").exists()


def test_a_link_to_a_complete_one_is_used(checkout):
    make(checkout)
    (checkout / ".venv").rename(checkout / "shared")
    (checkout / ".venv").symlink_to("shared")
    assert make(checkout) == (0, [], [])


@pytest.mark.parametrize(
    ("profile", "options"),
    [
        ([], "--workflow-profile workflow/profiles/default --cores 3"),
        (["PROFILE=slurm"], "--workflow-profile workflow/profiles/slurm"),
    ],
)
def test_a_profile_of_a_cluster_limits_its_jobs_itself(checkout, profile, options):
    command = ["make", "--dry-run", "reproduce", "SCALE=mine", "CORES=3", "BIN=env", *profile]
    # Without what a make that runs these tests leaves to those that it starts.
    environment = {"PATH": "/usr/bin:/bin"}
    result = subprocess.run(
        command, cwd=checkout, env=environment, capture_output=True, text=True, check=True
    )
    first = result.stdout.splitlines()[0].strip()
    assert first == f"env/snakemake --configfile workflow/config/mine.yaml {options}"


PROGRAM = """#!/bin/sh
echo "$3 $4" >> "$CALLS"
[ "$3" != plan ] || { mkdir -p results/mine; touch results/mine/plan.txt; }
"""


@pytest.fixture
def make_gpu(checkout):
    """Runs `make gpu` with an environment that notes the verbs it is called for."""
    for name in ("env", "gpu"):
        (checkout / name).mkdir()
        (checkout / name / "python").write_text(PROGRAM)
        (checkout / name / "python").chmod(0o755)

    def run(snakemake):
        (checkout / "calls").unlink(missing_ok=True)
        if snakemake:
            (checkout / "env" / "snakemake").touch()
        command = ["make", "gpu", "SCALE=mine", "BIN=env", "GPU_PYTHON=gpu/python"]
        environment = {"PATH": "/usr/bin:/bin", "CALLS": str(checkout / "calls")}
        subprocess.run(command, cwd=checkout, env=environment, capture_output=True, check=True)
        return (checkout / "calls").read_text().splitlines()

    return run


def test_a_plan_is_made_each_time_where_snakemake_is(make_gpu):
    planned = ["plan --config", "batch results/mine/plan.txt"]
    assert make_gpu(snakemake=True) == planned
    assert make_gpu(snakemake=True) == planned


def test_a_plan_that_was_carried_is_used_where_snakemake_is_not(checkout, make_gpu):
    (checkout / "results" / "mine").mkdir(parents=True)
    (checkout / "results" / "mine" / "plan.txt").touch()
    assert make_gpu(snakemake=False) == ["batch results/mine/plan.txt"]


def test_a_plan_is_made_where_there_is_none(make_gpu):
    assert make_gpu(snakemake=False) == ["plan --config", "batch results/mine/plan.txt"]
