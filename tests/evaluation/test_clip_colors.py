"""GenEval's classifier of colours, on random weights."""

from __future__ import annotations

import numpy as np
import pytest
import torch

pytest.importorskip("open_clip")

from bench.data.geneval import COLORS
from bench.errors import BadInput
from bench.evaluation.clip_colors import ARCHITECTURE, ClipColors, cut_out
from tests.evaluation.detectors import write_tiny_clip


@pytest.fixture
def clip(tmp_path, monkeypatch):
    """The file of a small CLIP, and its network."""
    return write_tiny_clip(tmp_path, monkeypatch)


@pytest.fixture
def objects():
    """An image, boxes and masks of three objects; the masks are ragged."""
    stream = torch.Generator().manual_seed(0)
    image = torch.randint(0, 256, (3, 60, 80), generator=stream).byte()
    boxes = torch.tensor([[3.0, 5, 33, 50], [40.4, 10.6, 79.5, 59.5], [0, 0, 80, 60]])
    masks = torch.rand(3, 60, 80, generator=stream) < 0.7
    return image, boxes, masks


def test_the_real_network_is_openais():
    """Its names and size, and the GELU that it was trained with; open_clip's ViT-L-14 has
    another."""
    import open_clip

    with torch.device("meta"):
        network = open_clip.create_model(ARCHITECTURE, load_weights=False, device="meta")
    parameters = sum(values.numel() for values in network.parameters())
    assert parameters / 1e6 == pytest.approx(427.6, abs=0.1)
    for tower in (network.visual.transformer, network.transformer):
        assert {type(block.mlp.gelu).__name__ for block in tower.resblocks} == {"QuickGELU"}


def test_objects_alone_on_grey(objects):
    image, boxes, masks = objects
    crops = cut_out(image, boxes, masks)
    assert [crop.size for crop in crops] == [(30, 45), (40, 49), (80, 60)]
    first = torch.from_numpy(np.array(crops[0])).permute(2, 0, 1)
    inside = masks[0, 5:50, 3:33]
    assert torch.equal(first[:, inside], image[:, 5:50, 3:33][:, inside])
    assert (first[:, ~inside] == 0x99).all()


def test_the_nearest_text(clip, objects):
    """Embeddings of three templates a colour, normalized, averaged and normalized, by hand."""
    import open_clip

    path, network = clip
    found = ClipColors(path, "cpu")(*objects, "tv remote")
    tokenize, transform = open_clip.get_tokenizer("ViT-L-14"), open_clip.image_transform(28, False)
    means = []
    with torch.inference_mode():
        for color in COLORS:
            texts = [
                f"a photo of a {color} tv remote",
                f"a photo of a {color}-colored tv remote",
                f"a photo of a {color} object",
            ]
            embedded = [network.encode_text(tokenize([text]))[0] for text in texts]
            mean = sum(vector / vector.norm() for vector in embedded) / 3
            means.append(mean / mean.norm())
        expected = []
        for crop in cut_out(*objects):
            (vector,) = network.encode_image(transform(crop)[None])
            similarities = [float(vector @ mean) for mean in means]
            expected.append(COLORS[max(range(10), key=similarities.__getitem__)])
    assert found == expected


def test_objects_do_not_depend_on_each_other(clip, objects):
    image, boxes, masks = objects
    colors = ClipColors(clip[0], "cpu")
    many = [index % 3 for index in range(35)]
    together = colors(image, boxes[many], masks[many], "cup")
    alone = [colors(image, boxes[i : i + 1], masks[i : i + 1], "cup")[0] for i in range(3)]
    assert together == [alone[index] for index in many]


def test_other_weights_are_refused(clip, tmp_path):
    weights = clip[1].state_dict()
    weights.pop("logit_scale")
    other = tmp_path / "other.bin"
    torch.save(weights, other)
    with pytest.raises(BadInput, match=f"^{other}: not the weights of .*logit_scale.*clip-vit-l14"):
        ClipColors(other, "cpu")
    torch.save(clip[1].state_dict() | {"text_projection": torch.full((16, 16), torch.nan)}, other)
    with pytest.raises(BadInput, match=f"^{other}: text_projection holds values that are not fin"):
        ClipColors(other, "cpu")
    with pytest.raises(BadInput, match="no such file"):
        ClipColors(tmp_path / "none", "cpu")
