"""The verb `geneval` with Mask2Former and CLIP, on random weights."""

from __future__ import annotations

import json

import pandas as pd
import pytest

pytest.importorskip("open_clip")

from bench.__main__ import main
from bench.data.geneval import CLASSES, COLORS
from bench.evaluation import mask2former
from bench.evaluation.mask2former_official import from_official
from tests.evaluation.detectors import official, tiny_config, write_tiny_clip
from tests.evaluation.geneval_folders import write_image, write_prompts


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """The fixture's square image, of which a class, a colour and a pair are asked for."""
    weights, results = official()
    from_official(weights, tiny_config()).save_pretrained(tmp_path / "detector")
    write_tiny_clip(tmp_path, monkeypatch)
    image, _, labels, _, _ = results["square"]
    # Random weights are not sure of anything.
    monkeypatch.setattr(mask2former, "THRESHOLD", 0.1)
    best = CLASSES[labels[0]]
    absent = next(name for name in CLASSES if CLASSES.index(name) not in labels)
    prompts = [
        ("single_object", [{"class": best, "count": 1}]),
        *[("colors", [{"class": best, "count": 1, "color": color}]) for color in COLORS],
        ("two_object", [{"class": best, "count": 1}, {"class": absent, "count": 1}]),
        ("counting", [{"class": best, "count": 1}]),
    ]
    lines = [
        {"tag": tag, "include": include, "prompt": f"prompt {number}"}
        for number, (tag, include) in enumerate(prompts)
    ]
    write_prompts(tmp_path / "prompts.jsonl", lines)
    for number, line in enumerate(lines):
        write_image(tmp_path / "images" / f"{number:05d}" / "samples" / "0000.png", image)
        (tmp_path / "images" / f"{number:05d}" / "metadata.jsonl").write_text(json.dumps(line))
    return tmp_path


def geneval(folder, *more):
    arguments = ["--images", folder / "images", "--prompts", folder / "prompts.jsonl"]
    arguments += ["--images-per-prompt", 1, "--detector", folder / "detector"]
    arguments += ["--out", folder / "scores.csv", "--device", "cpu", *more]
    return main(["geneval", *map(str, arguments)])


def test_scores(folder):
    assert geneval(folder, "--clip", folder / "clip.bin") == 0
    (row,) = pd.read_csv(folder / "scores.csv").to_dict("records")
    assert row["detector"].startswith("mask2former, unofficial detector ")
    assert " + ViT-L-14-quickgelu " in row["detector"]
    assert (row["threshold"], row["threshold_counting"]) == (0.1, 0.9)
    # It has one of the ten colours.
    assert row["single_object"] == 1
    assert row["colors"] == pytest.approx(0.1)
    assert row["two_object"] == row["counting"] == 0
    assert pd.isna(row["overall"])
    judged = pd.read_json(folder / "scores.images.jsonl", orient="records", lines=True)
    details = json.loads(judged["details"][0])
    assert all(0.1 < box[4] <= 1 for boxes in details.values() for box in boxes)
    reasons = judged["reason"][1:11]
    assert reasons.str.fullmatch(r"expected \w+ .+>=1, found 0 \w+; and 1 \w+").sum() == 9


def test_mask2former_needs_a_clip(folder, capsys):
    assert geneval(folder) == 2
    assert "error: --clip: missing; name the weights" in capsys.readouterr().err
