"""The jobs that the status tells of are those of the workflow, file by file."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bench.config.load import load
from bench.results import Results
from bench.stages.estimate import stages
from bench.status.jobs import jobs
from tests.workflow.cluster import write_cluster
from tests.workflow.conftest import MICRO, snakemake

# Jobs that take time, and those between them.
BETWEEN = ("index-latents", "index-text", "convert/", "hpsv3-folder")
IMAGENET, PHOTOGRAPHS, PUBLISHED = (
    MICRO.parents[2] / "workflow" / "config" / f"{name}.yaml"
    for name in ("imagenet256", "t2i512", "prx512")
)
LASTING = ("encode", "text", "train", "search", "grid", "sample", "features", "hpsv3", "judge")


@pytest.fixture(params=["micro", "fetched", "prompts", "photographs", "published", "cluster"])
def config(request, tmp_path):
    path = tmp_path / f"{request.param}.yaml"
    if request.param == "cluster":
        return write_cluster(path)
    if request.param == "photographs":
        # GPUs of several nodes are asked for in another way.
        text = PHOTOGRAPHS.read_text().replace("training_nodes: 8", "training_nodes: 1")
    elif request.param == "published":
        # With what scores its samples further.
        hpsv3 = "hpsv3: {benchmark: a, python: b, weights: c, prompts: 600}"
        text = f"{PUBLISHED.read_text()}\n{hpsv3}\n"
    elif request.param == "prompts":
        text = MICRO.with_name("shapes-micro.yaml").read_text()
    else:
        text = MICRO.read_text()
        if request.param == "fetched":
            text = text.replace("dataset: digits", "dataset: fashion")
    path.write_text(text)
    return path


def listed(config):
    scale = load(config)
    return list(jobs(scale, Results(Path("results") / scale.name), Path("figures") / scale.name))


def test_they_are_those_of_the_workflow(config, tmp_path):
    code, output = snakemake(tmp_path, config, "--dry-run")
    assert code == 0, output
    name = load(config).name
    planned, gpus, read = {}, {}, {}
    for block in re.split(r"\n\n|\n(?=\[)", output):
        told = dict(re.findall(r"^    ([\w]+): (.+)$", block, re.M))
        if "log" not in told or "/download/" in told["log"]:
            continue
        job = told["log"].removeprefix(f"logs/{name}/").removesuffix(".log")
        assert told["benchmark"] == f"results/{name}/benchmarks/{job}.tsv"
        planned[job] = set(told["output"].split(", "))
        read[job] = set(told.get("input", "").split(", "))
        gpus[job] = int(dict(re.findall(r"(\w+)=(\w+)", told["resources"])).get("gpu", 0))
    found = listed(config)
    assert {job.name: set(map(str, job.outputs)) for job in found} == planned
    assert {job.name: job.gpus for job in found} == gpus
    lasting = [job for job in found if job.stage in LASTING or job.name.startswith(BETWEEN)]
    left = {str(path) for job in lasting for path in job.outputs}
    assert {job.name: set(map(str, job.inputs)) for job in lasting} == {
        job.name: read[job.name] & left for job in lasting
    }


@pytest.mark.parametrize("path", [IMAGENET, PHOTOGRAPHS], ids=lambda path: path.stem)
def test_expectations_add_up_to_the_estimate(path):
    expected = {}
    for job in listed(path):
        expected[job.stage] = expected.get(job.stage, 0) + job.expected
    # Grids: here the middle of a method's space stands for all points.
    for stage in stages(load(path)):
        near = 0.2 if stage.name == "grid" else 0.01
        assert expected[stage.name] == pytest.approx(stage.gpu_hours, rel=near)
