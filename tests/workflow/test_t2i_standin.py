"""The rules of the paper's text-to-image scale, from captioned JPEGs to Tables 4 and 5.

What only a cluster has stands in small: generated images under captions of random words, and tiny
networks with random weights for every network of the real thing.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch

from bench.__main__ import main
from bench.config.load import load
from bench.data.geneval import TASKS
from bench.data.geneval_images import read_prompt_image
from bench.data.hpdv3 import CATEGORIES, list_requests, read_benchmark
from bench.files.hashes import sha256_of
from bench.files.tensors import read_description, read_tensors
from bench.models.checkpoints import KIND
from bench.results import Results
from tests.evaluation.inferencers import score
from tests.workflow.conftest import ROOT, snakemake
from tests.workflow.test_dag import jobs_by_rule

STANDIN = Path(__file__).parent / "t2i512-standin.yaml"
PAPER = ROOT / "workflow" / "config" / "t2i512.yaml"


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    """Where the scale was run."""
    for package in ("transformers", "diffusers", "open_clip"):
        pytest.importorskip(package)
    from tests.workflow.t2i_standin import write_standin

    folder = tmp_path_factory.mktemp("t2i")
    write_standin(folder)
    code, output = snakemake(folder, STANDIN)
    assert code == 0, output
    return folder / "results" / "t2i512-standin"


@pytest.fixture
def scale(results, monkeypatch):
    """The scale, read where its plugin is."""
    monkeypatch.chdir(results.parents[1])
    return load(STANDIN)


def test_every_cell_is_judged_and_tabled(results, scale):
    rows = pd.read_csv(results / "metrics.csv")
    assert list(zip(rows["run"], rows["method"])) == [
        cell for cell in scale.cells for _ in scale.measurement.seeds
    ]
    scores = ["geneval", *(f"geneval_{task}" for task in TASKS)]
    recorded = [*scores, "geneval_images_se", "linear_gmacs", "autoencoder_sha256"]
    assert rows[recorded].notna().all(axis=None)
    assert rows[["preference", "preference_se"]].notna().all(axis=None)
    weights = Path(scale.hpsv3.weights)
    assert set(rows["evaluator"]) == {f"HPSv3 {sha256_of(weights)[:12]}"}
    assert rows["detector"].str.contains("mask2former", case=False).all()
    for number in (4, 5):
        table = pd.read_csv(results / "tables" / f"table{number}.csv")
        assert set(table.loc[table["source"] == "ours", "method"]) == {m for _, m in scale.cells}
        assert len(table[table["source"] == "measured"]) == 3
    fourth = (results / "tables" / "table4.md").read_text()
    assert "the mean of the means of its twelve categories" in fourth
    assert "nan" not in fourth
    table = pd.read_csv(results / "tables" / "table4.csv")
    ours = table[table["source"] == "ours"].set_index("method")
    assert ours["preference"].to_dict() == pytest.approx(
        rows.set_index("method")["preference"].to_dict()
    )
    assert ours["rank"].notna().all()
    assert "Ceiling" not in (results / "tables" / "table5.md").read_text()
    summary = (results / "summary.rst").read_text()
    assert f"HPSv3 {ours['preference'].max():.3f}" in summary


def test_hpsv3_scores_the_image_of_each_prompt(results, scale):
    """A sample's index is the row of its prompt; the score is the mean over categories."""
    layout, benchmark = Results(results), read_benchmark(Path(scale.hpsv3.benchmark))
    rows = pd.read_csv(results / "metrics.csv").set_index(["method", "seed"])["preference"]
    for _, method in scale.cells:
        block = ("routed", method, 1)
        shards = [
            read_tensors(layout.hpsv3_shard(*block, *ends), "samples")[0]
            for ends in scale.hpsv3_shards
        ]
        drawn = torch.cat([shard["images"] for shard in shards])
        assert torch.cat([shard["prompts"] for shard in shards]).tolist() == [*range(24)]
        found = {category: [] for category in CATEGORIES}
        requests = list_requests(layout.hpsv3_images(*block), benchmark)
        for request, pixels in zip(requests, drawn):
            assert torch.equal(read_prompt_image(request.image), pixels)
            given = score(request.image, request.prompt, Path(scale.hpsv3.weights))
            found[request.category].append(given)
        assert rows[method, 1] == pytest.approx(np.mean([*found.values()]))


def test_rows_are_the_mean_of_the_verdicts(results, scale):
    layout = Results(results)
    rows = pd.read_csv(results / "metrics.csv").set_index(["method", "seed"])
    for seed in scale.measurement.seeds:
        judged = layout.geneval("routed", "cfg", seed).with_suffix(".images.jsonl")
        verdicts = pd.read_json(judged, lines=True)
        assert len(verdicts) == scale.measurement.samples
        means = verdicts.groupby("tag")["correct"].mean()
        assert rows.loc[("cfg", seed), "geneval"] == pytest.approx(means.mean())
        # The detector sees a bench alone.
        assert means.to_dict() == {task: float(task == "single_object") for task in TASKS}


def test_the_second_stage_saw_fewer_images(results):
    """Half of the images have a score above 5."""
    pretrained, routed = (
        read_description(results / f"checkpoints/{name}/step-00000002.safetensors", KIND)
        for name in ("pretrained", "routed")
    )
    assert routed["captions_sha256"] != pretrained["captions_sha256"]
    assert routed["training"]["score_above"] == 5
    assert pretrained["training"]["score_above"] is None
    first = results / "checkpoints" / "pretrained" / "step-00000002.safetensors"
    assert routed["initial"] == sha256_of(first)


def test_images_have_geneval_s_layout(results, scale):
    folder = Results(results).geneval_images("routed", "unguided", 1)
    prompts = scale.geneval.prompts_path.read_text().splitlines()
    # Snakemake puts a hidden file into each folder that a rule makes.
    assert len(list(folder.glob("[!.]*"))) == len(prompts)
    for number, line in enumerate(prompts):
        of_prompt = folder / f"{number:05d}"
        assert json.loads((of_prompt / "metadata.jsonl").read_text()) == json.loads(line)
        assert len(list((of_prompt / "samples").glob("*.png"))) == 2


def test_prompts_are_drawn_and_gaps_measured(results):
    drawn = {path.name for path in (results.parents[1] / "figures" / "t2i512-standin").iterdir()}
    assert {"capacity_gap.png", "figure1_left.png", "figureA2.png"} <= drawn
    gap = pd.read_csv(results / "gap" / "pretrained.csv")
    assert gap["loss"].gt(0).all()
    assert (results / "claims.md").exists()


def test_nothing_is_left_to_do(results):
    code, output = snakemake(results.parents[1], STANDIN, "--dry-run")
    assert code == 0, output
    assert jobs_by_rule(output) == {}


def test_the_papers_scale_is_planned(tmp_path):
    code, output = snakemake(tmp_path, PAPER, "--dry-run", "--quiet", "rules")
    assert code == 0, output
    jobs = {name: int(count) for name, count in re.findall(r"^(\S+) +(\d+)$", output, re.M)}
    jobs["train"] = sum(count for name, count in jobs.items() if name.startswith("train_"))
    jobs["sample"] += jobs["sample_hpsv3"]
    rows = re.findall(r"^(\w+) +([\d,]+) +([\d,]+) +([\d,]+)$", output, re.M)
    planned = {stage: int(count.replace(",", "")) for stage, count, *_ in rows}
    # The estimate counts the jobs that Snakemake plans.
    rules = {"text": "encode_text", "judge": "evaluate_prompts"}
    jobs["encode_text"] += jobs["encode_text_shard"]
    assert planned == {stage: jobs[rules.get(stage, stage)] for stage in planned}
    assert list(planned) == ["encode", "text", "train", "sample", "hpsv3", "judge"]


def test_the_papers_settings(capsys):
    """What Tables 4 and 5 are of, and that Sparse Guidance costs less than CFG there."""
    assert main(["cost", "--config", str(PAPER), "--json"]) == 0
    cells = {cell["cell"]: cell for cell in json.loads(capsys.readouterr().out)}
    asked = {name: cells[name]["guidance"] for name in ("sparse_guidance", "cfg_sparse_guidance")}
    fields = ("omega", "gamma_strong", "gamma_weak")
    assert [asked["sparse_guidance"][field] for field in fields] == [1.8, 0.1, 0.8]
    assert [asked["cfg_sparse_guidance"][field] for field in fields] == [2.5, 0.2, 0.7]
    macs = {name: cell["linear_gmacs"] for name, cell in cells.items()}
    assert macs["cfg"] == pytest.approx(2 * macs["unguided"], rel=1e-3)
    assert macs["unguided"] < macs["sparse_guidance"] < 0.65 * macs["cfg"]
