"""The exact detector of the shapes world, on clean, spoilt and foreign images."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy.ndimage import gaussian_filter

from bench.data.geneval import COLORS
from bench.data.shapes import BACKGROUND, PALETTE, SHAPES, SIDE
from bench.data.shapes.prompts import prompt_at
from bench.data.shapes.rendering import render
from bench.data.shapes.scenes import Scene, draw_scene
from bench.errors import BadInput
from bench.evaluation.geneval import keep
from bench.evaluation.judging import judge_images
from bench.evaluation.shapes_detector import THRESHOLD, ShapesDetector
from bench.seeds import generator

COUNT = 600


@pytest.fixture(scope="module")
def prompts():
    return [prompt_at("test", index) for index in range(COUNT)]


@pytest.fixture(scope="module")
def renders(prompts):
    scenes = [draw_scene(one, generator(1, "scene", i)) for i, one in enumerate(prompts)]
    return render(scenes)


def share_right(images, prompts):
    return judge_images(ShapesDetector(), torch.from_numpy(images), prompts)["correct"].mean()


def test_all_clean_renders_are_right(renders, prompts):
    assert share_right(renders, prompts) == 1


def test_nearly_all_blurred_renders_are_right(renders, prompts):
    for deviation, least in ((0.8, 0.995), (1.2, 0.98)):
        blurred = gaussian_filter(renders.astype(np.float32), (0, 0, deviation, deviation))
        assert share_right(blurred.round().astype(np.uint8), prompts) >= least


def test_all_noisy_renders_are_right(renders, prompts):
    noise = np.random.default_rng(0).normal(0, 20, renders.shape)
    noisy = (renders + noise).round().clip(0, 255).astype(np.uint8)
    assert share_right(noisy, prompts) >= 0.995


def found_in(*objects):
    """The objects that count in the image of shapes, given as (shape, colour, x, y, radius)."""
    shapes, colors, xs, ys, radii = map(np.array, zip(*objects))
    scene = Scene(
        np.array([SHAPES.index(shape) for shape in shapes]),
        np.array([COLORS.index(color) for color in colors]),
        np.stack([xs, ys], axis=1).astype(float),
        radii.astype(float),
    )
    return detect(torch.from_numpy(render([scene])))


def detect(images):
    (found,) = ShapesDetector()(images)
    return keep(found.boxes, THRESHOLD), found.colors


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("radius", [6.0, 7.3, 8.5])
def test_each_shape_in_each_colour(shape, radius):
    for color in COLORS:
        boxes, colors = found_in((shape, color, 20.3, 27.8, radius))
        assert list(boxes) == [shape]
        assert colors(shape, 1) == [color]
        assert boxes[shape][0][4] > 0.85


def test_boxes():
    """The pixels that are covered by more than half; the ends are exclusive."""
    boxes, _ = found_in(("square", "red", 10, 20, 5), ("circle", "white", 33.1, 30, 7))
    assert boxes["square"][0][:4] == pytest.approx([5.5, 15.5, 14.5, 24.5], abs=0.5)
    assert boxes["circle"][0][:4] == pytest.approx([26.1, 23, 40.1, 37], abs=0.5)


def test_the_best_come_first_with_their_own_colours():
    images = torch.full((1, 3, SIDE, SIDE), BACKGROUND[0], dtype=torch.uint8)
    # A square with a corner missing, and a whole one.
    paint(images, "red", slice(4, 18), slice(4, 18))
    paint(images, None, slice(4, 10), slice(4, 10))
    paint(images, "blue", slice(28, 42), slice(28, 42))
    boxes, colors = detect(images)
    assert [box[0] for box in boxes["square"]] == [28, 4]
    assert boxes["square"][0][4] > boxes["square"][1][4]
    assert colors("square", 2) == ["blue", "red"]
    assert colors("square", 1) == ["blue"]


def paint(images, color, rows, columns):
    value = BACKGROUND if color is None else PALETTE[color]
    images[0, :, rows, columns] = torch.tensor(value, dtype=torch.uint8)[:, None, None]


@pytest.mark.parametrize(
    "spoil",
    [
        # A bar, a speck, an object of two colours, and one of no colour of the palette.
        lambda images: paint(images, "red", slice(20, 23), slice(5, 40)),
        lambda images: paint(images, "red", slice(20, 24), slice(20, 24)),
        lambda images: (
            paint(images, "yellow", slice(10, 24), slice(10, 17)),
            paint(images, "blue", slice(10, 24), slice(17, 24)),
        ),
        lambda images: images[0, :, 10:24, 10:24].copy_(
            torch.tensor([0, 255, 255], dtype=torch.uint8)[:, None, None]
        ),
    ],
)
def test_what_is_no_object_does_not_count(spoil):
    images = torch.full((1, 3, SIDE, SIDE), BACKGROUND[0], dtype=torch.uint8)
    assert detect(images)[0] == {}
    spoil(images)
    assert detect(images)[0] == {}


def test_an_empty_image_among_others(renders, prompts):
    images = torch.from_numpy(renders[:3].copy())
    images[1] = BACKGROUND[0]
    judged = judge_images(ShapesDetector(), images, prompts[:3])
    assert list(judged["correct"]) == [True, False, True]
    assert judged["reason"][1].count("found 0") == len(prompts[1]["include"])


def test_the_images_of_a_batch_do_not_depend_on_each_other(renders):
    images = torch.from_numpy(renders[:20])
    together = [found.boxes for found in ShapesDetector()(images)]
    assert together == [found.boxes for image in images for found in ShapesDetector()(image[None])]


def test_other_sizes_are_refused():
    with pytest.raises(BadInput, match=r"64 x 48 pixels in 3 channels; .* 48 x 48 in 3"):
        list(ShapesDetector()(torch.zeros(1, 3, 48, 64, dtype=torch.uint8)))
