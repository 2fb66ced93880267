"""GenEval's detector, a Mask2Former of mmdet 2, as a network of transformers.

Both are the Mask2Former of arXiv 2112.01527 on a Swin transformer. They differ in the names of
their weights, in which projections are one matrix, and in the order in which Swin's four
neighbouring tokens are merged.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from bench.errors import BadInput

if TYPE_CHECKING:
    from transformers import Mask2FormerConfig, Mask2FormerForUniversalSegmentation

ENCODER = "model.pixel_level_module.encoder."
PIXELS = "model.pixel_level_module.decoder."
QUERIES = "model.transformer_module."
# Official prefixes and ours, and under each the rest of the official names and of ours. A star is a
# number; three projections that are one matrix there are [qkv] here; what follows (".weight") is
# the same.
NAMES = {
    ("backbone.", ENCODER): {
        "patch_embed.projection": "swin.embeddings.patch_embeddings.projection",
        "patch_embed.norm": "swin.embeddings.norm",
        "stages.*.downsample": "swin.encoder.layers.*.downsample",
        "norm0": "hidden_states_norms.stage1",
        "norm1": "hidden_states_norms.stage2",
        "norm2": "hidden_states_norms.stage3",
        "norm3": "hidden_states_norms.stage4",
    },
    ("backbone.stages.*.blocks.*.", f"{ENCODER}swin.encoder.layers.*.blocks.*."): {
        "norm1": "layernorm_before",
        "attn.w_msa.relative_position_bias_table": (
            "attention.relative_position_bias.relative_position_bias_table"
        ),
        "attn.w_msa.relative_position_index": (
            "attention.relative_position_bias.relative_position_index"
        ),
        "attn.w_msa.qkv": "attention.[qkv]_proj",
        "attn.w_msa.proj": "attention.o_proj",
        "norm2": "layernorm_after",
        "ffn.layers.0.0": "mlp.fc1",
        "ffn.layers.1": "mlp.fc2",
    },
    ("panoptic_head.pixel_decoder.", PIXELS): {
        "input_convs.*.conv": "input_projections.*.0",
        "input_convs.*.gn": "input_projections.*.1",
        "level_encoding.weight": "level_embed",
        "lateral_convs.0.conv": "adapter_1.0",
        "lateral_convs.0.gn": "adapter_1.1",
        "output_convs.0.conv": "layer_1.0",
        "output_convs.0.gn": "layer_1.1",
        "mask_feature": "mask_projection",
    },
    ("panoptic_head.pixel_decoder.encoder.layers.*.", f"{PIXELS}encoder.layers.*."): {
        "attentions.0": "self_attn",
        "norms.0": "self_attn_layer_norm",
        "ffns.0.layers.0.0": "fc1",
        "ffns.0.layers.1": "fc2",
        "norms.1": "final_layer_norm",
    },
    ("panoptic_head.", QUERIES): {
        "query_embed": "queries_embedder",
        "query_feat": "queries_features",
        "level_embed": "level_embed",
        "transformer_decoder.post_norm": "decoder.layernorm",
        "mask_embed.0": "decoder.mask_predictor.mask_embedder.0.0",
        "mask_embed.2": "decoder.mask_predictor.mask_embedder.1.0",
        "mask_embed.4": "decoder.mask_predictor.mask_embedder.2.0",
    },
    ("panoptic_head.", ""): {"cls_embed": "class_predictor"},
    ("panoptic_head.transformer_decoder.layers.*.", f"{QUERIES}decoder.layers.*."): {
        "attentions.0.attn": "cross_attn",
        "norms.0": "cross_attn_layer_norm",
        "attentions.1.attn.in_proj_weight": "self_attn.[qkv]_proj.weight",
        "attentions.1.attn.in_proj_bias": "self_attn.[qkv]_proj.bias",
        "attentions.1.attn.out_proj": "self_attn.out_proj",
        "norms.1": "self_attn_layer_norm",
        "ffns.0.layers.0.0": "fc1",
        "ffns.0.layers.1": "fc2",
        "norms.2": "final_layer_norm",
    },
}
# Ours alone, and without effect on what is detected: a norm whose output nothing reads, and the
# weights of the classes in the loss.
WITHOUT_EFFECT = (f"{ENCODER}swin.layernorm.", "criterion.")


def swin_small() -> Mask2FormerConfig:
    """The architecture of GenEval's detector: Swin-S, 100 queries, COCO's 80 classes."""
    from transformers import Mask2FormerConfig, SwinConfig

    swin = SwinConfig(
        embed_dim=96,
        depths=[2, 2, 18, 2],
        num_heads=[3, 6, 12, 24],
        window_size=7,
        out_features=["stage1", "stage2", "stage3", "stage4"],
    )
    return Mask2FormerConfig(backbone_config=swin, num_labels=80)


def from_official(
    weights: Mapping[str, Tensor], config: Mask2FormerConfig
) -> Mask2FormerForUniversalSegmentation:
    """The network of an official checkpoint, in evaluation mode, without gradients.

    Args:
        weights: its ``state_dict``; every tensor is used once.

    Raises:
        BadInput: weights that are missing, left over, or of another shape.
    """
    from transformers import Mask2FormerForUniversalSegmentation

    network = Mask2FormerForUniversalSegmentation(config)
    expected = {
        name: value
        for name, value in network.state_dict().items()
        if not name.startswith(WITHOUT_EFFECT)
    }
    # Computed, not learnt, and so not in the state; the checkpoint's are to be the same.
    indices = {name: value for name, value in network.named_buffers() if name not in expected}
    found = {}
    for official, tensor in weights.items():
        for name, value in _converted(official, tensor):
            target = indices if name in indices else expected
            if name not in target or name in found:
                raise BadInput(f"{official}: not a tensor of this Mask2Former")
            if name in indices:
                value = value.flatten()
            if value.shape != target[name].shape:
                raise BadInput(
                    f"{official}: {list(tensor.shape)} does not fit {name}, which is "
                    f"{list(target[name].shape)}; is it a Mask2Former on Swin-S?"
                )
            found[name] = value
    missing = [name for name in expected if name not in found]
    if missing:
        raise BadInput(f"lacks what becomes {missing[0]} ({len(missing)} tensors are missing)")
    _check_indices(found, indices)
    learnt = {name: value for name, value in found.items() if name in expected}
    network.load_state_dict(learnt, strict=False)
    return network.eval().requires_grad_(False)


def _converted(official: str, tensor: Tensor) -> Iterator[tuple[str, Tensor]]:
    """The tensors by our names that an official one becomes: one, or three."""
    name = _our_name(official)
    if "[qkv]" in name:
        for letter, part in zip("qkv", tensor.chunk(3)):
            yield name.replace("[qkv]", letter), part
    elif "downsample" in name:
        yield name, _merged_in_our_order(tensor)
    else:
        yield name, tensor


def _our_name(official):
    for (there, here), names in NAMES.items():
        for their_rest, our_rest in names.items():
            pattern = re.escape(there + their_rest).replace(r"\*", r"(\d+)")
            match = re.fullmatch(rf"{pattern}((?:\..+|_weight|_bias)?)", official)
            if match:
                *numbers, tail = match.groups()
                ours = (here + our_rest).replace("*", "{}").format(*numbers)
                return ours + tail
    raise BadInput(f"{official}: not a tensor of mmdet's Mask2Former on Swin")


def _merged_in_our_order(tensor):
    """A norm [4 C] or a reduction [D, 4 C] of Swin's merging of 2 x 2 tokens.

    mmdet lays the four out by channel, then by row, then by column (torch's ``unfold``); Swin's
    authors and transformers by column, then by row, then by channel.
    """
    parts = tensor.unflatten(-1, (-1, 2, 2))
    return parts.transpose(-1, -2).movedim(-3, -1).flatten(-3)


def _check_indices(found, indices):
    for name, value in indices.items():
        if name in found and not torch.equal(found[name], value):
            raise BadInput(f"{name}: its windows are numbered in another order")
