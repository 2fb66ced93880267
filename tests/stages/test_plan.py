"""The plan of a scale: verbs that `batch` can read, each after those that it depends on."""

from __future__ import annotations

import shlex
import shutil
from pathlib import Path

import pytest

from bench.__main__ import VERBS, main, parse
from bench.config.load import config_hash, load
from tests.workflow.cluster import write_cluster
from tests.workflow.conftest import MICRO

# Options that name files which earlier verbs write.
INPUTS = ("checkpoint", "weak_checkpoint", "initial", "extractor", "reference")
INPUTS += ("samples", "unguided", "checkpoints", "weak_checkpoints")


@pytest.fixture(scope="module")
def plan(tmp_path_factory):
    """The options of each verb that the plan of micro.yaml lists."""
    folder = tmp_path_factory.mktemp("plan")
    shutil.copy(MICRO, folder / "micro.yaml")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        assert main(["plan", "--config", "micro.yaml", "--out", "plan.txt"]) == 0
    header, *lines = (folder / "plan.txt").read_text().splitlines()
    assert header == f"# {config_hash(MICRO)} is the hash of micro.yaml"
    return [parse(shlex.split(line))[1] for line in lines]


def test_every_job_is_a_verb(plan):
    scale = load(MICRO)
    verbs = [options.verb for options in plan]
    assert verbs.count("train") == len(scale.trainings)
    assert verbs.count("measure") == len(scale.cells)
    assert verbs.count("search") == len(scale.tuned_cells)
    assert verbs.count("distance") == len(scale.distance_cells) == 2
    assert set(verbs) == {
        *("extractor", "train", "search", "features", "measure", "distance", "capacity-gap"),
    }


def test_on_a_cluster_segments_come_in_their_order(tmp_path, monkeypatch, capsys):
    config = write_cluster(tmp_path / "cluster.yaml")
    monkeypatch.chdir(tmp_path)
    assert main(["plan", "--config", str(config)]) == 0
    _, *lines = capsys.readouterr().out.splitlines()
    trainings = [
        options
        for options in (parse(shlex.split(line))[1] for line in lines)
        if options.verb == "train"
    ]
    assert len(trainings) == len(load(config).segments) == 6
    assert [options.until for options in trainings if options.run == "routed"] == [2, 4, 8]


def test_each_comes_after_those_it_depends_on(plan):
    written, folders = set(), set()
    for options in plan:
        found = [getattr(options, name, None) or [] for name in INPUTS]
        named = [
            path for paths in found for path in (paths if isinstance(paths, list) else [paths])
        ]
        if options.verb == "measure" and not options.guidance.startswith("{"):
            named.append(Path(options.guidance))
        for path in filter(None, named):
            assert path in written or path.parent in folders, path
        outputs = options.out if isinstance(options.out, list) else [options.out]
        outputs += [options.chosen] if options.verb == "search" else []
        if options.verb == "measure":
            samples = options.results.joinpath("samples", *options.cell[1:])
            folders |= {samples / f"seed-{seed}" for seed in (1, 2)}
        (folders if options.verb == "train" else written).update(outputs)


def test_it_names_the_configuration_that_was_given(plan):
    named = {options.config for options in plan if hasattr(options, "config")}
    named |= {Path(options.split[0]) for options in plan if getattr(options, "split", None)}
    assert named == {Path("micro.yaml")}


def test_it_is_printed(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["plan", "--config", str(MICRO)]) == 0
    printed = capsys.readouterr()
    header, *lines = printed.out.splitlines()
    assert header.endswith(f"is the hash of {MICRO}")
    assert {line.split()[0] for line in lines} <= set(VERBS)
    assert printed.err == ""


def test_bad_input_is_one_line(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text(MICRO.read_text().replace("sampling:", "samplin:"))
    assert main(["plan", "--config", str(wrong), "--out", "plan.txt"]) == 2
    error = capsys.readouterr().err
    assert "did you mean 'sampling'" in error
    assert error.count("\n") == 1
    assert not (tmp_path / "plan.txt").exists()
