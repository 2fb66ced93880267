"""Rows of cells that GenEval judges, and HPSv3 where the scale has it."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest
import torch
import yaml

from bench.__main__ import main
from bench.evaluation.geneval_scores import COLUMNS
from bench.files.tensors import write_tensors
from bench.stages import evaluate_prompts
from tests.evaluation.geneval_folders import write_image, write_prompts

PAPER = Path(__file__).parents[2] / "workflow" / "config" / "t2i512.yaml"
PROMPT = {"tag": "colors", "include": [{"class": "dog", "count": 1}], "prompt": "a dog"}
SEEDS = (1, 2)


@pytest.fixture
def evaluate(tmp_path, monkeypatch):
    """The exit code of a cell's two blocks under a detector that finds half of all; given what the
    configuration has under hpsv3, and the files of HPSv3's rows."""
    of_geneval = {key: 0.5 for name in COLUMNS for key in (name, f"{name}_se")}
    judged = {**of_geneval, "detector": "half of all"}
    stream = torch.Generator().manual_seed(0)
    monkeypatch.setattr(evaluate_prompts, "evaluate_images", lambda *_: judged)
    settings = json.loads(json.dumps(yaml.safe_load(PAPER.read_text())))
    prompts = write_prompts(tmp_path / "prompts.jsonl", [PROMPT])
    settings["geneval"] = {"prompts": str(prompts)}
    settings["measurement"] = {"samples": 4, "seeds": list(SEEDS), "shard_size": 4}
    of_blocks = {"samples": [], "images": [], "judged": []}
    for seed in SEEDS:
        path = tmp_path / f"samples-{seed}"
        images = torch.randint(256, (4, 3, 8, 8), generator=stream).to(torch.uint8)
        tensors = {"images": images, "prompts": torch.zeros(4, dtype=torch.int64)}
        write_tensors(path, tensors, {"kind": "samples", "indices": [0, 4], "seed": seed})
        of_blocks["samples"].append(path)
        of_blocks["images"].append(tmp_path / f"images-{seed}")
        write_image(of_blocks["images"][-1] / "00000" / "samples" / "0000.png", images[0])
        of_blocks["judged"].append(tmp_path / f"judged-{seed}.csv")

    def run(hpsv3, scores, **others):
        settings["hpsv3"] = hpsv3
        config = tmp_path / "config.yaml"
        config.write_text(yaml.safe_dump(settings))
        words = ["evaluate-prompts", "--cell", config, "routed", "cfg"]
        words += ["--detector", "detector", "--clip", "clip", "--out", tmp_path / "rows.csv"]
        files = of_blocks | others | ({"hpsv3": scores} if scores else {})
        for option, paths in files.items():
            words += [f"--{option}", *paths]
        return main([str(word) for word in words])

    return run


@pytest.fixture
def scores(tmp_path):
    """HPSv3's rows of both blocks."""
    paths = [tmp_path / f"hpsv3-{seed}.csv" for seed in SEEDS]
    for seed, path in zip(SEEDS, paths):
        row = {"overall": 9.0 + seed, "overall_se": 0.1 * seed, "overall_by_prompt": 3.0}
        pd.DataFrame([{**row, "evaluator": "HPSv3 0123"}]).to_csv(path, index=False)
    return paths


HPSV3 = {"benchmark": "benchmark", "python": "python", "weights": "weights", "prompts": 12}


def test_with_hpsv3_each_block_has_its_preference(evaluate, scores, tmp_path):
    assert evaluate(HPSV3, scores) == 0
    rows = pd.read_csv(tmp_path / "rows.csv")
    assert rows["seed"].tolist() == list(SEEDS)
    assert rows["preference"].tolist() == [10.0, 11.0]
    assert rows["preference_se"].tolist() == [0.1, 0.2]
    assert rows["evaluator"].tolist() == ["HPSv3 0123"] * 2
    assert rows["detector"].tolist() == ["half of all"] * 2
    # Of the prompts that GenEval has.
    assert rows["samples"].tolist() == [4, 4]


def test_without_hpsv3_the_preference_is_empty(evaluate, tmp_path):
    assert evaluate(None, []) == 0
    rows = pd.read_csv(tmp_path / "rows.csv")
    assert rows[["preference", "preference_se", "evaluator"]].isna().all(axis=None)
    assert (rows["geneval"] == 0.5).all()


def test_rows_of_hpsv3_are_those_that_the_scale_asks_for(evaluate, scores, tmp_path, capsys):
    for hpsv3, given, message in (
        (HPSV3, [], "--hpsv3: 0 given, t2i512 needs 2"),
        (HPSV3, scores[:1], "--hpsv3: 1 given, t2i512 needs 2"),
        (None, scores, "--hpsv3: 2 given, t2i512 needs 0"),
    ):
        assert evaluate(hpsv3, given) == 2
        assert message in capsys.readouterr().err
    scores[1].write_text(scores[1].read_text() + "1.0,0.1,3.0,HPSv3\n")
    assert evaluate(HPSV3, scores) == 2
    assert f"{scores[1]}: holds 2 rows, not HPSv3's one of a block" in capsys.readouterr().err
    assert not (tmp_path / "rows.csv").exists()


def test_images_are_those_of_the_samples(evaluate, tmp_path, capsys):
    folders = [tmp_path / f"images-{seed}" for seed in SEEDS]
    assert evaluate(None, [], images=folders[::-1]) == 2
    message = capsys.readouterr().err
    assert f"{folders[1]}: holds other images than {tmp_path / 'samples-1'}" in message
    assert evaluate(None, [], samples=[tmp_path / "samples-1"]) == 2
    assert "--samples: 1 given, t2i512 needs 2" in capsys.readouterr().err
    (folders[0] / "00000" / "samples" / "0000.png").unlink()
    assert evaluate(None, []) == 2
    assert (
        f"{folders[0] / '00000' / 'samples' / '0000.png'}: not an image" in capsys.readouterr().err
    )
    assert not (tmp_path / "rows.csv").exists()
