"""The rules of the paper's scale, from JPEGs and published weights to tables and figures.

What only a cluster has stands in small: 220 generated images, a tiny SiT and a tiny autoencoder
with random weights, and the evaluation networks in their real sizes, random, too.
"""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pandas as pd
import pytest

from bench.__main__ import main
from bench.config.load import load
from bench.data.latent_shards import read_manifest
from bench.files.tensors import read_description
from bench.models.checkpoints import KIND
from bench.report.figures import figures
from bench.results import Results
from tests.workflow.conftest import ROOT, snakemake
from tests.workflow.standin import write_standin

STANDIN = Path(__file__).parent / "imagenet256-standin.yaml"
PAPER = ROOT / "workflow" / "config" / "imagenet256.yaml"


@pytest.fixture(scope="module")
def standin(tmp_path_factory, inception_weights, alexnet_weights):
    """Where the scale was run."""
    folder = tmp_path_factory.mktemp("standin")
    write_standin(folder, inception_weights, alexnet_weights)
    code, output = snakemake(folder, STANDIN)
    assert code == 0, output
    return folder


def test_it_ends_in_tables_and_figures(standin):
    results = standin / "results" / "imagenet256-standin"
    for number in (1, 2, 3):
        assert len(pd.read_csv(results / "tables" / f"table{number}.csv")) > 3
    drawn = {path.stem for path in (standin / "figures" / "imagenet256-standin").iterdir()}
    scale, layout = load(PAPER), Results(results)
    assert drawn == {name for name, figure in figures().items() if figure.files(scale, layout)}


def test_rows_record_the_protocol(standin):
    results = standin / "results" / "imagenet256-standin"
    rows = pd.read_csv(results / "metrics.csv")
    mine = rows[rows["run"] != "real"]
    assert mine[["fid", "sfid", "is", "clean_fid", "preview_fid"]].notna().all(axis=None)
    assert mine["evaluator"].str.startswith("inception ").all()
    assert set(mine["label_mode"]) == {"balanced"}
    assert set(mine["guided_channels"]) == {3}
    assert set(mine["uint8_rule"]) == {"truncate(127.5 x + 128)"}
    assert set(mine["preview_samples"]) == {5}
    checkpoint = results / "checkpoints" / "routed" / "step-00000008.safetensors"
    encoded_by = read_description(checkpoint, KIND)["autoencoder_sha256"]
    assert set(mine["autoencoder_sha256"]) == {encoded_by}
    published = mine[mine["run"] == "sit"]
    assert set(published["checkpoint_iterations"]) == {100}


def test_the_latents_are_whole(standin):
    assert read_manifest(standin / "latents" / "train")["samples"] == 200
    assert read_manifest(standin / "latents" / "reference")["samples"] == 20


def test_a_second_run_does_nothing(standin):
    code, output = snakemake(standin, STANDIN, "--dry-run")
    assert code == 0
    assert "Nothing to be done" in output


def test_a_lost_shard_is_encoded_anew(standin):
    shutil.rmtree(standin / "latents" / "reference")
    code, output = snakemake(standin, STANDIN, "--dry-run", "latents/reference/manifest.json")
    assert code == 0, output
    assert "encode" in output
    assert "rule list_images" not in output


def test_the_papers_scale_is_planned(tmp_path):
    code, output = snakemake(tmp_path, PAPER, "--dry-run", "--quiet", "rules")
    assert code == 0, output
    assert "imagenet256, as `hardware` in its configuration estimates:" in output
    jobs = {name: int(count) for name, count in re.findall(r"^(\S+) +(\d+)$", output, re.M)}
    jobs["train"] = sum(count for name, count in jobs.items() if name.startswith("train_"))
    rows = re.findall(r"^(\w+) +([\d,]+) +([\d,]+) +([\d,]+)$", output, re.M)
    found = {stage: [int(n.replace(",", "")) for n in numbers] for stage, *numbers in rows}
    assert list(found) == ["encode", "train", "search", "grid", "sample", "features"]
    # The estimate counts the jobs that Snakemake plans.
    assert {stage: numbers[0] for stage, numbers in found.items()} == {
        stage: jobs[stage] for stage in found
    }
    # 1,331,167 images of 4 x 32 x 32, each mirrored, mean and variance in fp32.
    assert found["encode"][2] == 87
    # Steps of 256 images, times 10^9 MACs with attention: of the dense model (and 4 finetunings of
    # 100,000 steps), of the routed and the masked one at half of the tokens. The backward pass
    # costs two forward ones.
    giga_macs = 256 * (2_400_000 * 118.62 + 2_000_000 * 69.13 + 800_000 * 65.45)
    assert found["train"][1] == pytest.approx(3 * giga_macs / 150_000 / 3600, rel=0.01)


def test_a_further_network_measures_samples_and_reference(tmp_path):
    """Where DINOv2 is configured, each set of features is of both networks, a search's of one."""
    config = tmp_path / "imagenet256.yaml"
    assert "inception: {}" in PAPER.read_text()
    text = PAPER.read_text().replace("inception: {}", "inception: {dinov2: dinov2-vitl14}")
    config.write_text(text)
    row = "results/imagenet256/rows/routed/cfg.csv"
    code, output = snakemake(tmp_path, config, "--dry-run", "--printshellcmds", row)
    assert code == 0, output
    networks = "--extractor data/zoo/inception-2015/[^ ]+.pth data/zoo/dinov2-vitl14/[^ ]+.pth"
    commands = [line for line in output.splitlines() if "-m bench features" in line]
    assert len(commands) == 2
    assert all(re.search(networks, command) for command in commands)
    assert "-m bench download dinov2-vitl14" in output
    searches = [line for line in output.splitlines() if "-m bench search" in line]
    assert searches
    assert not any("dinov2" in command for command in searches)


def test_the_papers_costs(capsys):
    """Each within 0.2 % of the column that Table 2 prints."""
    assert main(["cost", "--config", str(PAPER), "--json"]) == 0
    cells = {cell["cell"]: cell for cell in json.loads(capsys.readouterr().out)}
    printed = pd.read_csv(ROOT / "bench" / "paper" / "table2.csv").set_index("method")
    assert len(printed) == 7
    for method, expected in printed["linear_gmacs"].items():
        assert cells[method]["linear_gmacs"] == pytest.approx(expected, rel=0.002)
        assert cells[method]["gmacs"] > cells[method]["linear_gmacs"]
    assert cells["sparse_guidance_flops"]["shared_prefix_saves_percent"] == pytest.approx(8, abs=1)
