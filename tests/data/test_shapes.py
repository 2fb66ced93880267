"""The shapes world: prompts that training never sees, scenes that show what prompts ask for."""

from __future__ import annotations

import json
import re
from itertools import combinations

import numpy as np
import pytest
import torch

from bench.data.geneval import COLORS, OFFICIAL_PROMPTS, TASKS
from bench.data.shapes import BACKGROUND, PALETTE, SHAPES, SIDE
from bench.data.shapes.captions import caption
from bench.data.shapes.prompts import prompt_at, prompts
from bench.data.shapes.rendering import coverage, render
from bench.data.shapes.scenes import Scene, draw_scene
from bench.data.shapes.training import captioned_images, training_captions
from bench.evaluation.judging import judge_images
from bench.evaluation.shapes_detector import ShapesDetector
from bench.seeds import generator

PARTS = ("train", "tuning", "test")
OPPOSITES = {"left of": "right of", "above": "below"}
OPPOSITES |= {opposite: relation for relation, opposite in OPPOSITES.items()}
NOUN = rf"an? ((?:{'|'.join(COLORS)}) (?:{'|'.join(SHAPES)}))"


@pytest.fixture(scope="module")
def trained_on():
    return captioned_images(1, range(3000))


def texts(part, task):
    return [metadata["prompt"] for metadata in prompts(part, task)]


def test_the_wording_is_genevals():
    """Of all 553 official prompts, whose classes are COCO's."""
    official = [
        json.loads(line) for line in OFFICIAL_PROMPTS.read_text(encoding="utf-8").splitlines()
    ]
    assert len(official) == 553
    for metadata in official:
        assert caption(metadata["include"]) == metadata["prompt"]


@pytest.mark.parametrize("task", TASKS)
def test_parts_never_overlap(task):
    of = {part: texts(part, task) for part in PARTS}
    for part in PARTS:
        assert len(of[part]) == len(set(of[part])) >= 2
    for one, other in combinations(PARTS, 2):
        assert not set(of[one]) & set(of[other])


def test_every_prompt_is_in_a_part():
    found = {task: sum(len(prompts(part, task)) for part in PARTS) for task in TASKS}
    assert found == {
        "single_object": 8,
        "two_object": 8 * 7,
        "counting": 8 * 3,
        "colors": 8 * 10,
        "position": 8 * 7 * 4,
        "color_attr": 8 * 7 * 10 * 9,
    }


def test_prompts_that_mean_the_same_are_of_one_part():
    for part in PARTS:
        positions, pairs = set(texts(part, "position")), set(texts(part, "two_object"))
        for text in positions:
            a, relation, b = re.fullmatch(
                r"a photo of (a \w+) (\w+(?: of)?) (a \w+)", text
            ).groups()
            assert f"a photo of {b} {OPPOSITES[relation]} {a}" in positions
        attributions = set(texts(part, "color_attr"))
        for text in pairs | attributions:
            a, b = text.removeprefix("a photo of ").split(" and ")
            assert f"a photo of {b} and {a}" in (pairs if text in pairs else attributions)


def test_training_captions_ask_for_nothing_that_is_held_out(trained_on):
    held_out = {text for part in ("tuning", "test") for task in TASKS for text in texts(part, task)}
    pairs = {frozenset(re.findall(NOUN, text)) for text in held_out if len(text.split()) > 8}
    captions = set(trained_on.captions)
    assert not captions & held_out
    colored = {frozenset(re.findall(NOUN, text)) for text in captions}
    assert any(len(pair) == 2 for pair in pairs)
    # In whatever order, and in a relation, too.
    assert not colored & {pair for pair in pairs if len(pair) == 2}
    assert any("left of an orange" in text for text in captions)


def test_training_captions_hold_every_word_of_the_prompts(trained_on):
    words = {word for text in trained_on.captions for word in text.split()}
    for part in ("tuning", "test"):
        for task in TASKS:
            assert words >= {word for text in texts(part, task) for word in text.split()}


def test_captions_of_positions_keep_their_relation(trained_on):
    """23/60 of the captions of two objects are of positions. Half of these name no colours, and so
    does a quarter of the others that are drawn: where the two colours differ, which they do in nine
    of ten, one combination in eight is for tuning and one for the test."""
    two = [
        text
        for text in trained_on.captions
        if re.search(r" (and|left of|right of|above|below) an? ", text)
    ]
    related = [text for text in two if any(relation in text for relation in OPPOSITES)]
    assert len(related) / len(two) == pytest.approx(23 / 60, abs=0.04)
    plain = [text for text in related if len(re.findall(NOUN, text)) == 0]
    assert len(plain) / len(related) == pytest.approx(0.5 + 0.5 * 0.9 / 4, abs=0.04)


def test_two_objects_are_named_in_reading_order(trained_on):
    """Of the two colours that a caption names, the first one's pixels lie further to the upper
    left."""
    pattern = rf"a photo of an? (\w+) (?:{'|'.join(SHAPES)}) and an? (\w+) (?:{'|'.join(SHAPES)})"
    rows, columns = np.mgrid[:SIDE, :SIDE]
    seen = 0
    for image, text in zip(trained_on.images, trained_on.captions):
        named = re.fullmatch(pattern, text)
        if named and named[1] != named[2]:
            first, last = (
                (rows + columns)[(image == np.array(PALETTE[color])[:, None, None]).all(0)].mean()
                for color in named.groups()
            )
            # The centre of the pixels is not that of every shape.
            assert first < last + 4, text
            seen += 1
    assert seen > 600


def test_captions_of_positions_tell_what_is_where(trained_on):
    asked = {metadata["prompt"]: metadata for metadata in prompts("train", "position")}
    rows = [row for row, text in enumerate(trained_on.captions) if text in asked]
    images = torch.from_numpy(trained_on.images[rows])
    wanted = [asked[trained_on.captions[row]] for row in rows]
    assert len(rows) > 250
    assert judge_images(ShapesDetector(), images, wanted)["correct"].all()


def test_captions_are_known_without_their_images(trained_on):
    assert training_captions(1, range(300)) == list(trained_on.captions[:300])


def test_images_are_functions_of_seed_and_index(trained_on):
    part = captioned_images(1, [7, 5])
    assert part.captions == (trained_on.captions[7], trained_on.captions[5])
    assert np.array_equal(part.images, trained_on.images[[7, 5]])
    assert not np.array_equal(captioned_images(2, [7]).images[0], part.images[0])


def test_prompts_take_turns():
    drawn = [prompt_at("test", index) for index in range(6 * 28)]
    assert [metadata["tag"] for metadata in drawn[:6]] == list(TASKS)
    assert [metadata["prompt"] for metadata in drawn[4::6]] == texts("test", "position")
    assert drawn[0] == drawn[12] != drawn[6]


def scenes_of(task, count=60):
    for index in range(count):
        found = prompts("train", task)
        yield (
            found[index % len(found)],
            draw_scene(found[index % len(found)], generator(3, "scene", index)),
        )


@pytest.mark.parametrize("task", TASKS)
def test_scenes_show_what_is_asked_for_and_nothing_else(task):
    for metadata, scene in scenes_of(task):
        wanted = [
            (clause["class"], clause.get("color"))
            for clause in metadata["include"]
            for _ in range(clause["count"])
        ]
        shown = [(SHAPES[shape], COLORS[color]) for shape, color in zip(scene.shapes, scene.colors)]
        assert [shape for shape, _ in wanted] == [shape for shape, _ in shown]
        for (_, color), (_, drawn) in zip(wanted, shown):
            assert color in (None, drawn)
        if task == "counting":
            assert len(set(scene.colors)) == 1


@pytest.mark.parametrize("task", ["counting", "color_attr"])
def test_objects_stand_apart_inside_the_image(task):
    for _, scene in scenes_of(task):
        for centre, radius in zip(scene.centres, scene.radii):
            assert (centre - radius >= 0).all()
            assert (centre + radius <= SIDE).all()
            assert 6.5 <= radius <= 7.5
        for i, j in combinations(range(len(scene.radii)), 2):
            gap = np.abs(scene.centres[i] - scene.centres[j]).max() - scene.radii[[i, j]].sum()
            assert gap >= 1.5


def test_positions_are_clear():
    directions = {"left of": (-1, 0), "right of": (1, 0), "above": (0, -1), "below": (0, 1)}
    for metadata, scene in scenes_of("position"):
        offset = scene.centres[1] - scene.centres[0]
        relation = metadata["include"][1]["position"][0]
        assert offset @ directions[relation] >= 0.8 * np.linalg.norm(offset)


AREAS = {
    "circle": np.pi,
    "square": 1.8**2,
    "triangle": 1.85,
    "diamond": 1.5,
    # Ten triangles with the sides 1 and 0.45 at an angle of 36 degrees.
    "star": 5 * 0.45 * np.sin(np.pi / 5),
    # The area inside the sextic is 3.662.
    "heart": 3.662 / (1.16 * 1.12),
    "cross": 2 * 2 * 0.66 - 0.66**2,
    "ring": np.pi * (1 - 0.55**2),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_areas(shape):
    index = np.array([SHAPES.index(shape)])
    found = coverage(index, np.array([[24.3, 23.6]]), np.array([20.0]), SIDE)
    assert found.sum() == pytest.approx(AREAS[shape] * 400, rel=1e-2)
    assert found.min() == 0
    assert found.max() == 1


def test_pixels_by_hand():
    """A square of half-width 0.9 x 5 = 4.5 around (10.25, 20), in blue."""
    scene = Scene(
        np.array([1]), np.array([COLORS.index("blue")]), np.array([[10.25, 20.0]]), np.array([5.0])
    )
    (image,) = render([scene])
    assert image.shape == (3, SIDE, SIDE)
    assert image.dtype == np.uint8
    background, blue = np.array(BACKGROUND), np.array(PALETTE["blue"])
    # From 5.75 to 14.75 along a row, from 15.5 to 24.5 along a column.
    row = {4: 0, 5: 0.25, 6: 1, 13: 1, 14: 0.75, 15: 0}
    for x, share in row.items():
        assert np.abs(image[:, 20, x] - (background + share * (blue - background))).max() <= 1
    column = {14: 0, 15: 0.5, 16: 1, 23: 1, 24: 0.5, 25: 0}
    for y, share in column.items():
        assert np.abs(image[:, y, 10] - (background + share * (blue - background))).max() <= 1


def test_scenes_in_a_batch_do_not_depend_on_each_other():
    drawn = [draw_scene(prompt_at("test", i), generator(0, "scene", i)) for i in range(12)]
    alone = np.concatenate([render([scene]) for scene in drawn])
    assert np.array_equal(render(drawn), alone)
    assert torch.from_numpy(alone).float().std() > 10
