"""The verb `hpsv3`, with an inferencer of known scores in another process."""

from __future__ import annotations

import json
import os
import sys
from itertools import chain

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from bench.__main__ import main
from bench.data.hpdv3 import CATEGORIES
from bench.evaluation.hpsv3 import category_means
from bench.files.hashes import sha256_of
from tests.data.hpdv3 import write_benchmark
from tests.evaluation.inferencers import score, write_package


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Two images of characters, three of arts, one of each other category."""
    random, counts = np.random.default_rng(0), {"characters": 2, "arts": 3}
    captions = {
        category: [f"{category} {'x' * number}" for number in range(counts.get(category, 1))]
        for category in CATEGORIES
    }
    write_benchmark(tmp_path / "benchmark", captions)
    for category in CATEGORIES:
        (tmp_path / "images" / category).mkdir(parents=True)
        for number in range(len(captions[category])):
            grey = random.integers(0, 256, 1).repeat(3).astype(np.uint8)
            image = Image.fromarray(np.tile(grey, (4, 4, 1)))
            image.save(tmp_path / "images" / category / f"{number:05d}.png")
    write_package(tmp_path / "site", "cpu")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "site"))
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    return tmp_path


def hpsv3(folder, *more, python=sys.executable):
    arguments = ["--images", folder / "images", "--benchmark", folder / "benchmark"]
    arguments += ["--python", python, "--device", "cpu", "--out", folder / "scores.csv", *more]
    return main(["hpsv3", *map(str, arguments)])


def expected(folder, category, number):
    image = folder / "images" / category / f"{number:05d}.png"
    return score(image, f"{category} {'x' * number}", folder / "weights")


def test_means(folder, capsys):
    weights = folder / "weights"
    weights.write_text("12345")
    assert hpsv3(folder, "--weights", weights) == 0
    (row,) = pd.read_csv(folder / "scores.csv").to_dict("records")
    of = {
        category: [expected(folder, category, n) for n in range({0: 2, 1: 3}.get(index, 1))]
        for index, category in enumerate(CATEGORIES)
    }
    means = {category: np.mean(scores) for category, scores in of.items()}
    for category in CATEGORIES:
        assert row[category] == pytest.approx(means[category])
    assert row["overall"] == pytest.approx(np.mean(list(means.values())))
    assert row["overall_by_prompt"] == pytest.approx(np.mean([*chain(*of.values())]))
    assert row["overall"] != pytest.approx(row["overall_by_prompt"], abs=1)
    assert row["number_of_prompts"] == 15
    printed = capsys.readouterr().out
    assert f"overall by prompt: {row['overall_by_prompt']:.3f}" in printed
    scored = pd.read_json(folder / "scores.images.jsonl", orient="records", lines=True)
    assert list(scored) == ["category", "image", "prompt", "score"]
    assert scored["score"][4] == expected(folder, "arts", 2)
    assert row["weights"] == str(weights)
    assert row["evaluator"] == f"HPSv3 {sha256_of(weights)[:12]}"
    assert scored["image"][4] == str(folder / "images" / "arts" / "00002.png")


def test_standard_errors():
    """Of independent prompts; the fixed number of prompts of a category is not drawn."""
    rows = [(category, float(2 * n)) for category in CATEGORIES for n in range(2)]
    rows += [("food", 1.0)] * 2
    found = category_means(pd.DataFrame(rows, columns=["category", "score"]))
    # Of 0 and 2: a variance of 2 over 2 prompts; of food, with 1 and 1 as well, 2 / 3 over 4.
    assert found["arts_se"] == pytest.approx(1)
    assert found["food_se"] == pytest.approx(np.sqrt(2 / 3 / 4))
    assert found["overall_se"] == pytest.approx(np.sqrt(11 + 1 / 6) / 12)
    by_prompt = 11 * (2 / 26) ** 2 + 1 / 6 * (4 / 26) ** 2
    assert found["overall_by_prompt_se"] == pytest.approx(np.sqrt(by_prompt))


def refused(folder, capsys, *parts, **options):
    assert hpsv3(folder, **options) == 2
    message = capsys.readouterr().err.strip()
    assert message.startswith("error: ")
    assert "\n" not in message
    for part in parts:
        assert part in message
    assert not (folder / "scores.csv").exists()


def test_benchmarks_of_another_layout(folder, capsys):
    path = folder / "benchmark" / "benchmark_Food.json"
    whole = path.read_text()
    for text in ("{", '["a meal"]', '[{"prompt": "a meal"}]', "3"):
        path.write_text(text)
        refused(folder, capsys, f"{path}: not a list of objects with a caption")
    for text in ("[]", '[{"caption": " "}]', '[{"caption": 3}]'):
        path.write_text(text)
        refused(folder, capsys, f"{path}: holds no captions")
    path.unlink()
    refused(folder, capsys, "lacks benchmark_*.json of food;")
    (folder / "benchmark" / "benchmark_Meals.json").write_text(whole)
    refused(folder, capsys, "unknown category 'Meals'")
    (folder / "benchmark" / "benchmark_Meals.json").rename(path)
    (folder / "benchmark" / "benchmark_food.json").write_text(whole)
    refused(folder, capsys, "a second file of food")


def test_images_that_are_missing_or_too_many(folder, capsys):
    path = folder / "images" / "arts" / "00001.png"
    path.rename(folder / "images" / "arts" / "00003.png")
    refused(folder, capsys, f"{path}: no such file (1 of 3 images of arts are missing)")
    (folder / "images" / "arts" / "00003.png").rename(path)
    (folder / "images" / "food" / "00001.png").write_bytes(path.read_bytes())
    refused(folder, capsys, "food/00001.png: there are 1 prompts")


def test_outputs_that_cannot_be_written(folder, capsys):
    (folder / "scores.images.jsonl").mkdir()
    refused(folder, capsys, f"--out: {folder / 'scores.images.jsonl'} is a folder; name a file")
    weights = folder / "weights.csv"
    weights.write_text("12345")
    assert hpsv3(folder, "--weights", weights, "--out", weights) == 2
    assert f"--out: {weights} is read, too; name another file" in capsys.readouterr().err
    assert weights.read_text() == "12345"


def test_names_and_prompts_that_are_not_utf8(folder, tmp_path):
    images = (folder / "images").rename(folder / os.fsdecode(b"caf\xe9"))
    captions = {"characters": ["a \ud83d", "b"], "arts": ["a", "b", "c"]}
    write_benchmark(folder / "benchmark", captions)
    assert hpsv3(folder, "--images", images) == 0
    text = (folder / "scores.images.jsonl").read_text(encoding="utf-8")
    scored = [json.loads(line) for line in text.splitlines()]
    assert scored[0]["image"] == str(images / "characters" / "00000.png")
    assert scored[0]["prompt"] == "a \ud83d"
    assert os.fsencode(images) in (folder / "scores.csv").read_bytes()


def test_environments_that_fail(folder, capsys):
    refused(folder, capsys, "no interpreter; install envs/hpsv3.txt", python=folder / "python")
    (folder / "site" / "hpsv3" / "__init__.py").write_text("import no_such_package")
    refused(folder, capsys, "No module named 'no_such_package'; install envs/hpsv3.txt")
    write_package(folder / "site", "cpu", bonus="1 / 0")
    refused(folder, capsys, f"{sys.executable}: HPSv3 failed: ZeroDivisionError")
    write_package(folder / "site", "cpu", bonus="float('nan')")
    refused(folder, capsys, "characters/00000.png: its score is nan")
    package = folder / "site" / "hpsv3" / "__init__.py"
    package.write_text("import os\nos.write(2, b'caf\\xe9')\nos._exit(1)")
    refused(folder, capsys, f"{sys.executable}: HPSv3 failed: caf")
    package.write_text("import os\nos._exit(0)")
    refused(folder, capsys, f"{sys.executable}: HPSv3 wrote no scores")
    program = folder / "python"
    program.write_text("no program")
    program.chmod(0o755)
    refused(folder, capsys, f"{program}: cannot be run (Exec format error)", python=program)
