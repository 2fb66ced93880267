"""One run of the whole DAG with tiny models, for the tests of this folder."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MICRO = Path(__file__).parent / "micro.yaml"


def snakemake(folder, config, *arguments):
    """Runs the repository's Snakefile in another folder: exit code, and what it printed."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "snakemake", "--snakefile", ROOT / "Snakefile"]
    command += ["--directory", folder, "--configfile", config, "--cores", "2", *arguments]
    result = subprocess.run(
        list(map(str, command)),
        capture_output=True,
        text=True,
        env=environment,
        check=False,
    )
    return result.returncode, result.stdout + result.stderr


@pytest.fixture(scope="session")
def micro(tmp_path_factory):
    """The folder in which the scale of micro.yaml was run."""
    folder = tmp_path_factory.mktemp("micro")
    code, output = snakemake(folder, MICRO)
    assert code == 0, output
    return folder
