"""Published weights as models of this suite.

Parameter names are the official codes' own. Conventions that differ are settled in the weights,
once: the result is an ordinary model, saved, sampled and counted like those trained here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import torch
from torch import Tensor

from bench.config.model import ModelConfig, model_config
from bench.errors import BadInput
from bench.models.build import build
from bench.models.layers import TimestepEmbedder
from bench.models.load_weights import load_weights
from bench.models.sit import SiT
from bench.parsing import suggest

# The defaults that the four constructors share.
DEFAULTS = {
    "input_size": 32,
    "in_channels": 4,
    "num_classes": 1000,
    "patch_size": 2,
    "hidden_size": 1152,
    "depth": 28,
    "num_heads": 16,
}
# Keys of the constructors that do not change the weights, or whose values the weights show.
WITHOUT_EFFECT = ("class_dropout_prob", "learn_sigma")
POSITIONS = ("pos_embed", "decoder_pos_embed")
# Prefixes that DDP, torch.compile and MaskDiT's preconditioner put before every name.
WRAPPERS = ("module.", "_orig_mod.", "model.")
TABLE = "y_embedder.embedding_table.weight"


def from_official(kind: str, state_dict: Mapping[str, Tensor], **config) -> SiT:
    """The model of a published checkpoint, in evaluation mode, without gradients.

    - "sit" (willisma/SiT): predicts our velocity; where sigma is learnt, its half is dropped.
    - "dit" (facebookresearch/DiT): predicts the noise, see `prediction.EpsilonPrediction`.
    - "tread" (CompVis/tread): its time runs from data to noise and its velocity is noise - data,
      so ours is -theirs(x, 1 - t); ``route=(i, j)``, inclusive.
    - "maskdit" (Anima-Lab/MaskDiT): ``decoder=(width, depth, heads)``; ``precond="edm"`` (the
      default) gives its denoiser as a velocity, see `prediction.EDMPrediction`, and
      ``precond=None`` the network alone. Its null class is the all-zero one-hot.

    Args:
        state_dict: the weights (the EMA's, as a rule), every key as the official code names it,
            wrappers around the network included or not.
        config: the keys of the official constructor; keys that are left out have its defaults
            (XL/2).

    Raises:
        BadInput: an unknown kind or key, or weights that are missing, left over, of another size
            or not finite.
    """
    if kind not in CONVERTERS:
        raise BadInput(f"kind: unknown kind {kind!r}{suggest(kind, CONVERTERS)}")
    settings = {**DEFAULTS, **config}
    for key in WITHOUT_EFFECT:
        settings.pop(key, None)
    architecture, weights = CONVERTERS[kind](settings, _unwrapped(state_dict))
    model = build(architecture)
    _take_positions(model, weights)
    load_weights(model, weights)
    return model


def _sit(settings, weights) -> tuple[ModelConfig, dict]:
    config = model_config(settings)
    return config, _without_sigma(config, weights)


def _dit(settings, weights) -> tuple[ModelConfig, dict]:
    return _sit({**settings, "prediction": "epsilon"}, weights)


def _tread(settings, weights) -> tuple[ModelConfig, dict]:
    config = model_config(settings)
    weights = _without_sigma(config, weights)
    for name in ("final_layer.linear.weight", "final_layer.linear.bias"):
        weights[name] = -_get(weights, name)
    first = "t_embedder.mlp.0.weight"
    weights[first] = _with_time_reversed(_get(weights, first))
    return config, weights


def _maskdit(settings, weights) -> tuple[ModelConfig, dict]:
    precond = settings.pop("precond", "edm")
    if precond not in ("edm", None):
        raise BadInput(f"precond: {precond!r} is neither 'edm' nor None")
    config = model_config({**settings, "prediction": precond or "velocity"})
    # A one-hot label times a matrix [D, K]; the null class, all zeros, is one more row of ours.
    table = _get(weights, TABLE).T
    weights[TABLE] = torch.cat([table, table.new_zeros(1, table.shape[1])])
    return config, weights


CONVERTERS: dict[str, Callable[[dict, dict], tuple[ModelConfig, dict]]] = {
    "sit": _sit,
    "dit": _dit,
    "tread": _tread,
    "maskdit": _maskdit,
}


def _unwrapped(weights):
    while wrapper := next((w for w in WRAPPERS if _all_begin_with(w, weights)), None):
        weights = {name.removeprefix(wrapper): value for name, value in weights.items()}
    return dict(weights)


def _all_begin_with(prefix, names):
    return bool(names) and all(name.startswith(prefix) for name in names)


def _without_sigma(config, weights):
    """The weights of the prediction: the first C of the 2 C channels per pixel."""
    pixels, channels = config.patch_size**2, config.in_channels
    for name in ("final_layer.linear.weight", "final_layer.linear.bias"):
        value = _get(weights, name)
        if len(value) == 2 * pixels * channels:
            halves = value.view(pixels, 2 * channels, *value.shape[1:])
            weights[name] = halves[:, :channels].reshape(-1, *value.shape[1:])
    return weights


def _with_time_reversed(weight):
    """The first layer [D, 256] of a time embedding, for 1 - t instead of t.

    Its inputs are cos(f t) and sin(f t), and those of 1 - t are their rotation by the angle f.
    """
    count = TimestepEmbedder.FREQUENCIES
    exponents = torch.arange(count, dtype=torch.float64) / count
    frequency = 10000.0**-exponents
    of_cos, of_sin = weight.double().split(count, dim=1)
    rotated = torch.cat(
        [
            of_cos * frequency.cos() + of_sin * frequency.sin(),
            of_cos * frequency.sin() - of_sin * frequency.cos(),
        ],
        dim=1,
    )
    return rotated.to(weight.dtype)


def _get(weights, name):
    if name not in weights:
        raise BadInput(f"the weights lack {name}; are they of another kind of model?")
    return weights[name]


def _take_positions(model, weights):
    """Stored positions are the fixed ones that our models compute; they are consumed here."""
    for name in POSITIONS:
        stored = weights.pop(name, None)
        if stored is None:
            continue
        ours = getattr(model, name, None)
        if (
            ours is None
            or stored.shape != ours.shape
            or not torch.allclose(stored, ours, atol=1e-5)
        ):
            raise BadInput(f"{name}: not the sin-cos positions of this architecture")
