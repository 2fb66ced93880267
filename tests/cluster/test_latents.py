"""Images become latents by an array of Slurm's jobs, as they do without Slurm."""

from __future__ import annotations

import subprocess
import sys

import pytest
from safetensors.torch import load_file

from tests.cluster.conftest import ROOT
from tests.data.images import write_image_folder
from tests.models.autoencoders import write_autoencoder
from tests.workflow.standin import CLASSES

STANDIN = ROOT / "tests" / "workflow" / "imagenet256-standin.yaml"
SHARDS = [f"latents/train/shard-{index:05d}.safetensors" for index in range(2)]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The images and the autoencoder of the scale, and no more of it."""
    made = tmp_path_factory.mktemp("latents")
    write_image_folder(made / "imagenet" / "train", 50, classes=CLASSES)
    write_autoencoder(made / "artefacts" / "autoencoder")
    return made


def test_shards_are_one_array_and_as_without_slurm(slurm, snakemake, folder):
    assert snakemake(folder, STANDIN, "--", *SHARDS).wait() == 0, (folder / "output").read_text()
    comments = slurm.ask("squeue", "-a", "-h", "-t", "all", "-r", "-o", "%F|%T|%k").splitlines()
    jobs = [line.split("|") for line in comments if "rule_encode" in line]
    assert len(jobs) == 2
    assert len({array for array, _, _ in jobs}) == 1
    assert {state for _, state, _ in jobs} == {"COMPLETED"}
    for index, shard in enumerate(SHARDS):
        alone = folder / f"alone-{index}.safetensors"
        command = [sys.executable, "-m", "bench", "encode", "--config", STANDIN]
        command += ["--split", "train", "--images", "latents/train.csv", "--shard", index]
        command += ["--autoencoder", "artefacts/autoencoder", "--out", alone, "--device", "cpu"]
        environment = {**slurm.environment, "PYTHONPATH": str(ROOT)}
        subprocess.run(list(map(str, command)), check=True, cwd=folder, env=environment)
        assert_same(load_file(folder / shard), load_file(alone))


def assert_same(found, expected):
    assert found.keys() == expected.keys()
    assert all(found[name].equal(expected[name]) for name in expected)
