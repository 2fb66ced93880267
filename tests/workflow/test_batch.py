"""A scale without Snakemake: its plan, and the batch that works through it."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.workflow.conftest import MICRO, ROOT


@pytest.fixture(scope="module")
def checkout(tmp_path_factory):
    """A checkout."""
    folder = tmp_path_factory.mktemp("checkout")
    for name in ("workflow", "envs"):
        shutil.copytree(ROOT / name, folder / name)
    for name in ("Makefile", "Snakefile"):
        shutil.copy(ROOT / name, folder)
    (folder / "bench").symlink_to(ROOT / "bench")
    shutil.copy(MICRO, folder / "workflow" / "config")
    return folder


def make_gpu(checkout):
    command = ["make", "gpu", "SCALE=micro", f"GPU_PYTHON={sys.executable}"]
    command += [f"BIN={Path(sys.executable).parent}"]
    result = subprocess.run(command, cwd=checkout, capture_output=True, text=True, check=False)
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
