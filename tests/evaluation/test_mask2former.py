"""Mask2Former against mmdet 2's whole pipeline, on random weights."""

from __future__ import annotations

import json

import pytest
import torch

from bench.data.geneval import CLASSES
from bench.errors import BadInput
from bench.evaluation import mask2former
from bench.evaluation.mask2former import Mask2Former, find_instances, prepare
from bench.evaluation.mask2former_official import from_official, swin_small
from tests.conftest import FIXTURES
from tests.evaluation.detectors import official, tiny_config


class NoColors:
    name = "none"

    def __call__(self, image, boxes, masks, name):
        return [f"{name} {tuple(boxes.shape)} {tuple(masks.shape)}" for _ in boxes]


@pytest.fixture(scope="module")
def fixture():
    return official()


@pytest.fixture(scope="module")
def network(fixture):
    return from_official(fixture[0], tiny_config())


@pytest.fixture
def folder(network, tmp_path):
    network.save_pretrained(tmp_path)
    return tmp_path


@pytest.mark.parametrize("name", ["square", "landscape"])
def test_what_mmdet_finds(fixture, network, name):
    """From the pixels of an image to boxes, scores, classes and masks. The landscape, 1000 x 1300,
    becomes smaller and is padded."""
    image, step, labels, boxes, masks = fixture[1][name]
    found = find_instances(network, image, "cpu")
    assert len(found.labels) == 100
    assert found.masks.shape == (100, *image.shape[1:])
    torch.testing.assert_close(found.scores, boxes[:, 4], rtol=0, atol=2e-5)
    assert torch.equal(found.labels, labels)
    assert torch.equal(found.boxes, boxes[:, :4])
    assert torch.equal(found.masks[:, ::step, ::step], masks)
    assert 0.001 < masks.float().mean() < 0.1
    assert len(labels.unique()) > 10


def test_the_published_names_and_shapes(fixture):
    """Of GenEval's own detector, as mmdet builds it."""
    text = (FIXTURES / "mask2former_swin_s_shapes.json").read_text(encoding="utf-8")
    weights = {
        # Windows are of 7 x 7 tokens there, too.
        name: fixture[0][INDEX] if name.endswith("position_index") else torch.zeros(shape)
        for name, shape in json.loads(text).items()
    }
    network = from_official(weights, swin_small())
    parameters = sum(values.numel() for values in network.parameters())
    assert parameters / 1e6 == pytest.approx(68.7, abs=0.1)


def test_sizes():
    """As mmdet 2 resizes (1333, 800) and pads to multiples of 32, with 128 before normalizing."""
    for shape, size, padded in [
        ((512, 512), (800, 800), (800, 800)),
        ((1000, 1300), (800, 1040), (800, 1056)),
        ((100, 300), (444, 1333), (448, 1344)),
        ((72, 96), (800, 1067), (800, 1088)),
        # Less than half a pixel high.
        ((1, 4000), (1, 1333), (32, 1344)),
    ]:
        image = torch.full((3, *shape), 128, dtype=torch.uint8)
        pixels, found = prepare(image)
        assert found == size
        assert pixels.shape == (1, 3, *padded)
        expected = torch.tensor([(128 - 123.675) / 58.395, (128 - 116.28) / 57.12, 24.47 / 57.375])
        torch.testing.assert_close(pixels.amin((2, 3))[0], expected)
        torch.testing.assert_close(pixels.amax((2, 3))[0], expected)


def test_the_folder_of_transformers(fixture, folder):
    detector = Mask2Former(folder, NoColors(), "cpu")
    assert detector.name.startswith("mask2former, unofficial detector ")
    assert detector.name.endswith(" + none")
    image, _, labels, boxes, _ = fixture[1]["square"]
    (found,) = detector([image])
    assert [detector.threshold(tag) for tag in ("counting", "colors")] == [0.9, 0.3]
    assert set(found.boxes) == {CLASSES[label] for label in labels.tolist()}
    best = CLASSES[labels[0]]
    assert found.boxes[best][0] == pytest.approx(boxes[0].tolist(), abs=1e-4)
    assert all(rows == sorted(rows, key=lambda box: -box[4]) for rows in found.boxes.values())
    # The colours of the best two.
    many = next(name for name, rows in found.boxes.items() if len(rows) > 2)
    assert found.colors(many, 2) == [f"{many} (2, 4) (2, 256, 256)"] * 2
    assert found.colors("no such class", 2) == []


def test_the_official_checkpoint(fixture, tmp_path, monkeypatch):
    monkeypatch.setattr(mask2former, "swin_small", tiny_config)
    path = tmp_path / "mask2former.pth"
    torch.save({"meta": {"epoch": 1, "CLASSES": CLASSES}, "state_dict": fixture[0]}, path)
    detector = Mask2Former(path, NoColors(), "cpu")
    assert detector.name.startswith("mask2former ")
    assert "unofficial" not in detector.name


HEAD = "panoptic_head.cls_embed.weight"
REDUCTION = "backbone.stages.0.downsample.reduction.weight"
INDEX = "backbone.stages.0.blocks.0.attn.w_msa.relative_position_index"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda w: w.pop(HEAD), "lacks what becomes class_predictor.weight"),
        (lambda w: w.update({HEAD: w[HEAD][:80]}), rf"{HEAD}: \[80, 32\] does not fit"),
        (lambda w: w.update({"bbox_head.weight": w[HEAD]}), "bbox_head.weight: not a tensor of"),
        (
            lambda w: w.update({HEAD.replace("cls", "mask") + ".0": w[HEAD]}),
            "mask_embed.weight.0: not a tensor",
        ),
        (
            lambda w: w.update({REDUCTION.replace("0.down", "7.down"): w[REDUCTION]}),
            "stages.7.downsample.reduction.weight: not a tensor",
        ),
        (lambda w: w.update({INDEX: w[INDEX].T}), "relative_position_index: its windows"),
        (lambda w: w.update({HEAD: w[HEAD] / 0}), "class_predictor.weight holds .* not finite"),
    ],
)
def test_other_official_weights_are_refused(fixture, tmp_path, monkeypatch, change, message):
    monkeypatch.setattr(mask2former, "swin_small", tiny_config)
    weights, path = dict(fixture[0]), tmp_path / "mask2former.pth"
    change(weights)
    torch.save({"state_dict": weights}, path)
    with pytest.raises(BadInput, match=f"^{path}: .*{message}"):
        Mask2Former(path, NoColors(), "cpu")


def test_files_that_are_no_weights(tmp_path):
    with pytest.raises(BadInput, match=f"^{tmp_path / 'none.pth'}: no such file$"):
        Mask2Former(tmp_path / "none.pth", NoColors(), "cpu")
    (tmp_path / "other.pth").write_bytes(b"<html>")
    with pytest.raises(BadInput, match=f"^{tmp_path / 'other.pth'}: a web page; download it anew"):
        Mask2Former(tmp_path / "other.pth", NoColors(), "cpu")


def spoil_config(**changes):
    def spoil(folder):
        path = folder / "config.json"
        path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))

    return spoil


def spoil_weights(change):
    def spoil(folder):
        from safetensors.torch import load_file, save_file

        path = folder / "model.safetensors"
        weights = load_file(path)
        change(weights)
        save_file(weights, path, {"format": "pt"})

    return spoil


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda folder: (folder / "config.json").unlink(), "has no config.json"),
        (lambda folder: (folder / "model.safetensors").unlink(), "has no model.safetensors"),
        (lambda folder: (folder / "config.json").write_text("{"), "not a Mask2Former that can"),
        (lambda folder: (folder / "model.safetensors").write_bytes(b"{}"), "not a Mask2Former"),
        (spoil_config(model_type="detr"), "its model_type is 'detr'"),
        (spoil_config(id2label={"0": "cat"}, label2id={"cat": 0}), "has 1 classes, not COCO's 80"),
        (spoil_config(num_queries=11), "not a Mask2Former that can be read"),
        (spoil_weights(lambda w: w.pop("class_predictor.bias")), "1 missing keys .*class_pred"),
        (
            spoil_weights(lambda w: w.update({"head.bias": w["class_predictor.bias"].clone()})),
            "1 unexpected keys in its weights, such as head.bias",
        ),
        (
            spoil_weights(lambda w: w["class_predictor.bias"].fill_(float("nan"))),
            "class_predictor.bias holds values that are not finite",
        ),
    ],
)
def test_other_folders_are_refused(folder, spoil, message):
    spoil(folder)
    with pytest.raises(BadInput, match=f"^{folder}: .*{message}"):
        Mask2Former(folder, NoColors(), "cpu")
