"""A cell in one process gives what its verbs give one by one."""

from __future__ import annotations

import json

import pandas as pd
import pytest
import torch
import yaml

from bench.__main__ import main
from bench.files.tensors import read_tensors
from bench.results import Results
from tests.workflow.conftest import MICRO

SPEC = json.dumps({"method": "autoguidance", "omega": 1.5})
# Two blocks of two shards.
SEEDS, SHARDS = (1, 2), ((0, 16), (16, 24))


@pytest.fixture
def config(tmp_path):
    settings = yaml.safe_load(MICRO.read_text())
    settings["methods"]["autoguidance"] = {"search": {"omega": [1.5]}}
    settings["runs"]["routed"]["methods"].append("autoguidance")
    path = tmp_path / "micro.yaml"
    path.write_text(yaml.safe_dump(settings))
    return path


@pytest.fixture
def reference(config, extractor, tmp_path):
    path = tmp_path / "reference.safetensors"
    options = ["--extractor", str(extractor), "--out", str(path)]
    assert main(["features", "--split", str(config), "reference", *options]) == 0
    return path


@pytest.fixture
def measure(config, reference, extractor, tmp_path):
    """Measures a cell with the given checkpoints: the exit code."""

    def run(main_paths, weak_paths, run="routed"):
        options = ["--checkpoints", *map(str, main_paths)]
        options += ["--weak-checkpoints", *map(str, weak_paths)]
        options += ["--extractor", str(extractor), "--reference", str(reference)]
        options += ["--results", str(tmp_path / "results"), "--out", str(tmp_path / "rows.csv")]
        cell = ["--cell", str(config), run, "autoguidance", "--guidance", SPEC]
        return main(["measure", *cell, *options])

    return run


def test_as_one_by_one(measure, config, reference, checkpoints, extractor, tmp_path):
    # Each block has its own checkpoints.
    main_paths = [checkpoints["main"], checkpoints["weak"]]
    weak_paths = main_paths[::-1]
    assert measure(main_paths, weak_paths) == 0
    rows, results = pd.read_csv(tmp_path / "rows.csv"), Results(tmp_path / "results")
    features = []
    for seed, path, weak in zip(SEEDS, main_paths, weak_paths):
        for first, end in SHARDS:
            alone = tmp_path / f"{seed}-{first}.safetensors"
            command = ["sample", "--checkpoint", str(path), "--weak-checkpoint", str(weak)]
            command += ["--guidance", SPEC, "--seed", str(seed), "--indices", f"{first}:{end}"]
            assert main([*command, "--steps", "2", "--out", str(alone)]) == 0
            expected, _ = read_tensors(alone, "samples")
            shard = results.shard("routed", "autoguidance", seed, first, end)
            found, description = read_tensors(shard, "samples")
            assert torch.equal(found["images"], expected["images"])
            assert description["seed"] == seed
            features.append(str(results.features("routed", "autoguidance", seed, first, end)))
    again = tmp_path / "again.csv"
    cell = ["--cell", str(config), "routed", "autoguidance", "--out", str(again)]
    assert main(["evaluate", "--features", *features, "--reference", str(reference), *cell]) == 0
    pd.testing.assert_frame_equal(rows, pd.read_csv(again))
    assert rows["seed"].tolist() == list(SEEDS)
    assert rows["checkpoint_sha256"].nunique() == 2


def test_one_checkpoint_for_all_blocks(measure, checkpoints, tmp_path):
    assert measure([checkpoints["main"]], [checkpoints["weak"]]) == 0
    assert pd.read_csv(tmp_path / "rows.csv")["checkpoint_sha256"].nunique() == 1


def test_bad_input_is_one_line(measure, checkpoints, tmp_path, capsys):
    assert measure([checkpoints["main"]] * 3, [checkpoints["weak"]]) == 2
    assert "--checkpoints: 3 files for 2 seed blocks" in capsys.readouterr().err
    assert measure([checkpoints["main"]], [checkpoints["weak"]], run="masked") == 2
    assert "measures no 'autoguidance' on 'masked'" in capsys.readouterr().err
    assert not (tmp_path / "rows.csv").exists()
