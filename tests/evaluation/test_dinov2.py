"""DINOv2 in small against its formulas, in its real size without memory, and FD-DINOv2's column."""

from __future__ import annotations

import pandas as pd
import pytest
import torch
import torch.nn.functional as F
from timm.models.vision_transformer import vit_large_patch14_dinov2

from bench.__main__ import main
from bench.errors import BadInput
from bench.evaluation.classifier import Classifier
from bench.evaluation.dinov2 import DinoV2Extractor, build_network, resize_positions
from bench.evaluation.extractor import load_extractors
from bench.files.tensors import read_tensors, write_tensors
from bench.metrics import frechet_distance
from tests.evaluation.networks import write_dinov2


@pytest.fixture(scope="module")
def weights(tmp_path_factory):
    path = tmp_path_factory.mktemp("dinov2") / "dinov2.pth"
    write_dinov2(path)
    return path


@pytest.fixture(scope="module")
def images():
    stream = torch.Generator().manual_seed(0)
    return torch.randint(0, 256, (12, 3, 64, 64), generator=stream).byte()


def by_hand(weights, images):
    """The authors' architecture in plain torch, one block after the other."""
    pixels = F.interpolate(images.float(), size=(224, 224), mode="bicubic", antialias=True) / 255
    for channel, (mean, std) in enumerate([(0.485, 0.229), (0.456, 0.224), (0.406, 0.225)]):
        pixels[:, channel] = (pixels[:, channel] - mean) / std

    def linear(name, x):
        return x @ weights[f"{name}.weight"].T + weights[f"{name}.bias"]

    def norm(name, x):
        centred = x - x.mean(-1, keepdim=True)
        scaled = centred / (centred.square().mean(-1, keepdim=True) + 1e-6).sqrt()
        return scaled * weights[f"{name}.weight"] + weights[f"{name}.bias"]

    kernel = weights["patch_embed.proj.weight"]
    tokens = F.conv2d(pixels, kernel, weights["patch_embed.proj.bias"], stride=14)
    tokens = tokens.flatten(2).transpose(1, 2)
    tokens = torch.cat([weights["cls_token"].expand(len(images), 1, -1), tokens], 1)
    tokens = tokens + resize_positions(weights["pos_embed"], 16)
    for block in ("blocks.0", "blocks.1"):
        q, k, v = linear(f"{block}.attn.qkv", norm(f"{block}.norm1", tokens)).chunk(3, -1)
        attention = (q @ k.transpose(1, 2) / q.shape[-1] ** 0.5).softmax(-1)
        out = linear(f"{block}.attn.proj", attention @ v)
        tokens = tokens + weights[f"{block}.ls1.gamma"] * out
        hidden = F.gelu(linear(f"{block}.mlp.fc1", norm(f"{block}.norm2", tokens)))
        tokens = tokens + weights[f"{block}.ls2.gamma"] * linear(f"{block}.mlp.fc2", hidden)
    return norm("norm", tokens)[:, 0]


def test_the_class_token_by_hand(weights, images):
    found = DinoV2Extractor(weights, "cpu")(images[:2])["dinov2"]
    expected = by_hand(torch.load(weights, weights_only=True), images[:2])
    assert found.shape == (2, 64)
    torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-5)
    assert not torch.allclose(found[0], found[1], atol=1e-4)


def test_positions_are_resized_with_the_authors_offset():
    """A linear ramp of 37 positions, sampled at the centres of patches of 37 / 16.1."""
    ramp = torch.arange(37.0)
    grid = ramp.expand(37, 37).reshape(1, -1, 1)
    embedding = torch.cat([torch.full((1, 1, 1), -5.0), grid], 1)
    resized = resize_positions(embedding, 16)
    assert resized.shape == (1, 257, 1)
    assert resized[0, 0] == -5
    centres = (torch.arange(16) + 0.5) * 37 / 16.1 - 0.5
    # Away from the edges, where the kernel reaches no position outside. The kernel bends a ramp by
    # up to 0.05; without the offset the last of these lies 0.2 further on.
    inside = resized[0, 1:, 0].view(16, 16)[8, 1:-1]
    torch.testing.assert_close(inside, centres[1:-1], rtol=0, atol=0.06)
    assert torch.equal(resize_positions(embedding, 37), embedding)


def test_the_real_size():
    """ViT-L/14 without memory; timm's own constructor has the published names and shapes."""
    with torch.device("meta"):
        published = vit_large_patch14_dinov2(num_classes=0, img_size=518).state_dict()
    parameters = sum(values.numel() for values in published.values())
    assert parameters / 1e6 == pytest.approx(304.37, abs=0.01)
    network = build_network({**published, "mask_token": torch.empty(1, 1024, device="meta")})
    assert network(torch.empty(2, 3, 224, 224, device="meta")).shape == (2, 1024)
    assert len(network.blocks) == 24
    assert network.blocks[0].attn.num_heads == 16


@pytest.mark.parametrize(
    "change",
    [
        {"register_tokens": torch.zeros(1, 4, 64)},
        {"blocks.0.mlp.w12.weight": torch.zeros(512, 64)},
        {"pos_embed": torch.zeros(1, 12, 64)},
        {"patch_embed.proj.weight": torch.zeros(64, 1, 14, 14)},
        {"patch_embed.proj.weight": torch.zeros(8, 3, 14, 14)},
        {"patch_embed.proj.weight": torch.zeros(64)},
    ],
)
def test_other_weights_are_refused(weights, tmp_path, change):
    other = tmp_path / "other.pth"
    torch.save({**torch.load(weights, weights_only=True), **change}, other)
    with pytest.raises(BadInput, match=f"{other}: not DINOv2's weights .*download dinov2-vitl14"):
        DinoV2Extractor(other, "cpu")


def test_two_networks_with_features_of_one_name_are_refused(weights, images):
    extractor = load_extractors([weights, weights], "cpu")
    with pytest.raises(BadInput, match=r"more than one of dinov2 \w+ \+ dinov2 \w+ gives dinov2"):
        extractor(images[:1])


def test_the_column(weights, images, tmp_path):
    """From images to a row, by the verbs, beside another network."""
    torch.manual_seed(0)
    architecture = {"in_channels": 3, "num_classes": 10, "width": 16}
    classifier = tmp_path / "classifier.safetensors"
    description = {"kind": "classifier", "architecture": architecture}
    write_tensors(classifier, Classifier(**architecture).state_dict(), description)
    small, features = images[..., :16, :16], {}
    for name, part in (("samples", small[:6]), ("reference", small[6:])):
        header = {"kind": "samples", "seed": 1, "indices": [0, 6]}
        write_tensors(tmp_path / name, {"images": part}, header)
        features[name] = tmp_path / f"{name}.safetensors"
        arguments = ["--samples", tmp_path / name, "--out", features[name], "--device", "cpu"]
        arguments += ["--extractor", classifier, weights]
        assert main(["features", *map(str, arguments)]) == 0
    out = tmp_path / "row.csv"
    arguments = ["--features", features["samples"], "--reference", features["reference"]]
    assert main(["evaluate", *map(str, arguments), "--out", str(out)]) == 0
    (row,) = pd.read_csv(out).to_dict("records")
    found = [read_tensors(path, "features")[0]["dinov2"] for path in features.values()]
    assert row["fd_dinov2"] == pytest.approx(frechet_distance(*found), rel=1e-6)
    assert list(row)[:8] == [
        "samples",
        "fid",
        "sfid",
        "is",
        "precision",
        "recall",
        "kid",
        "fd_dinov2",
    ]
    assert row["evaluator"] == load_extractors([classifier, weights], "cpu").name
    assert [name.split()[0] for name in row["evaluator"].split(" + ")] == ["classifier", "dinov2"]
