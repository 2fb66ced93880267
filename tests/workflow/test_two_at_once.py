"""Two Snakemakes on one folder."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import pytest
import yaml

from tests.workflow.conftest import MICRO, ROOT, snakemake

FOLDER = "results/micro/checkpoints/routed"
LAST = f"{FOLDER}/step-00000300.safetensors"


@pytest.fixture
def config(tmp_path):
    """A training that lasts some seconds."""
    settings = yaml.safe_load(MICRO.read_text())
    settings["runs"]["routed"]["training"] |= {"steps": 300, "checkpoint_every": 50}
    path = tmp_path / "config.yaml"
    path.write_text(yaml.safe_dump(settings))
    return path


def test_the_second_is_turned_away_and_the_first_ends_as_alone(config, tmp_path):
    shared, alone = tmp_path / "shared", tmp_path / "alone"
    shared.mkdir()
    command = [sys.executable, "-m", "snakemake", "--snakefile", ROOT / "Snakefile"]
    command += ["--directory", shared, "--configfile", config, "--cores", "1", "--", LAST]
    first = subprocess.Popen(
        list(map(str, command)),
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        while not (shared / FOLDER / "unfinished" / "state.safetensors").exists():
            assert first.poll() is None
            time.sleep(0.05)
        # It would end before the second one has started.
        os.killpg(first.pid, signal.SIGSTOP)
        code, output = snakemake(shared, config, "--", LAST)
        os.killpg(first.pid, signal.SIGCONT)
        assert code == 1
        assert "Directory cannot be locked" in output
        assert first.wait() == 0
    finally:
        if first.poll() is None:
            os.killpg(first.pid, signal.SIGKILL)
    assert snakemake(alone, config, "--", LAST)[0] == 0
    assert (shared / LAST).read_bytes() == (alone / LAST).read_bytes()
