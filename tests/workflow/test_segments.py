"""On a cluster a training is a job for each kept step."""

from __future__ import annotations

import re

import pytest

from tests.workflow.cluster import write_cluster
from tests.workflow.conftest import MICRO, snakemake
from tests.workflow.test_dag import jobs_by_rule

RESULTS = "results/imagenet256-standin"


@pytest.fixture
def planned(tmp_path):
    """What a dry run says it would do to make some files."""
    config = write_cluster(tmp_path / "cluster.yaml")

    def plan(*targets):
        code, output = snakemake(tmp_path, config, "--dry-run", "--printshellcmds", "--", *targets)
        assert code == 0, output
        return output

    return plan


def trainings(output):
    return {name for name in jobs_by_rule(output) if name.startswith("train_")}


def test_a_search_on_a_snapshot_waits_for_the_training_up_to_it_alone(planned):
    early = planned(f"{RESULTS}/tuning/routed@4/cfg.json")
    assert trainings(early) == {"train_routed_2", "train_routed_4"}
    last = planned(f"{RESULTS}/tuning/routed/cfg.json")
    assert trainings(last) == {"train_routed_2", "train_routed_4", "train_routed_8"}


def test_each_goes_on_where_the_one_before_ended(planned):
    output = planned(f"{RESULTS}/checkpoints/routed/log.csv")
    assert re.findall(r"bench train .* --until (\d+) --out (\S+)", output) == [
        (step, f"{RESULTS}/checkpoints/routed") for step in ("2", "4", "8")
    ]
    last = next(block for block in output.split("\n\n") if "rule train_routed_8:" in block)
    told = dict(re.findall(r"^    (\w+): (.+)$", last, re.M))
    folder = f"{RESULTS}/checkpoints/routed"
    earlier = {f"{folder}/step-{step:08d}.safetensors" for step in (2, 4)}
    assert earlier <= set(told["input"].split(", "))
    assert told["output"] == f"{folder}/step-00000008.safetensors, {folder}/log.csv"


def test_a_lost_snapshot_is_put_back(tmp_path):
    """Whatever runs again does no step."""
    config = tmp_path / "config.yaml"
    config.write_text(MICRO.read_text() + "hardware: {}\n")
    targets = [f"results/micro/checkpoints/routed/step-{step:08d}.safetensors" for step in (10, 20)]
    logs = [tmp_path / "logs" / "micro" / "train" / f"routed-{step}.log" for step in (10, 20)]

    def make():
        code, output = snakemake(tmp_path, config, "--", *targets)
        assert code == 0, output
        return [(tmp_path / target).read_bytes() for target in targets]

    before = make()
    assert [log.read_text().split(",")[0] for log in logs] == [
        "routed: step 10/10",
        "routed: step 20/20",
    ]
    (tmp_path / targets[0]).unlink()
    assert make() == before
    assert [log.read_text() for log in logs] == ["", ""]
