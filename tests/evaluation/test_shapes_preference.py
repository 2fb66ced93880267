"""The synthetic preference score of the shapes world."""

from __future__ import annotations

import io
import math
from collections import Counter
from contextlib import redirect_stdout

import pandas as pd
import pytest
import torch

from bench.__main__ import main
from bench.data.geneval import COLORS
from bench.data.shapes import BACKGROUND, PALETTE, SHAPES
from bench.data.shapes.contradictions import KINDS
from bench.data.shapes.degradations import DEGRADATIONS, degrade
from bench.data.shapes.training import captioned_images, described_scene
from bench.errors import BadInput
from bench.evaluation import preference_accuracies, preference_pairs
from bench.evaluation.preference_pairs import draw_contradictions, draw_pairs
from bench.evaluation.shapes_preference import (
    PreferenceNetwork,
    ShapesPreference,
    preference_loss,
    vocabulary,
    word_indices,
)
from bench.files.tensors import read_tensors, write_tensors
from bench.seeds import generator
from bench.stages import shapes_preference as stage


@pytest.fixture(scope="module")
def pairs():
    return draw_contradictions(described_scene, 0, range(40))


@pytest.fixture(scope="module")
def short():
    """Trainings take two steps."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {"PAIRS": 30, "STEPS": 2, "BATCH": 8}.items():
            patch.setattr(stage, name, value)
        patch.setattr(preference_accuracies, "PAIRS", 150)
        yield


@pytest.fixture(scope="module")
def trained(short, tmp_path_factory):
    """The file of a network, and what was printed."""
    path, printed = tmp_path_factory.mktemp("trained") / "preference.safetensors", io.StringIO()
    with redirect_stdout(printed):
        assert main(["shapes-preference", "--seed", "3", "--out", str(path)]) == 0
    return path, printed.getvalue()


def test_pairs_of_degradations_and_of_contradictions(pairs, monkeypatch):
    """A quarter of a batch, and the others. A degradation that writes its severity shows them."""
    monkeypatch.setattr(
        preference_pairs,
        "degrade",
        lambda images, kind, severity, stream: images // 2 * 0 + severity,
    )
    rows = torch.arange(40)
    better, worse, words = draw_pairs(pairs, rows, generator(0, "validation"))
    severity = [images.flatten(1).float().std(1) == 0 for images in (better, worse)]
    levels = [
        torch.where(spoilt, images[:, 0, 0, 0].long(), 0)
        for images, spoilt in zip((better, worse), severity)
    ]
    assert (levels[0][:10] < levels[1][:10]).all()
    assert set(levels[0][:10].tolist()) == {0, 1, 2}
    assert set(levels[1][:10].tolist()) == {1, 2, 3}
    assert torch.equal(levels[0][10:], levels[1][10:])
    # Half of them, and a third of the other half.
    clean = (levels[1] == 0) & (rows >= 10)
    assert 12 <= clean.sum() <= 28
    assert torch.equal(better[levels[0] == 0], pairs.right[levels[0] == 0])
    assert torch.equal(worse[clean], pairs.wrong[clean])
    assert torch.equal(words, pairs.words)


def test_what_is_where(pairs):
    """Every place with an object shows its colour at the cell's centre, nearly; others show the
    background."""
    colors = torch.tensor([*PALETTE.values(), BACKGROUND])
    empty = pairs.shapes == len(SHAPES)
    assert torch.equal(empty, pairs.colors == len(COLORS))
    background = torch.tensor(BACKGROUND).view(3, 1, 1)
    for image, found in zip(pairs.right, pairs.colors):
        cells = image.unfold(1, 16, 16).unfold(2, 16, 16).flatten(1, 2)
        grid = found.view(3, 2, 3, 2)[:, 0, :, 0].flatten()
        for cell, color in zip(cells.unbind(1), grid):
            drawn = (cell != background).any(0)
            if color == len(COLORS):
                # Objects reach over a cell's edge by a pixel.
                assert not drawn[2:-2, 2:-2].any()
            else:
                assert (colors[color] == cell[:, drawn].T).all(1).any()


def test_wrong_captions_are_of_the_same_form_and_others(pairs):
    assert torch.equal((pairs.words == 0).sum(1), (pairs.wrong_words == 0).sum(1))
    assert (pairs.words != pairs.wrong_words).any(1).all()


def test_rare_kinds_are_drawn_more_often():
    drawn = Counter(draw_contradictions(described_scene, 1, range(600)).kinds)
    assert min(drawn[kind] for kind in ("color", "count", "relation")) > 50
    assert drawn["shape"] < 200


def test_pairs_are_functions_of_seed_and_index(pairs):
    again = draw_contradictions(described_scene, 0, [7, 3])
    assert torch.equal(again.right, pairs.right[[7, 3]])
    assert torch.equal(again.wrong, pairs.wrong[[7, 3]])
    assert again.kinds == [pairs.kinds[7], pairs.kinds[3]]


def test_the_loss_is_bradley_terrys():
    better, worse = torch.tensor([1.0, -2.0]), torch.tensor([0.0, 1.0])
    by_hand = [-math.log(math.exp(b) / (math.exp(b) + math.exp(w))) for b, w in ((1, 0), (-2, 1))]
    assert preference_loss(better, worse).item() == pytest.approx(sum(by_hand) / 2)


def test_it_learns(pairs):
    """The preferences of 16 pairs by heart."""
    torch.manual_seed(0)
    network = PreferenceNetwork()
    optimizer = torch.optim.AdamW(network.parameters(), 2e-3)
    chosen = slice(0, 16)
    images, words = (
        torch.cat([pairs.right[chosen], pairs.wrong[chosen]]),
        pairs.words[chosen].repeat(2, 1),
    )
    losses = []
    for _ in range(40):
        loss = preference_loss(*network(images, words).chunk(2))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[0] == pytest.approx(math.log(2), abs=0.2)
    assert losses[-1] < 0.1


def test_scores_are_bounded(pairs):
    torch.manual_seed(0)
    network = PreferenceNetwork()
    with torch.no_grad():
        network.fit.bias.fill_(1e6)
        assert (network(pairs.right, pairs.words) == 10).all()


def test_grounding_is_told_apart_by_place(pairs):
    torch.manual_seed(0)
    grounding = stage.Grounding()
    features = torch.randn(40, 36, 96)
    loss = grounding.loss(features, pairs.shapes, pairs.colors)
    by_hand = [
        torch.nn.functional.cross_entropy(layer(features).flatten(0, 1), labels.flatten())
        for layer, labels in ((grounding.shape, pairs.shapes), (grounding.color, pairs.colors))
    ]
    torch.testing.assert_close(loss, sum(by_hand))
    moved = grounding.loss(features, pairs.shapes.roll(1, 1), pairs.colors)
    assert not torch.isclose(loss, moved)


def test_words():
    rows = word_indices(["a photo of three stars", "a photo of a red star left of a blue ring"])
    assert rows.shape == (2, 12)
    spelled = " ".join(vocabulary()[index - 1] for index in rows[0, :5])
    assert spelled == "a photo of three stars"
    assert (rows[0, 5:] == 0).all()
    assert (rows[1, :11] > 0).all()
    with pytest.raises(BadInput, match="unknown word 'strs', did you mean 'stars'"):
        word_indices(["a photo of three strs"])
    with pytest.raises(BadInput, match="has more than 12 words"):
        word_indices(["a photo of " + "a star and " * 4])
    with pytest.raises(BadInput, match="' ': has no words"):
        word_indices([" "])


def test_scores_of_a_file(trained):
    path, _ = trained
    scorer = ShapesPreference(path, "cpu")
    sample = captioned_images(9, range(6))
    images = torch.from_numpy(sample.images)
    found = scorer.score(images, sample.captions)
    assert found.shape == (6,)
    alone = [scorer.score(images[i : i + 1], sample.captions[i : i + 1]) for i in range(6)]
    torch.testing.assert_close(found, torch.cat(alone))
    # Images and captions matter.
    assert (scorer.score(images.flip(0), sample.captions) != found).any()
    assert (scorer.score(images, sample.captions[::-1]) != found).any()
    assert scorer.name.startswith("synthetic preference of shapes ")
    noisy = degrade(images, "noise", 3, generator(0, "validation"))
    assert (scorer.score(noisy, sample.captions) != found).all()
    with pytest.raises(BadInput, match="6 images and 5 captions"):
        scorer.score(images, sample.captions[:5])


def test_accuracies_are_printed_and_kept(trained):
    path, printed = trained
    table = pd.read_csv(path.with_suffix(".csv"))
    accuracies = dict(zip(table["kind"], table["accuracy"]))
    kinds = {f"{kind} {severity}" for kind in DEGRADATIONS for severity in (1, 2, 3)}
    assert set(accuracies) == kinds | set(KINDS)
    for kind, accuracy in accuracies.items():
        assert 0 <= accuracy <= 1
        assert f"  {kind}: {accuracy:.3f}\n" in printed


def test_training_is_a_function_of_the_seed(trained, tmp_path):
    path, _ = trained
    again = tmp_path / "again.safetensors"
    main(["shapes-preference", "--seed", "3", "--out", str(again)])
    assert again.read_bytes() == path.read_bytes()


def test_files_of_other_captions_are_refused(trained, tmp_path):
    tensors, description = read_tensors(trained[0], "shapes preference")
    other = tmp_path / "other.safetensors"
    write_tensors(other, tensors, {**description, "vocabulary": ["a"]})
    with pytest.raises(BadInput, match=f"{other}: of other captions; train it anew"):
        ShapesPreference(other, "cpu")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda tensors: tensors.pop("order"), "of another network .*order.*; train it anew"),
        (
            lambda tensors: tensors.update({"quality.weight": torch.zeros(1, 48)}),
            "of another network .*quality.weight.*; train it anew",
        ),
        (
            lambda tensors: tensors.update({"quality.bias": torch.tensor([math.nan])}),
            "quality.bias holds values that are not finite",
        ),
    ],
)
def test_other_weights_are_refused(trained, tmp_path, change, message):
    tensors, description = read_tensors(trained[0], "shapes preference")
    change(tensors)
    other = tmp_path / "other.safetensors"
    write_tensors(other, tensors, description)
    with pytest.raises(BadInput, match=f"^{other}: {message}"):
        ShapesPreference(other, "cpu")
