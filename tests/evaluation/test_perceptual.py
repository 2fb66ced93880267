"""The perceptual distance: its formula, and the verb over files of samples."""

from __future__ import annotations

import pandas as pd
import pytest
import torch
from lpips import LPIPS

from bench.__main__ import main
from bench.errors import BadInput
from bench.evaluation.classifier import Classifier
from bench.evaluation.lpips import Lpips
from bench.evaluation.perceptual import perceptual_distance
from bench.files.tensors import write_tensors


@pytest.fixture
def images():
    return torch.randint(0, 256, (2, 6, 1, 8, 8), generator=torch.Generator().manual_seed(0)).byte()


@pytest.fixture
def classifier():
    torch.manual_seed(0)
    return Classifier(in_channels=1, num_classes=10, width=16).eval()


def test_by_hand(classifier, images):
    """Position by position in plain Python, of one pair."""
    a, b = images[:, :1]
    expected = 0.0
    with torch.no_grad():
        layers = zip(classifier.layers(a), classifier.layers(b))
        for one, other in ((x[0].relu(), y[0].relu()) for x, y in layers):
            _, height, width = one.shape
            for row in range(height):
                for column in range(width):
                    u, v = one[:, row, column], other[:, row, column]
                    u, v = (w / w.norm() if w.norm() > 0 else w for w in (u, v))
                    expected += float((u - v).square().sum()) / (height * width)
    assert float(perceptual_distance(classifier, a, b)) == pytest.approx(expected, rel=1e-4)
    assert expected > 0.01


def test_a_distance(classifier, images):
    a, b = images
    assert torch.equal(perceptual_distance(classifier, a, a), torch.zeros(6))
    forth, back = perceptual_distance(classifier, a, b), perceptual_distance(classifier, b, a)
    assert torch.allclose(forth, back)
    assert (forth > 0).all()


def test_lpips_is_the_packages_own(alexnet_weights, monkeypatch):
    """With torchvision's weights in its slices; of one image, and of images apart."""
    from torchvision.models import alexnet

    a, b = torch.randint(0, 256, (2, 3, 3, 64, 64), generator=torch.Generator().manual_seed(0))
    found = Lpips(alexnet_weights, "cpu")(a.byte(), b.byte())
    trunk = alexnet(weights=None)
    trunk.load_state_dict(torch.load(alexnet_weights, weights_only=True))
    monkeypatch.setattr("torchvision.models.alexnet", lambda pretrained: trunk)
    with torch.no_grad():
        theirs = LPIPS(net="alex", verbose=False)(a / 127.5 - 1, b / 127.5 - 1).flatten()
    torch.testing.assert_close(found, theirs)
    assert (found > 0).all()
    assert torch.equal(Lpips(alexnet_weights, "cpu")(a.byte(), a.byte()), torch.zeros(3))


def test_other_weights_are_refused(inception_weights):
    with pytest.raises(BadInput, match="of AlexNet; take torchvision's weights"):
        Lpips(inception_weights, "cpu")


def write(path, images, **changes):
    about = {"kind": "samples", "seed": 3, "indices": [4, 10], "checkpoint_sha256": "a"}
    write_tensors(path, {"images": images}, {**about, **changes})
    return path


def measure(samples, unguided, extractor, out):
    arguments = ["--samples", samples, "--unguided", unguided, "--extractor", extractor]
    return main(["distance", *map(str, arguments), "--device", "cpu", "--out", str(out)])


def test_the_verb(images, extractor, tmp_path):
    guided = write(tmp_path / "guided.safetensors", images[0])
    unguided = write(tmp_path / "unguided.safetensors", images[1])
    assert measure(guided, unguided, extractor, tmp_path / "out.csv") == 0
    rows = pd.read_csv(tmp_path / "out.csv")
    assert list(rows["index"]) == list(range(4, 10))
    assert set(rows["seed"]) == {3}
    assert (rows["distance"] > 0).all()


def test_other_seeds_are_refused(images, extractor, tmp_path, capsys):
    guided = write(tmp_path / "guided.safetensors", images[0])
    unguided = write(tmp_path / "unguided.safetensors", images[1], seed=4)
    assert measure(guided, unguided, extractor, tmp_path / "out.csv") == 2
    assert "unguided.safetensors: not the seeds, indices and checkpoint of" in (
        capsys.readouterr().err
    )
    assert not (tmp_path / "out.csv").exists()
