"""A training on several nodes, with a pretended srun that starts all of its processes here."""

from __future__ import annotations

import os

import pytest
import yaml

from tests.workflow.conftest import MICRO, snakemake

TARGET = "results/micro/checkpoints/routed/step-00000020.safetensors"
SRUN = """#!/bin/sh
while :; do
  case $1 in
  --nodes=*) nodes=${1#--nodes=} ;;
  --*) ;;
  *) break ;;
  esac
  shift
done
for node in $(seq "$nodes"); do
  "$@" &
  started="$started $!"
done
for process in $started; do
  wait "$process" || exit
done
"""


def trained(folder, **hardware):
    """The bytes of the weights, and what Snakemake prints."""
    folder.mkdir()
    config = folder / "config.yaml"
    settings = {**yaml.safe_load(MICRO.read_text()), "hardware": hardware}
    config.write_text(yaml.safe_dump(settings))
    code, output = snakemake(folder, config, "--printshellcmds", "--", TARGET)
    assert code == 0, output
    return (folder / TARGET).read_bytes(), output


@pytest.fixture
def slurm(tmp_path, monkeypatch):
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "srun").write_text(SRUN)
    (tmp_path / "bin" / "srun").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:{os.environ['PATH']}")
    monkeypatch.setenv("SLURM_JOB_ID", "7")
    monkeypatch.setenv("OMP_NUM_THREADS", "1")


def test_two_nodes_give_the_bytes_of_one_machine(slurm, tmp_path):
    of_two, output = trained(tmp_path / "two", training_gpus=2, training_nodes=2)
    assert "srun --nodes=2 --ntasks-per-node=1" in output
    assert "gres=gpu:1, mpi=srun, tasks=2, tasks_per_gpu=0, nodes=2, " in output
    assert "mem_mb=16000, " in output
    of_one, output = trained(tmp_path / "one", training_gpus=2)
    assert "srun" not in output
    assert of_two == of_one
