"""Degradations and contradictions of the shapes world."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

import numpy as np
import pytest
import torch
from scipy.ndimage import gaussian_filter

from bench.data.shapes.contradictions import (
    KINDS,
    OF_CAPTIONS,
    contradict,
    contradict_caption,
    possible_kinds,
)
from bench.data.shapes.degradations import DEGRADATIONS, SEVERITIES, degrade
from bench.data.shapes.rendering import render
from bench.data.shapes.scenes import draw_scene
from bench.data.shapes.training import captioned_images, described_scene
from bench.evaluation.judging import judge_images
from bench.evaluation.shapes_detector import ShapesDetector
from bench.seeds import generator


@pytest.fixture(scope="module")
def images():
    return torch.from_numpy(captioned_images(0, range(24)).images)


@pytest.mark.parametrize("kind", DEGRADATIONS)
def test_severity_is_graded(images, kind):
    errors = []
    for severity in (0, *SEVERITIES):
        spoilt = degrade(images, kind, severity, generator(1, "validation", severity))
        assert spoilt.dtype == torch.uint8
        assert spoilt.shape == images.shape
        errors.append((spoilt.double() - images).square().mean((1, 2, 3)))
    assert (errors[0] == 0).all()
    for milder, harder in pairwise(errors):
        assert (harder > milder).float().mean() > 0.9
        assert harder.mean() > 1.2 * milder.mean() + 1


def test_blur_is_gaussian(images):
    spoilt = degrade(images, "blur", 2, generator(0, "validation"))
    expected = gaussian_filter(images.double().numpy(), (0, 0, 1, 1), mode="nearest")
    assert np.abs(spoilt.numpy() - expected).max() < 2


def test_noise_fading_and_exaggeration_by_hand(images):
    grey = torch.full((4, 3, 48, 48), 128, dtype=torch.uint8)
    assert degrade(grey, "noise", 1, generator(0, "validation")).double().std() == pytest.approx(
        15, rel=0.02
    )
    white = torch.full((1, 3, 48, 48), 255, dtype=torch.uint8)
    faded = degrade(white, "fading", 3, generator(0, "validation"))
    assert (faded == round(255 + 0.65 * (153 - 255))).all()
    blue = torch.tensor([100, 153, 200], dtype=torch.uint8).view(1, 3, 1, 1).expand(1, 3, 48, 48)
    exaggerated = degrade(blue, "exaggeration", 2, generator(0, "validation"))
    expected = [round(153 + 1.5 * (100 - 153)), 153, round(153 + 1.5 * (200 - 153))]
    assert exaggerated[0, :, 0, 0].tolist() == expected


def test_distortion_moves_pixels_and_changes_no_colour(images):
    spoilt = degrade(images, "distortion", 3, generator(0, "validation"))
    assert (spoilt != images).any(1).float().mean() > 0.02
    # As much of each image is background as before, about.
    background = [(batch == 153).all(1).float().mean((1, 2)) for batch in (images, spoilt)]
    assert (background[0] - background[1]).abs().max() < 0.15


def drawn(count):
    """Scenes, the clauses of their captions, and a contradiction of each of its possible kinds."""
    for index in range(count):
        stream = generator(2, "scene", index)
        scene, include = described_scene(stream)
        for kind in possible_kinds(include):
            yield scene, include, kind, contradict(include, scene, kind, stream)


def as_metadata(include):
    """What the caption asks for, where a number is exact."""
    exclude = [
        {"class": clause["class"], "count": clause["count"] + 1}
        for clause in include
        if clause["count"] > 1
    ]
    return {"tag": "any", "prompt": "", "include": include, "exclude": exclude}


def judged(scenes, prompts):
    images = torch.from_numpy(render(scenes))
    return judge_images(ShapesDetector(), images, prompts)["correct"].tolist()


def test_contradictions_are_wrong_by_genevals_rules():
    """Of 300 captions: every right image is right, and every contradicting one is wrong, but for
    one object more, which these rules do not mind."""
    scenes, includes, kinds, wrong = zip(*drawn(300))
    prompts = [as_metadata(include) for include in includes]
    assert set(judged(scenes, prompts)) == {True}
    for kind, correct in zip(kinds, judged(wrong, prompts)):
        assert correct == (kind == "surplus")
    assert all(Counter(kinds)[kind] > 30 for kind in KINDS)


def test_contradicting_captions_are_wrong_by_genevals_rules():
    """Each is a caption of the same form, which its own scene would fulfil."""
    scenes, others, found = [], [], Counter()
    for index in range(300):
        stream = generator(3, "scene", index)
        scene, include = described_scene(stream)
        before = [dict(clause) for clause in include]
        for kind in possible_kinds(include):
            if kind in OF_CAPTIONS:
                scenes.append(scene)
                others.append(contradict_caption(include, kind, stream))
                assert set(map(tuple, map(sorted, others[-1]))) == set(
                    map(tuple, map(sorted, include))
                )
                assert others[-1] != include
                found[kind] += 1
        assert include == before
    prompts = [as_metadata(include) for include in others]
    assert set(judged(scenes, prompts)) == {False}
    own = [draw_scene(metadata, generator(4, "scene", 0)) for metadata in prompts]
    assert set(judged(own, prompts)) == {True}
    assert all(found[kind] > 30 for kind in OF_CAPTIONS)


def test_contradictions_change_one_thing():
    for scene, _, kind, other in drawn(60):
        same = {
            name: np.array_equal(values, getattr(other, name))
            for name, values in vars(scene).items()
        }
        changed = {name for name, equal in same.items() if not equal}
        if kind == "missing":
            assert len(other.shapes) == 1
        elif kind == "surplus":
            assert all(
                np.array_equal(values, getattr(other, name)[:-1])
                for name, values in vars(scene).items()
            )
            assert other.shapes[-1] not in scene.shapes
        elif kind == "count":
            assert abs(len(other.shapes) - len(scene.shapes)) == 1
            assert set(other.shapes) == set(scene.shapes)
            assert set(other.colors) == set(scene.colors)
        else:
            expected = {
                "shape": {"shapes"},
                "color": {"colors"},
                "binding": {"colors"},
                "relation": {"centres", "radii"},
            }
            assert changed == expected[kind]
