"""The text-to-image model against its own definition."""

from __future__ import annotations

import dataclasses
import math

import pytest
import torch
from torch import nn

from bench.config.model import model_config
from bench.errors import BadInput
from bench.models import build
from bench.models.checkpoints import load_checkpoint, save_checkpoint
from tests.conftest import PROMPTED, prompts, random_model

ABOUT = {"step": 3, "iterations": 3, "run": "prompted", "dataset": "shapes"}


def inputs(batch=3):
    x = torch.randn(batch, 1, 8, 8, generator=torch.Generator().manual_seed(0))
    return x, torch.linspace(0, 0.9, batch), prompts()[:batch]


def keep(batch=3, count=5):
    stream = torch.Generator().manual_seed(1)
    return torch.stack([torch.randperm(16, generator=stream)[:count] for _ in range(batch)])


@pytest.fixture(scope="module")
def model():
    return random_model("prompted")


def test_the_papers_model_has_the_papers_size():
    config = model_config({"size": "TR-DiT-2.5B", "input_size": 64, "in_channels": 4})
    assert (config.hidden_size, config.num_heads, config.depth) == (2048, 16, 34)
    assert config.tokens == 1024
    assert [(s.first, s.last, s.tokens) for s in config.spans] == [
        (0, 1, "all"),
        (2, 30, "kept"),
        (31, 33, "all"),
    ]
    with torch.device("meta"):
        model = build(config)
    assert 2.4e9 <= sum(p.numel() for p in model.parameters()) <= 2.6e9


def test_blocks_have_no_biases(model):
    for part in (*model.blocks.modules(), *model.text_layers.modules()):
        assert not isinstance(part, nn.Linear) or part.bias is None


@torch.inference_mode()
def test_it_starts_with_blocks_that_change_nothing_and_an_output_of_zero():
    model = build(PROMPTED)
    tokens, conditioning = model.prefix(*inputs())
    tokens = torch.randn_like(tokens)
    for index in range(4):
        assert torch.equal(model.block(index)(tokens, conditioning), tokens)
    assert model(*inputs()).abs().max() == 0


def test_keeping_all_is_dense(model):
    everything = torch.stack([torch.randperm(16) for _ in range(3)])
    torch.testing.assert_close(model(*inputs(), everything), model(*inputs()))
    assert (model(*inputs(), keep()) - model(*inputs())).abs().max() > 1e-2


def test_positions_travel_with_their_tokens(model):
    """In whatever order the indices of the kept tokens are given."""
    torch.testing.assert_close(model(*inputs(), keep().flip(1)), model(*inputs(), keep()))


@torch.inference_mode()
def test_learned_positions_are_added_to_the_patches(model):
    """Equal patches are equal tokens without them; models without them have no such weights."""
    x, *others = torch.ones(1, 1, 8, 8), torch.zeros(1), prompts()[:1]
    plain = build(PROMPTED | {"learned_positions": False})
    assert model.state_dict().keys() - plain.state_dict().keys() == {"positions"}
    plain.load_state_dict(model.state_dict(), strict=False)
    tokens = plain.embed(x, *others)[0]
    assert torch.equal(tokens, tokens[:, :1].expand_as(tokens))
    torch.testing.assert_close(model.embed(x, *others)[0], tokens + model.positions)


def test_learned_positions_begin_as_sines_and_cosines():
    """Column 3 and row 2 of 4 x 4 patches, by hand, at the highest of the frequencies."""
    positions, width = build(PROMPTED).positions, PROMPTED["hidden_size"]
    quarters = positions[2 * 4 + 3].view(4, width // 4)[:, 0].tolist()
    by_hand = [math.sin(3), math.cos(3), math.sin(2), math.cos(2)]
    assert quarters == pytest.approx(by_hand, abs=1e-6)
    assert positions.requires_grad


@torch.inference_mode()
def test_a_block_on_the_route_is_the_block_on_the_kept_tokens_at_their_places(model):
    """Tokens that are left out are as if the block's attention did not see them."""
    tokens, conditioning = model.prefix(*inputs())
    kept = tokens.gather(1, keep().unsqueeze(2).expand(-1, -1, tokens.shape[2]))
    found = model.blocks[1](kept, model.kept_conditioning(conditioning, keep()))
    seen = torch.zeros(3, 16, dtype=torch.bool).scatter(1, keep(), True)
    for sample in range(3):
        alone = conditioning[[sample]]
        order = seen[sample].nonzero()[:, 0]
        rotation = alone.rotation[:, order]
        expected = model.blocks[1](
            tokens[sample : sample + 1, order], dataclasses.replace(alone, rotation=rotation)
        )
        torch.testing.assert_close(found[sample, keep()[sample].argsort()], expected[0])


def test_the_middle_sees_the_kept_tokens_alone():
    model, seen = random_model("prompted"), []
    for block in model.blocks:
        block.register_forward_pre_hook(lambda _, args: seen.append(args[0].shape[1]))
    model(*inputs(), keep(count=5))
    assert seen == [16, 5, 5, 16]


def test_skipped_tokens_pass_the_route_unchanged():
    model, entered = random_model("prompted"), []
    tokens, conditioning = model.prefix(*inputs())
    model.blocks[3].register_forward_pre_hook(lambda _, args: entered.append(args[0]))
    model.suffix(tokens, conditioning, keep())
    skipped = torch.ones(3, 16, dtype=torch.bool).scatter(1, keep(), False)
    assert torch.equal(entered[0][skipped], tokens[skipped])
    assert (entered[0][~skipped] - tokens[~skipped]).abs().min() > 0


def test_padding_is_not_seen(model):
    x, t, prompt = inputs(10)
    assert not prompt.mask.all()
    noisy = torch.where(prompt.mask.unsqueeze(2), prompt.states, 7.0)
    other = dataclasses.replace(prompt, states=noisy)
    torch.testing.assert_close(model(x, t, other), model(x, t, prompt))


def test_every_token_of_a_prompt_counts(model):
    x, t, prompt = inputs(10)
    velocity = model(x, t, prompt)
    for token in range(5):
        states = prompt.states.clone()
        states[:, token] += 1
        change = (model(x, t, dataclasses.replace(prompt, states=states)) - velocity).abs()
        moved = change.flatten(1).amax(1) > 1e-3
        assert torch.equal(moved, prompt.mask[:, token])


def test_the_order_of_a_prompts_tokens_counts(model):
    x, t, prompt = inputs(10)
    prompt = dataclasses.replace(prompt, mask=torch.ones_like(prompt.mask))
    turned = dataclasses.replace(prompt, states=prompt.states.flip(1))
    assert (model(x, t, turned) - model(x, t, prompt)).abs().max() > 1e-5


def test_the_empty_prompt_is_kept_with_the_weights(tmp_path, model):
    empty = prompts(count=11)[10:]
    path = tmp_path / "model.safetensors"
    save_checkpoint(path, model, dict(model.named_parameters()), ABOUT)
    loaded = load_checkpoint(path).model
    null = loaded.null_condition(4)
    assert loaded.config == model.config
    assert torch.equal(null.states, empty.states.expand(4, -1, -1))
    assert torch.equal(null.mask, empty.mask.expand(4, -1))
    torch.testing.assert_close(model(*inputs()[:2], null[:3]), model(*inputs()[:2], empty[[0] * 3]))


def test_states_of_another_size_are_refused():
    model = build({**PROMPTED, "text_length": 4})
    with pytest.raises(BadInput, match=r"takes \[4, 6\], but the text states have \[5, 6\]"):
        model.keep_null(prompts(1))


def test_bf16_is_near_fp32(model):
    with torch.autocast("cpu", torch.bfloat16):
        tokens, conditioning = model.prefix(*inputs())
        low = model(*inputs(), keep())
    assert tokens.dtype == conditioning.modulation.dtype == torch.float32
    assert 0 < (low - model(*inputs(), keep())).abs().max() < 0.1


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"hidden_size": 20}, "hidden_size: 20 is not a multiple of 4 x 2 heads"),
        ({"patch_size": 3}, "patch_size: 3 does not divide the input size 8"),
        ({"route": [2, 4]}, r"route: \[2, 4\] is outside the depth 4"),
        ({"text_length": 0}, "text_length: 0 is not positive"),
        ({"num_classes": 10}, "num_classes: unknown key"),
        ({"kind": "tr_dat"}, "kind: unknown kind 'tr_dat', did you mean .tr_dit."),
    ],
)
def test_what_does_not_fit_is_refused(change, message):
    with pytest.raises(BadInput, match=message):
        model_config({**PROMPTED, **change})
