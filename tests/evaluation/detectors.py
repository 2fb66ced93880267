"""Small detectors with random weights, and what the official code finds with them."""

from __future__ import annotations

import json

import numpy as np
import torch
from safetensors.torch import load_file

from tests.conftest import FIXTURES

STAGES = ["stage1", "stage2", "stage3", "stage4"]
# A hundredth of the width, and enough layers for one of each kind and a shifted window.
CLIP = {
    "embed_dim": 16,
    "quick_gelu": True,
    "vision_cfg": {"image_size": 28, "layers": 2, "width": 32, "head_width": 16, "patch_size": 14},
    "text_cfg": {
        "context_length": 77,
        "vocab_size": 49408,
        "width": 16,
        "heads": 2,
        "layers": 1,
    },
}


def tiny_config(**changes):
    """The architecture that the fixture's weights are of."""
    from transformers import Mask2FormerConfig, SwinConfig

    swin = SwinConfig(
        embed_dim=8, depths=[2, 2, 2, 2], num_heads=[1, 2, 2, 4], window_size=7, out_features=STAGES
    )
    settings = {
        "feature_size": 32,
        "mask_feature_size": 32,
        "hidden_dim": 32,
        "encoder_feedforward_dim": 48,
        "encoder_layers": 2,
        # The last one is the first prediction, before any layer.
        "decoder_layers": 4,
        "dim_feedforward": 48,
        "num_queries": 10,
        "num_labels": 80,
    }
    return Mask2FormerConfig(backbone_config=swin, **{**settings, **changes})


def official():
    """The weights of mmdet's Mask2Former, and its results for two images by name: the image, and
    its labels, boxes and masks, the best score first. Of the masks, every 8th or 20th pixel."""
    tensors = load_file(FIXTURES / "mask2former_official.safetensors")
    weights = {
        name.removeprefix("weights."): value.float() if value.is_floating_point() else value
        for name, value in tensors.items()
        if name.startswith("weights.")
    }
    results = {}
    for name, width, step in (("square", 32, 8), ("landscape", 100, 20)):
        image = tensors[f"{name}.blocks"].repeat_interleave(width, 1).repeat_interleave(width, 2)
        shape = image[0, ::step, ::step].shape
        boxes, labels = tensors[f"{name}.boxes"], tensors[f"{name}.labels"]
        bits = np.unpackbits(tensors[f"{name}.masks"].numpy())[: len(boxes) * shape.numel()]
        masks = torch.from_numpy(bits).bool().view(-1, *shape)
        order = boxes[:, 4].argsort(descending=True, stable=True)
        results[name] = (image, step, labels[order], boxes[order], masks[order])
    return weights, results


def write_tiny_clip(folder, monkeypatch):
    """The file of a small CLIP, which from now on is what open_clip builds as the large one."""
    import open_clip
    from open_clip import factory

    config = folder / "ViT-L-14-quickgelu.json"
    config.write_text(json.dumps(CLIP))
    known = {**factory._MODEL_CONFIGS, config.stem: CLIP}
    monkeypatch.setattr(factory, "_MODEL_CONFIGS", known)
    torch.manual_seed(0)
    network = open_clip.create_model(config.stem, load_weights=False)
    for parameter in network.parameters():
        if parameter.ndim > 1:
            torch.nn.init.normal_(parameter, std=parameter[0].numel() ** -0.5)
    path = folder / "clip.bin"
    torch.save(network.state_dict(), path)
    return path, network.eval()
