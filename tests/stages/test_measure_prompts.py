"""A scale with prompts, from captions to scored cells, verb by verb on tiny models."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pandas as pd
import pytest
import torch
import yaml

from bench.__main__ import main
from bench.config.load import load
from bench.config.training import snapshot_name
from bench.data.geneval import TASKS
from bench.data.prompted import block_prompts, captioned_held_out, captions
from bench.data.text_states import write_text_states
from bench.evaluation.judging import judge_images
from bench.evaluation.shapes_detector import ShapesDetector
from bench.evaluation.shapes_preference import (
    KIND,
    PreferenceNetwork,
    ShapesPreference,
    vocabulary,
)
from bench.files.tensors import read_tensors, write_tensors
from bench.results import Results

MICRO = Path(__file__).parents[1] / "workflow" / "shapes-micro.yaml"
SPEC = json.dumps({"method": "autoguidance", "omega": 1.5})


class HashEncoder:
    """States that a caption alone decides, in the place of a text encoder's."""

    width, length, identity = 384, 16, "hash"

    def encode(self, prompts):
        seeds = [int(hashlib.sha256(text.encode()).hexdigest()[:8], 16) for text in prompts]
        states = [
            torch.randn(self.length, self.width, generator=torch.Generator().manual_seed(seed))
            for seed in seeds
        ]
        words = torch.tensor([[len(text.split()) + 1] for text in prompts])
        mask = torch.arange(self.length) < words
        return torch.stack(states).bfloat16() * mask[..., None], mask


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Text states of every part, a preference network of random weights, and trained models."""
    folder = tmp_path_factory.mktemp("shapes")
    scale = load(MICRO)
    for part in ("train", "tuning", "test"):
        path = folder / f"{part}.safetensors"
        write_text_states(path, captions(scale, part), HashEncoder())
    torch.manual_seed(0)
    description = {"vocabulary": list(vocabulary()), "kind": KIND}
    write_tensors(folder / "preference.safetensors", PreferenceNetwork().state_dict(), description)
    for replicate in ("1", "2"):
        command = ["train", "--config", str(MICRO), "--run", "routed", "--replicate", replicate]
        command += ["--text-states", str(folder / "train.safetensors"), "--device", "cpu"]
        assert main([*command, "--out", str(folder / f"routed-{replicate}")]) == 0
    return folder


def test_captions_of_training_and_blocks():
    scale = load(MICRO)
    trained = captions(scale, "train")
    assert len(trained) == len(set(trained)) <= 64
    # A block has a prompt for each sample; tuning and test share none.
    tuning, test = (block_prompts(scale, part) for part in ("tuning", "test"))
    assert (len(tuning), len(test)) == (12, 24)
    assert captions(scale, "test") == [one["prompt"] for one in test]
    assert not {one["prompt"] for one in tuning} & {one["prompt"] for one in test}
    assert not set(trained) & {one["prompt"] for one in (*tuning, *test)}


def test_held_out_images_fulfil_their_prompts(folder):
    scale = load(MICRO)
    x, given = captioned_held_out(scale, 7, folder / "tuning.safetensors")
    assert x.shape == (7, 3, 48, 48)
    assert given.rows.tolist() == list(range(7))
    images = ((x + 1) * 127.5).round().to(torch.uint8)
    assert judge_images(ShapesDetector(), images, block_prompts(scale, "tuning")[:7])[
        "correct"
    ].all()


def measure(folder, out, checkpoints, weak, states="test", method="autoguidance", spec=SPEC):
    command = ["measure-prompts", "--cell", str(MICRO), "routed", method, "--guidance", spec]
    command += ["--checkpoints", *map(str, checkpoints)]
    command += ["--weak-checkpoints", *map(str, weak)] if weak else []
    command += ["--text-states", str(folder / f"{states}.safetensors"), "--device", "cpu"]
    command += ["--preference", str(folder / "preference.safetensors")]
    return main([*command, "--results", str(out / "results"), "--out", str(out / "rows.csv")])


def test_rows_of_a_cell(folder, tmp_path):
    last, first = (
        [folder / f"routed-{replicate}" / snapshot_name(step) for replicate in (1, 2)]
        for step in (4, 2)
    )
    assert measure(folder, tmp_path, last, first) == 0
    rows = pd.read_csv(tmp_path / "rows.csv")
    assert rows["seed"].tolist() == [1, 2]
    assert rows["training_seed"].tolist() == [0, 1]
    assert rows["checkpoint_sha256"].nunique() == rows["weak_checkpoint_sha256"].nunique() == 2
    assert (rows["samples"] == 24).all()
    prompts = block_prompts(load(MICRO), "test")
    preference = ShapesPreference(folder / "preference.safetensors", "cpu")
    results = Results(tmp_path / "results")
    for (_, row), seed in zip(rows.iterrows(), (1, 2)):
        shards = [
            read_tensors(results.shard("routed", "autoguidance", seed, *ends), "samples")[0]
            for ends in ((0, 16), (16, 24))
        ]
        assert torch.cat([one["prompts"] for one in shards]).tolist() == list(range(24))
        images = torch.cat([one["images"] for one in shards])
        scores = preference.score(images, [one["prompt"] for one in prompts])
        assert row["preference"] == pytest.approx(scores.double().mean().item(), abs=1e-6)
        assert row["preference_se"] > 0
        judged = judge_images(ShapesDetector(), images, prompts)
        assert row["geneval"] == judged.groupby("tag")["correct"].mean().mean()
        assert row["geneval_images"] == judged["correct"].mean()


def test_bounds(folder, tmp_path):
    out = tmp_path / "bounds.csv"
    command = ["prompt-bounds", "--config", str(MICRO), "--out", str(out)]
    assert main([*command, "--preference", str(folder / "preference.safetensors")]) == 0
    rows = pd.read_csv(out).set_index("method")
    assert (rows.loc["renders", [f"geneval_{task}" for task in TASKS]] == 1).all()
    assert 0 <= rows.loc["shuffled", "geneval"] < 0.5
    assert (rows["run"] == "real").all()


@pytest.mark.parametrize("name", ["t2i512", "prx512"])
def test_scales_without_renders(folder, tmp_path, name, capsys):
    config = f"workflow/config/{name}.yaml"
    scored = ["--preference", str(folder / "preference.safetensors")]
    scored += ["--out", str(tmp_path / "rows.csv"), "--device", "cpu"]
    (run, method), *_ = load(Path(config)).cells
    inputs = ["--guidance", SPEC, "--checkpoints", "none", "--text-states", "none"]
    cell = ["measure-prompts", "--cell", config, run, method, *inputs, "--results", str(tmp_path)]
    for command in (["prompt-bounds", "--config", config], cell):
        assert main([*command, *scored]) == 2
        assert f"error: {name}: has no renders; only prompts of " in capsys.readouterr().err


def test_the_search_takes_the_most_preferred(folder, tmp_path):
    out, chosen = tmp_path / "search.csv", tmp_path / "chosen.json"
    assert main([*search(folder, "tuning"), "--chosen", str(chosen), "--out", str(out)]) == 0
    rows = pd.read_csv(out)
    assert len(rows) == 2
    assert rows["preference"].nunique() == 2
    assert json.loads(chosen.read_text()) == json.loads(
        rows.loc[rows["preference"].idxmax(), "guidance"]
    )


def search(folder, states):
    checkpoint = folder / "routed-1" / snapshot_name(4)
    command = ["search", "--config", str(MICRO), "--method", "cfg", "--device", "cpu"]
    command += ["--checkpoint", str(checkpoint)]
    command += ["--preference", str(folder / "preference.safetensors")]
    return [*command, "--prompts", str(folder / f"{states}.safetensors")]


def test_losses_by_caption_and_sparsity(folder, tmp_path):
    out = tmp_path / "gap.csv"
    checkpoint = folder / "routed-1" / snapshot_name(4)
    command = ["capacity-gap", "--config", str(MICRO), "--checkpoints", str(checkpoint)]
    command += ["--text-states", str(folder / "tuning.safetensors")]
    assert main([*command, "--out", str(out)]) == 0
    rows = pd.read_csv(out, keep_default_na=False)
    assert set(rows["condition"]) == {"given", "null"}
    assert rows["gamma"].nunique() == 5


def test_captions_of_another_encoder_are_refused(folder, tmp_path, capsys):
    """Its states are as many and as wide, and mean something else."""
    scale, other = load(MICRO), HashEncoder()
    other.identity = "another"
    for part in ("train", "tuning"):
        write_text_states(tmp_path / f"{part}.safetensors", captions(scale, part), other)
    checkpoint = str(folder / "routed-1" / snapshot_name(4))
    out = tmp_path / "gap.csv"
    command = ["capacity-gap", "--config", str(MICRO), "--checkpoints", checkpoint]
    command += ["--text-states", str(tmp_path / "tuning.safetensors"), "--out", str(out)]
    assert main(command) == 2
    assert "the text encoder is not the one that" in capsys.readouterr().err
    assert not out.exists()
    settings = yaml.safe_load(MICRO.read_text())
    settings["runs"]["finetuned"] = {**settings["runs"]["routed"], "initial": "routed"}
    config = tmp_path / "finetuned.yaml"
    config.write_text(yaml.safe_dump(settings))
    command = ["train", "--config", str(config), "--run", "finetuned", "--initial", checkpoint]
    command += ["--text-states", str(tmp_path / "train.safetensors"), "--device", "cpu"]
    assert main([*command, "--out", str(tmp_path / "finetuned")]) == 2
    assert "the text encoder is not the one that" in capsys.readouterr().err


def test_bad_input_is_one_line(folder, tmp_path, capsys):
    last = [folder / "routed-1" / snapshot_name(4)]
    assert measure(folder, tmp_path, last, last, states="tuning") == 2
    assert "of other prompts than shapes-micro's test" in capsys.readouterr().err
    assert not (tmp_path / "rows.csv").exists()
    train = ["train", "--config", str(MICRO), "--run", "routed", "--out", str(tmp_path / "new")]
    assert main(train) == 2
    assert "--text-states: shapes-micro has captions: give their states" in capsys.readouterr().err
    without = folder / "tuning.safetensors"
    assert main([*train, "--text-states", str(without)]) == 2
    assert "lacks the caption 'a photo of" in capsys.readouterr().err
    ends = ["--chosen", str(tmp_path / "c"), "--out", str(tmp_path / "o")]
    assert main([*search(folder, "tuning"), "--extractor", "some", *ends]) == 2
    assert "--extractor: given; samples of prompts need --prompts and" in capsys.readouterr().err
    digits = Path("workflow/config/digits.yaml")
    command = ["train", "--config", str(digits), "--run", "routed", "--out", str(tmp_path / "new")]
    assert main([*command, "--text-states", str(without)]) == 2
    assert "--text-states: digits has classes: leave it out" in capsys.readouterr().err
    command = ["encode-text", "--split", str(digits), "train", "--out", str(tmp_path / "t")]
    assert main(command) == 2
    assert f"--split: the images of {digits} have no captions" in capsys.readouterr().err
    command = ["encode-text", "--split", str(MICRO), "trian", "--out", str(tmp_path / "t")]
    assert main(command) == 2
    assert "--split: unknown part 'trian', did you mean 'train'?" in capsys.readouterr().err
