"""The verb `geneval` on folders in GenEval's layout, whole and damaged."""

from __future__ import annotations

import json
import os
import shutil
import sys

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from bench.__main__ import main
from bench.data.geneval import TASKS
from bench.data.shapes.prompts import prompts
from bench.errors import BadInput
from bench.evaluation.clip_colors import ClipColors
from bench.stages import geneval as stage
from tests.evaluation.geneval_folders import write_folder, write_image, write_prompts

COPIES = 2


@pytest.fixture(scope="module")
def lines():
    """Two prompts of each task."""
    return [metadata for task in TASKS for metadata in prompts("test", task)[:2]]


@pytest.fixture(scope="module")
def whole(tmp_path_factory, lines):
    """Images that are right, but for those of two prompts: of position and color_attr."""
    folder = tmp_path_factory.mktemp("geneval")
    shown = [*lines[:8], lines[0], lines[9], lines[10], lines[1]]
    write_folder(folder / "images", lines, COPIES, shown)
    write_prompts(folder / "prompts.jsonl", lines)
    return folder


@pytest.fixture
def copy(whole, tmp_path):
    shutil.copytree(whole, tmp_path, dirs_exist_ok=True)
    return tmp_path


def geneval(folder, *more, copies=COPIES, detector="shapes"):
    arguments = ["--images", folder / "images", "--prompts", folder / "prompts.jsonl"]
    arguments += ["--images-per-prompt", copies, "--detector", detector]
    arguments += ["--out", folder / "prompts.csv", "--device", "cpu", *more]
    return main(["geneval", *map(str, arguments)])


def test_scores_and_verdicts(copy, lines, capsys):
    # None of these is an image of a prompt.
    (copy / "images" / "grid.png").write_bytes(b"")
    (copy / "images" / "00003" / "grid.png").write_bytes(b"")
    (copy / "images" / "00003" / "samples" / ".DS_Store").write_bytes(b"")
    (copy / "images" / "notes").mkdir()
    assert geneval(copy) == 0
    (row,) = pd.read_csv(copy / "prompts.csv").to_dict("records")
    expected = dict.fromkeys(TASKS, 1.0) | {"position": 0.5, "color_attr": 0.5}
    assert {task: row[task] for task in TASKS} == expected
    assert row["overall"] == pytest.approx(5 / 6)
    assert row["overall_se"] == pytest.approx(np.sqrt(2 * 0.5**2) / 6)
    assert row["correct_images"] == row["correct_prompts"] == pytest.approx(10 / 12)
    assert (row["number_of_prompts"], row["images_per_prompt"]) == (12, COPIES)
    assert (row["detector"], row["threshold"]) == ("shapes", 0.6)
    assert "overall: 0.8333 ± 0.1179" in capsys.readouterr().out
    # As the official summary reads them.
    judged = pd.read_json(copy / "prompts.images.jsonl", orient="records", lines=True)
    assert list(judged) == [
        "filename",
        "tag",
        "prompt",
        "correct",
        "reason",
        "metadata",
        "details",
    ]
    assert len(judged) == 24
    assert judged["filename"][3] == str(copy / "images" / "00001" / "samples" / "0001.png")
    assert [json.loads(text) for text in judged["metadata"][::COPIES]] == lines
    assert (judged["reason"][~judged["correct"]].str.startswith("expected ")).all()
    boxes = json.loads(judged["details"][0])
    assert list(boxes) == [lines[0]["include"][0]["class"]]
    # The prompt file has the stem of the output, and is as it was.
    assert len((copy / "prompts.jsonl").read_text().splitlines()) == 12


def test_twice_the_same(copy):
    geneval(copy)
    first = [(copy / name).read_bytes() for name in ("prompts.csv", "prompts.images.jsonl")]
    geneval(copy)
    assert first == [(copy / name).read_bytes() for name in ("prompts.csv", "prompts.images.jsonl")]


def refused(copy, capsys, *expected, **options):
    assert geneval(copy, **options) == 2
    message = capsys.readouterr().err.strip()
    assert message.startswith("error: ")
    assert "\n" not in message
    for part in expected:
        assert part in message
    assert not (copy / "prompts.csv").exists()
    assert not (copy / "prompts.images.jsonl").exists()


def red(clause):
    return {"tag": "colors", "include": [clause], "prompt": "a photo of a red star"}


STAR = {"class": "star", "count": 1}


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("a photo of a star", "line 2: not a JSON object"),
        ('"a photo of a star"', "line 2: expected a JSON object"),
        ({"caption": "a star"}, "line 2: caption: unknown key"),
        ({"prompt": "a star", "tag": "colors"}, "line 2: include: missing"),
        ({**red(STAR), "tag": "colour"}, "tag: unknown value 'colour', did you mean 'colors'?"),
        ({**red(STAR), "include": []}, "include: expected a list of clauses"),
        ({**red(STAR), "prompt": ""}, "prompt: expected a text"),
        (red({**STAR, "class": "stra"}), "include[0].class: unknown value 'stra', did you mean"),
        (red({**STAR, "class": ["star"]}), "include[0].class: unknown value ['star']"),
        (red({**STAR, "color": "crimson"}), "include[0].color: unknown value 'crimson'"),
        (red({**STAR, "count": 0}), "include[0].count: expected a whole number above 0, got 0"),
        (red({**STAR, "count": True}), "include[0].count: expected a whole number above 0"),
        (red({**STAR, "colour": "red"}), "include[0].colour: unknown key, did you mean 'color'?"),
        (red({**STAR, "position": ["left of", 0]}), "0 is not the index of an earlier clause"),
        (red({**STAR, "position": "left of"}), "expected [relation, index]"),
        ({**red(STAR), "exclude": [{"class": "star"}]}, "exclude[0].count: missing"),
    ],
)
def test_prompt_files_of_another_layout(copy, capsys, lines, line, expected):
    text = line if isinstance(line, str) else json.dumps(line)
    (copy / "prompts.jsonl").write_text(f"{json.dumps(lines[0])}\n{text}\n")
    refused(copy, capsys, f"{copy / 'prompts.jsonl'}, line 2: ", expected)


def test_prompt_files_as_editors_leave_them(copy, capsys, lines):
    """A byte order mark, line separators inside a prompt, and blank lines at the end."""
    odd = {**lines[0], "prompt": "a\u2028red\x85star"}
    (copy / "images" / "00000" / "metadata.jsonl").write_text(json.dumps(odd))
    texts = [json.dumps(line, ensure_ascii=False) for line in (odd, *lines[1:])]
    path = copy / "prompts.jsonl"
    for end in ("", "\n", "\n\n", "\r\n \n"):
        path.write_bytes(b"\xef\xbb\xbf" + ("\n".join(texts) + end).encode())
        assert geneval(copy) == 0
        (copy / "prompts.csv").unlink()
        (copy / "prompts.images.jsonl").unlink()
    path.write_text("\n\n".join(texts), encoding="utf-8")
    refused(copy, capsys, f"{path}, line 2: not a JSON object")


def test_prompt_files_that_are_none(copy, capsys):
    path = copy / "prompts.jsonl"
    path.write_text("")
    refused(copy, capsys, f"{path}: holds no prompts")
    path.write_bytes(b"\x89PNG\xff")
    refused(copy, capsys, f"{path}: not a text file")
    path.unlink()
    refused(copy, capsys, f"{path}: no such file")


def test_a_prompt_that_is_there_twice(copy, capsys, lines):
    write_prompts(copy / "prompts.jsonl", [*lines[:3], lines[1]])
    refused(copy, capsys, "line 4: the prompt of line 2 again", lines[1]["prompt"])


def test_a_class_that_this_detector_cannot_find(copy, capsys):
    """Shapes are none of COCO's classes; the weights are not read first."""
    (copy / "weights.pth").write_bytes(b"")
    refused(copy, capsys, "class: unknown value 'diamond'", detector=copy / "weights.pth")


def test_detectors_that_are_not_there(copy, capsys):
    (copy / "prompts.jsonl").unlink()
    for name in ("Shapes", copy / "weights.pth"):
        expected = f"--detector: {name}: no such file; `shapes` is the exact detector"
        refused(copy, capsys, expected, detector=name)


def test_colours_need_a_package(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "open_clip", None)
    with pytest.raises(BadInput, match=r"need open_clip, .* `pip install -r envs/t2i.txt`"):
        ClipColors(tmp_path / "clip.pt", "cpu")


def test_prompts_that_are_missing(copy, capsys, lines):
    shutil.rmtree(copy / "images" / "00004")
    shutil.rmtree(copy / "images" / "00011")
    refused(copy, capsys, "lacks 00004", lines[4]["prompt"], "2 of 12 prompts are missing")


def test_folders_beyond_the_prompts(copy, capsys, lines):
    write_prompts(copy / "prompts.jsonl", lines[:9])
    refused(copy, capsys, f"{copy / 'images' / '00009'}: there are 9 prompts")


def test_a_folder_that_is_there_twice(copy, capsys):
    shutil.copytree(copy / "images" / "00004", copy / "images" / "4")
    refused(copy, capsys, f"{copy / 'images' / '4'}: the number of 00004 again")


def test_folders_of_other_prompts(copy, capsys, lines):
    path = copy / "images" / "00004" / "metadata.jsonl"
    path.write_text(json.dumps(lines[5]))
    refused(copy, capsys, f"{path}: not the prompt", repr(lines[5]["prompt"]))
    path.write_text(json.dumps({**lines[4], "tag": "colors"}))
    refused(copy, capsys, f"{path}: not the prompt", "the same words, other clauses")
    path.write_text("[]")
    refused(copy, capsys, f"{path}: not the prompt")
    path.write_text("{")
    refused(copy, capsys, f"{path}: not one JSON object")
    path.unlink()
    refused(copy, capsys, f"{path}: no such file")


def test_other_numbers_of_images(copy, capsys):
    refused(copy, capsys, "00000", "2 images", "not 4 as --images-per-prompt", copies=4)
    samples = copy / "images" / "00007" / "samples"
    (samples / "0001.png").rename(samples / "0001.jpg")
    refused(copy, capsys, f"{samples}: 1 images named 0000.png and so on, not 2")
    shutil.rmtree(samples)
    refused(copy, capsys, f"{samples}: 0 images")


def test_files_that_are_no_images(copy, capsys):
    path = copy / "images" / "00007" / "samples" / "0001.png"
    whole = path.read_bytes()
    for damaged in (b"", b"<html></html>", whole[: len(whole) // 2]):
        path.write_bytes(damaged)
        refused(copy, capsys, f"{path}: not an image that can be read")
    Image.fromarray(np.zeros((48, 48), np.uint16)).save(path)
    refused(copy, capsys, f"{path}: its mode is I;16; convert it to 8-bit RGB")
    path.unlink()
    write_image(path, np.zeros((3, 40, 50), np.uint8))
    refused(copy, capsys, f"{path}: 50 x 40 pixels, not 48 x 48")


def test_no_folder(copy, capsys):
    shutil.rmtree(copy / "images")
    refused(copy, capsys, f"{copy / 'images'}: no such folder")


def test_what_is_read_is_not_written_over(copy, capsys):
    prompts = (copy / "prompts.jsonl").rename(copy / "prompts.images.jsonl")
    before = prompts.read_text()
    assert geneval(copy, "--prompts", prompts) == 2
    assert f"--out: {prompts} is read, too; name another file" in capsys.readouterr().err
    assert prompts.read_text() == before
    assert geneval(copy, "--prompts", prompts, "--out", prompts) == 2
    assert f"--out: {prompts} is read, too; name another file" in capsys.readouterr().err
    assert prompts.read_text() == before


def test_a_folder_in_the_place_of_an_output(copy, capsys, monkeypatch):
    monkeypatch.setattr(stage, "judge_images", lambda *_: pytest.fail("judges first"))
    for name in ("prompts.csv", "prompts.images.jsonl"):
        (copy / name).mkdir()
        assert geneval(copy) == 2
        assert f"--out: {copy / name} is a folder; name a file" in capsys.readouterr().err
        (copy / name).rmdir()
    assert not list(copy.glob("prompts.*v"))


def test_names_and_prompts_that_are_not_utf8(whole, tmp_path, lines):
    folder = tmp_path / os.fsdecode(b"caf\xe9")
    shutil.copytree(whole, folder)
    odd = {**lines[0], "prompt": "a \ud800 star"}
    write_prompts(folder / "prompts.jsonl", [odd, *lines[1:]])
    (folder / "images" / "00000" / "metadata.jsonl").write_text(json.dumps(odd))
    assert geneval(folder) == 0
    text = (folder / "prompts.images.jsonl").read_text(encoding="utf-8")
    judged = [json.loads(line) for line in text.splitlines()]
    assert judged[0]["filename"] == str(folder / "images" / "00000" / "samples" / "0000.png")
    assert judged[0]["prompt"] == odd["prompt"]
    assert judged[0]["correct"] is True
    assert os.fsencode(folder) in (folder / "prompts.csv").read_bytes()


def test_the_shapes_world_takes_no_clip(copy, capsys):
    assert geneval(copy, "--clip", copy / "clip.pt") == 2
    assert "--clip: the detector of the shapes world" in capsys.readouterr().err
