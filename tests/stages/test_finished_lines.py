"""What a line of a plan reads, as its journal sees it."""

from __future__ import annotations

import json
import shlex
from pathlib import Path

import pytest
import yaml

from bench.__main__ import parse
from bench.stages.finished_lines import FinishedLines, inputs_of
from tests.full_disk import largest_file
from tests.workflow.conftest import MICRO

SEARCH = (
    "search --config scale.yaml --method cfg@10 --checkpoint main --weak-checkpoint weak "
    "--autoencoder folder --extractor net --reference real --chosen best.json --out found.csv"
)
GAP = "capacity-gap --config scale.yaml --checkpoints main weak --out gap.csv"
FLOOR = "features --split scale.yaml train --extractor net --out floor"
CELL = (
    "measure --cell scale.yaml routed cfg --guidance chosen.json --checkpoints main weak "
    "--extractor net --reference real --results . --out rows.csv"
)
SAMPLE = "sample --checkpoint main --guidance {} --seed 1 --indices 0:4 --plugin mine.py --steps 2"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A working folder with a scale of latents, and everything that the lines above name."""
    monkeypatch.chdir(tmp_path)
    settings = yaml.safe_load(MICRO.read_text())
    settings |= {"plugins": ["mine.py"], "latents": {"folder": "latents"}}
    Path("scale.yaml").write_text(yaml.safe_dump(settings))
    files = ("main", "weak", "net", "real", "chosen.json", "mine.py", "folder/a/b")
    for name in (*files, "latents/train.csv", "latents/reference/manifest.json"):
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_text(name)
    # Words of the lines, and no inputs of theirs.
    for name in ("train", "cfg@10"):
        Path(name).mkdir()
    return tmp_path


def test_a_full_disk_forgets_the_line_that_is_added_alone(tmp_path):
    plan, out = tmp_path / "plan.txt", tmp_path / "out"
    out.touch()
    FinishedLines(plan).add("one", {}, [out])
    size = (tmp_path / "plan.txt.done").stat().st_size
    with largest_file(size + 5), pytest.raises(OSError, match="too large"):
        FinishedLines(plan).add("two", {}, [out])
    again = FinishedLines(plan)
    assert [again.holds(line, {}, [out]) for line in ("one", "two")] == [True, False]
    again.add("two", {}, [out])
    assert FinishedLines(plan).holds("two", {}, [out])


def inputs(line):
    _, options = parse(shlex.split(line))
    outputs = [options.out] if isinstance(options.out, Path) else options.out
    return inputs_of(options, [*outputs, *filter(None, [getattr(options, "chosen", None)])])


@pytest.mark.parametrize(
    ("line", "reads"),
    [
        (SEARCH, ["main", "weak", "folder/a/b", "net", "real", "mine.py"]),
        (GAP, ["main", "weak", "latents/reference/manifest.json", "mine.py"]),
        (FLOOR, ["net", "latents/train.csv", "mine.py"]),
        (SAMPLE.format("chosen.json") + " --out s", ["main", "chosen.json", "mine.py"]),
        (SAMPLE.format(shlex.quote(json.dumps({"a": "b" * 300}))) + " --out s", ["main"]),
    ],
)
def test_files(folder, line, reads):
    before = inputs(line)
    others = ["main", "weak", "net", "real", "folder/a/b", "chosen.json", "latents/train.csv"]
    for name in dict.fromkeys([*reads, *others, "latents/reference/manifest.json"]):
        path = folder / name
        path.write_text(f"{path.read_text()}\n# Edited.\n")
        after = inputs(line)
        assert (after != before) == (name in reads), name
        before = after


@pytest.mark.parametrize(
    ("change", "of"),
    [
        (("sampling", "steps", 3), {SEARCH, GAP, FLOOR, CELL}),
        (("tuning", "samples", 8), {SEARCH, GAP, FLOOR, CELL}),
        (("latents", "image_size", 64), {SEARCH, GAP, FLOOR, CELL}),
        (("methods", "cfg", {"search": {"omega": [1.5, 3.0]}}), {SEARCH}),
        (("methods", "icg", {"search": {"omega": [1.5]}}), set()),
        (("measurement", "seeds", [1, 2, 3]), {CELL}),
        (("runs", "masked", None), set()),
    ],
)
def test_settings(folder, change, of):
    """Those that a line may read; more of them than it does read cost time, fewer the truth."""
    section, key, value = change
    before = {line: inputs(line) for line in (SEARCH, GAP, FLOOR, CELL)}
    path = folder / "scale.yaml"
    settings = yaml.safe_load(path.read_text())
    settings[section][key] = value
    if value is None:
        del settings[section][key]
    path.write_text(f"# Another layout.\n{yaml.safe_dump(settings, sort_keys=True)}")
    assert {line for line in before if inputs(line) != before[line]} == of


def test_outputs_are_no_inputs(folder):
    before = inputs(SEARCH)
    (folder / "found.csv").touch()
    assert inputs(SEARCH) == before
