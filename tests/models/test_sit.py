"""The models against the official codes' outputs, and against their own definition."""

from __future__ import annotations

import ast

import pytest
import torch
from safetensors import safe_open

from bench.config.model import model_config
from bench.config.spans import kept_tokens
from bench.models import build
from tests.conftest import ARCHITECTURES, FIXTURES, TINY, random_model


def official(name, **more):
    """The fixture's tensors, and our model of its architecture (weights not loaded)."""
    with safe_open(FIXTURES / f"{name}_official.safetensors", "pt") as file:
        tensors = {key: file.get_tensor(key) for key in file.keys()}  # noqa: SIM118
        config = ast.literal_eval(file.metadata()["config"])
    weights = {key[8:]: value for key, value in tensors.items() if key.startswith("weights.")}
    return tensors, weights, build({**config, **more}).eval()


@torch.inference_mode()
@pytest.mark.parametrize(("output", "routed"), [("v_dense", False), ("v_routed", True)])
def test_routing_is_the_official_tread(output, routed):
    tensors, weights, model = official("tread", route=[1, 2])
    torch.testing.assert_close(weights.pop("pos_embed"), model.pos_embed)
    model.load_state_dict(weights)
    keep = tensors["input.ids_keep"] if routed else None
    velocity = model(tensors["input.x"], tensors["input.t"], tensors["input.y"], keep)
    torch.testing.assert_close(velocity, tensors[f"output.{output}"], atol=1e-5, rtol=0)


@torch.inference_mode()
@pytest.mark.parametrize(("output", "masked"), [("dense", False), ("masked", True)])
def test_masking_is_the_official_maskdit(output, masked):
    tensors, weights, model = official("maskdit", decoder=[32, 2, 4])
    torch.testing.assert_close(weights.pop("pos_embed"), model.pos_embed)
    torch.testing.assert_close(weights.pop("decoder_pos_embed"), model.decoder_pos_embed)
    # MaskDiT multiplies a one-hot label, all zeros for the null class, with a matrix.
    table = weights["y_embedder.embedding_table.weight"].T
    null = torch.zeros(1, table.shape[1])
    weights["y_embedder.embedding_table.weight"] = torch.cat([table, null])
    model.load_state_dict(weights)
    onehot = tensors["input.y_onehot"]
    y = torch.where(onehot.sum(1) > 0, onehot.argmax(1), onehot.shape[1])
    keep = tensors["input.ids_keep"] if masked else None
    out = model(tensors["input.x"], tensors["input.t"], y, keep)
    torch.testing.assert_close(out, tensors[f"output.{output}"], atol=1e-5, rtol=0)


def inputs(batch=3):
    stream = torch.Generator().manual_seed(0)
    x = torch.randn(batch, 1, 8, 8, generator=stream)
    return x, torch.linspace(0, 1, batch), torch.arange(batch)


def keep(batch=3, count=5):
    stream = torch.Generator().manual_seed(1)
    return torch.stack([torch.randperm(16, generator=stream)[:count] for _ in range(batch)])


@pytest.mark.parametrize("kind", ["routed", "masked"])
class TestSparse:
    def test_keeping_all_is_dense(self, kind):
        model = random_model(kind)
        everything = torch.stack([torch.randperm(16) for _ in range(3)])
        torch.testing.assert_close(model(*inputs(), everything), model(*inputs()))

    def test_order_of_the_indices_is_irrelevant(self, kind):
        model = random_model(kind)
        torch.testing.assert_close(model(*inputs(), keep().flip(1)), model(*inputs(), keep()))

    def test_sparse_is_not_dense(self, kind):
        model = random_model(kind)
        assert (model(*inputs(), keep()) - model(*inputs())).abs().max() > 1e-2

    def test_the_middle_sees_the_kept_tokens_alone(self, kind):
        """Forward hooks count the tokens that each block processes."""
        model = random_model(kind)
        seen = []
        for block in model.blocks:
            block.register_forward_pre_hook(lambda _, args: seen.append(args[0].shape[1]))
        model(*inputs(), keep(count=5))
        assert seen == ([16, 5, 5, 16] if kind == "routed" else [5, 5, 5, 5])


@torch.inference_mode()
def test_skipped_tokens_pass_the_route_unchanged():
    model = random_model("routed")
    tokens, conditioning = model.prefix(*inputs())
    entered = []
    model.blocks[3].register_forward_pre_hook(lambda _, args: entered.append(args[0]))
    model.suffix(tokens, conditioning, keep())
    skipped = torch.ones(3, 16, dtype=torch.bool).scatter(1, keep(), False)
    assert torch.equal(entered[0][skipped], tokens[skipped])
    assert (entered[0][~skipped] - tokens[~skipped]).abs().min() > 0


@torch.inference_mode()
def test_a_masked_model_ignores_what_it_drops():
    model = random_model("masked")
    x, t, y = inputs()
    hidden = model.patchify(x).clone()
    dropped = torch.ones(3, 16, dtype=torch.bool).scatter(1, keep(), False)
    hidden[dropped] = 7.0
    torch.testing.assert_close(
        model(model.unpatchify(hidden), t, y, keep()), model(x, t, y, keep())
    )


def test_a_dense_model_cannot_drop_tokens():
    with pytest.raises(ValueError, match="processes every token"):
        random_model("dense")(*inputs(), keep())


def test_patches_there_and_back():
    model = build({**TINY, "in_channels": 3})
    images = torch.randn(2, 3, 8, 8)
    assert torch.equal(model.unpatchify(model.patchify(images)), images)
    assert torch.equal(model.patchify(images)[0, 1].view(2, 2, 3)[..., 0], images[0, 0, :2, 2:4])


@torch.inference_mode()
@pytest.mark.parametrize("kind", ["dense", "routed", "masked"])
def test_adaln_zero_starts_at_velocity_zero(kind):
    config = {**TINY, **({"route": [1, 2]} if kind == "routed" else {})}
    config |= {"decoder": [8, 1, 2]} if kind == "masked" else {}
    assert build(config)(*inputs()).abs().max() == 0


@torch.inference_mode()
@pytest.mark.parametrize("kind", ["dense", "routed", "masked"])
def test_adaln_zero_starts_with_blocks_that_change_nothing(kind):
    model = build(ARCHITECTURES[kind])
    for span in model.spans:
        tokens, conditioning = torch.randn(3, 16, span.width), torch.randn(3, 16)
        for index in range(span.first, span.last + 1):
            assert torch.equal(model.block(index)(tokens, conditioning), tokens)


@pytest.mark.parametrize(
    ("tokens", "gamma", "kept"),
    [(256, 0.5, 128), (256, 0.9, 26), (16, 0.9, 2), (256, 0.0, 256), (10, 0.29, 8), (4, 0.99, 1)],
)
def test_kept_tokens(tokens, gamma, kept):
    assert kept_tokens(tokens, gamma) == kept


def test_sizes_by_name():
    config = model_config(
        {"size": "SiT-XL/2", "input_size": 32, "in_channels": 4, "num_classes": 1000}
    )
    assert (config.depth, config.hidden_size, config.num_heads) == (28, 1152, 16)
    assert config.tokens == 256
    with torch.device("meta"):
        model = build(config)
    # Without the null half of learn_sigma; SiT's paper says 675 M.
    assert sum(p.numel() for p in model.parameters()) == pytest.approx(675e6, rel=0.001)
