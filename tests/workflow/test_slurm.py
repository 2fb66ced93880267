"""What the profile of a cluster asks of Slurm, of which there is only a pretence here."""

from __future__ import annotations

import re

import pytest
import yaml

from tests.workflow.conftest import ROOT, snakemake
from tests.workflow.test_latents import SETTINGS

PAPER = ROOT / "workflow" / "config" / "imagenet256.yaml"
PHOTOGRAPHS = PAPER.with_name("t2i512.yaml")
PROFILES = ROOT / "workflow" / "profiles"
JOB = re.compile(r"^rule (\S+):$(?:\n    .*)*?\n    resources: (.*)$", re.M)
# Notes what sbatch is called with, and refuses it.
SLURM = """#!/bin/sh
case $0 in
*/sbatch) printf '%s\\n' "$*" >> "$CALLS"; exit 1 ;;
*/sacctmgr) echo ACCOUNT ;;
esac
"""


def settings(profile):
    return yaml.safe_load((PROFILES / profile / "config.yaml").read_text())


@pytest.fixture(scope="module")
def jobs(tmp_path_factory):
    """The resources of each rule's jobs in the paper's scale."""
    return planned(tmp_path_factory.mktemp("planned"), PAPER)


def planned(folder, config):
    profile = ["--workflow-profile", PROFILES / "slurm"]
    code, output = snakemake(folder, config, "--dry-run", *profile)
    assert code == 0, output
    found = {}
    for rule, resources in JOB.findall(output):
        found.setdefault(rule, []).append(dict(pair.split("=") for pair in resources.split(", ")))
    return found


@pytest.fixture(scope="module")
def submitted(tmp_path_factory):
    """The calls of sbatch for a training, for eight shards of latents and for published weights,
    and what Snakemake prints."""
    folder = tmp_path_factory.mktemp("submitted")
    for program in ("sbatch", "squeue", "sinfo", "scontrol", "scancel", "sacct", "sacctmgr"):
        path = folder / "bin" / program
        path.parent.mkdir(exist_ok=True)
        path.write_text(SLURM)
        path.chmod(0o755)
    # As README says it is edited.
    text = (PROFILES / "slurm" / "config.yaml").read_text()
    for line in ("slurm_account: ACCOUNT", "slurm_partition: PARTITION"):
        assert text.count(f"# {line}") == 1
        text = text.replace(f"# {line}", line)
    (folder / "profile").mkdir()
    (folder / "profile" / "config.yaml").write_text(text)
    inputs = ["imagenet256-latents/train/manifest.json", "imagenet256-latents/reference.csv"]
    inputs += ["config.json", "diffusion_pytorch_model.safetensors"]
    inputs[2:] = [f"zoo/sd-vae-ft-ema/{name}" for name in inputs[2:]]
    for name in inputs:
        path = folder / "data" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    targets = ["results/imagenet256/checkpoints/routed/step-02000000.safetensors"]
    targets += ["data/imagenet256-latents/reference/manifest.json"]
    targets += ["results/imagenet256/checkpoints/sit/step-07000000.safetensors"]
    options = ["--retries", "0", "--slurm-init-seconds-before-status-checks", "1"]
    options += ["--workflow-profile", folder / "profile", "--", *targets]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", f"{folder / 'bin'}:/usr/bin:/bin")
        patch.setenv("CALLS", str(folder / "calls"))
        patch.setenv("HF_HUB_OFFLINE", "1")
        code, output = snakemake(folder, PAPER, *options)
    assert code != 0
    assert (folder / "calls").exists(), output
    return (folder / "calls").read_text().splitlines(), output


def test_a_training_is_on_one_node_with_cpus_for_its_workers(submitted):
    (call,) = (call for call in submitted[0] if "rule_train_routed_50000" in call)
    options = call.split(" --wrap")[0]
    assert "--job-name bench_" in options
    assert "-A ACCOUNT -p PARTITION" in re.sub(" +", " ", options)
    # 50,000 of the 2,000,000 steps of 24.6 hours, half as much again, and a quarter of an hour to
    # start; 8 data workers and the process itself, for each GPU.
    assert "-t 71 --mem 128000 --nodes=1 --requeue --cpus-per-gpu=9" in options
    assert "--gpus=8" in options


def test_latents_are_an_array(submitted):
    (call,) = (call for call in submitted[0] if "rule_encode" in call)
    assert "--array=1-8" in call
    assert "-t 18 --mem 32" in call
    assert "--gpus=1" in call


def test_downloads_run_where_snakemake_does(submitted):
    """The nodes may have no network."""
    calls, output = submitted
    assert "localrule download_SiT_XL_2:" in output
    assert len(calls) == 2


def test_jobs_of_an_array_ask_for_the_same(jobs):
    """The plugin takes the resources of the first one for all, and fails at 100 of them."""
    profile = settings("slurm")
    # Two of them are rules of text-to-image scales.
    arrays = ["encode", "encode_text_shard", "sample", "sample_hpsv3"]
    assert profile["slurm-array-jobs"].split(",") == arrays
    assert profile["slurm-array-limit"] == 50
    for rule in ("encode", "sample"):
        assert len(jobs[rule]) > 50
        assert all(resources == jobs[rule][0] for resources in jobs[rule])


def test_captions_are_an_array_too(tmp_path):
    """62,500 at a thousand a second and half as much again, and a quarter of an hour to start."""
    found = planned(tmp_path, PHOTOGRAPHS)
    shards = found["encode_text_shard"]
    assert len(shards) == 65
    assert all(resources == shards[0] for resources in shards)
    assert shards[0]["gpu"] == "1"
    assert int(shards[0]["runtime"]) == 15 + 2
    assert int(found["encode_text"][0]["runtime"]) == 15 + 1


def test_every_job_asks_for_memory_and_time(jobs):
    for found in jobs.values():
        assert all(int(job["runtime"]) > 0 and int(job["mem_mb"]) > 0 for job in found)
    assert {job["nodes"] for rule in jobs if rule.startswith("train_") for job in jobs[rule]} == {
        "1"
    }
    sampling, searching = (int(jobs[rule][0]["runtime"]) for rule in ("sample", "search"))
    assert sampling < 60 < searching


def test_sampling_jobs_are_worth_their_start(jobs):
    assert sum(map(len, jobs.values())) < 1000


def test_a_cluster_has_what_the_default_profile_has():
    """It takes its place."""
    assert settings("default").items() <= settings("slurm").items()


def test_the_log_of_every_failed_try_is_shown(tmp_path):
    """The next try removes it: here each ends with the same error, for no images are there."""
    config = tmp_path / "config.yaml"
    config.write_text(yaml.safe_dump(SETTINGS))
    profile = ["--workflow-profile", PROFILES / "default"]
    code, output = snakemake(
        tmp_path, config, "--retries", "1", *profile, "--", "latents/train.csv"
    )
    assert code != 0
    assert output.count("error: imagenet/train: no such folder") == 2
