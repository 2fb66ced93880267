"""Jobs of Slurm from the images to a table, with a training on two nodes."""

from __future__ import annotations

import shutil
import subprocess
import sys

import pandas as pd
import pytest
import yaml
from safetensors.torch import load_file

from tests.cluster.conftest import MICRO, ROOT
from tests.workflow.conftest import snakemake as on_this_machine

TABLE = "results/cluster/tables/table2.csv"
WEIGHTS = "step-00000020.safetensors"


@pytest.fixture(scope="module")
def finished(snakemake, tmp_path_factory):
    """The folder of a run of micro.yaml. Figures are left out: they are no jobs of Slurm."""
    folder = tmp_path_factory.mktemp("finished")
    assert snakemake(folder, MICRO, "--", TABLE).wait() == 0, (folder / "output").read_text()
    return folder


@pytest.fixture(scope="module")
def submitted(slurm, finished):
    """Slurm's view of the jobs: what each asked for, by its comment."""
    fields = {
        "%k": "comment",
        "%F": "array",
        "%l": "limit",
        "%D": "nodes",
        "%b": "gpus",
        "%T": "state",
    }
    listing = slurm.ask(
        "squeue", "--states", "all", "--array", "--noheader", "--format", "|".join(fields)
    )
    rows = [line.split("|") for line in listing.splitlines()]
    return pd.DataFrame(rows, columns=list(fields.values())).set_index("comment")


def test_both_methods_are_measured_beside_real_images(finished):
    assert len(pd.read_csv(finished / TABLE)) > 1
    rows = pd.read_csv(finished / "results" / "cluster" / "metrics.csv")
    assert set(rows["method"]) == {"train", "unguided", "cfg"}
    assert rows["fid"].notna().all()


def test_every_job_ends_well_in_its_first_try(submitted):
    assert set(submitted["state"]) == {"COMPLETED"}
    assert len(submitted) == 14
    assert sum(submitted.index.str.startswith("rule_search")) == 1


def test_two_nodes_give_the_bytes_of_one_machine(finished, tmp_path):
    """Four processes each."""
    config = tmp_path / "config.yaml"
    settings = yaml.safe_load(MICRO.read_text())
    config.write_text(yaml.safe_dump(settings))
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node=4"]
    command += ["-m", "--", "bench", "train", "--config", config, "--run", "routed"]
    subprocess.run([*command, "--out", tmp_path / "one"], check=True, cwd=ROOT)
    found = finished / "results" / "cluster" / "checkpoints" / "routed" / WEIGHTS
    assert found.read_bytes() == (tmp_path / "one" / WEIGHTS).read_bytes()


def test_the_table_is_that_of_a_laptop(finished, tmp_path):
    """From the same weights: samples, features and rows anew, without Slurm."""
    alone = tmp_path / "alone"
    shutil.copytree(finished, alone)
    made = alone / "results" / "cluster"
    for name in ("samples", "features", "rows", "tables", "tuning"):
        shutil.rmtree(made / name)
    code, output = on_this_machine(alone, MICRO, "--", TABLE)
    assert code == 0, output
    shards = sorted(path.relative_to(made) for path in (made / "samples").rglob("*.safetensors"))
    assert len(shards) == 4
    for shard in shards:
        found, expected = (
            load_file(folder / "results" / "cluster" / shard) for folder in (alone, finished)
        )
        assert found["images"].equal(expected["images"])
    assert (alone / TABLE).read_bytes() == (finished / TABLE).read_bytes()


def test_a_training_has_its_nodes_gpus_and_minutes(submitted):
    training = submitted.loc["rule_train_routed"]
    assert (training["nodes"], training["gpus"]) == ("2", "gres:gpu:2")
    # A quarter of an hour to start, and the estimate's least.
    assert training["limit"] == "16:00"


def test_samples_are_arrays(submitted):
    """Of unguided samples, and of CFG's, which wait for the search."""
    samples = submitted[submitted.index.str.startswith("rule_sample")]
    assert len(samples) == 4
    assert set(samples["array"].value_counts()) == {2}
