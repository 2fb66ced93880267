"""Snakemake on a Slurm of this machine, as README's "On Slurm" runs it."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cluster.slurm import install, running

ROOT = Path(__file__).parents[2]
MICRO = Path(__file__).parent / "micro.yaml"
WITHOUT_ACCOUNTING = "# slurm-status-command: squeue"


@pytest.fixture(scope="session")
def slurm(tmp_path_factory):
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        pytest.skip("a Slurm is installed and started by root, with apt")
    # Polite requests to stop end it as Ctrl-C does, and what was started with it.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    install()
    with running(tmp_path_factory.mktemp("slurm")) as started:
        yield started


@pytest.fixture(scope="session")
def profile(tmp_path_factory):
    """The shipped profile, edited as it says for a cluster without accounting."""
    text = (ROOT / "workflow" / "profiles" / "slurm" / "config.yaml").read_text()
    assert text.count(WITHOUT_ACCOUNTING) == 1
    folder = tmp_path_factory.mktemp("profile")
    edited = text.replace(WITHOUT_ACCOUNTING, WITHOUT_ACCOUNTING.removeprefix("# "))
    (folder / "config.yaml").write_text(edited)
    return folder


@pytest.fixture(scope="session")
def snakemake(slurm, profile):
    """Starts Snakemake in a folder; what it prints goes to the folder's file `output`."""
    options = ["--snakefile", ROOT / "Snakefile", "--workflow-profile", profile]
    # It waits for 40 seconds otherwise.
    options += ["--slurm-init-seconds-before-status-checks", "1"]
    environment = {**slurm.environment, "PYTHONPATH": str(ROOT)}

    def start(folder, config, *arguments):
        command = [sys.executable, "-m", "snakemake", *options, "--directory", folder]
        command += ["--configfile", config, *arguments]
        with (folder / "output").open("a") as output:
            return subprocess.Popen(
                list(map(str, command)), env=environment, stdout=output, stderr=output
            )

    return start
