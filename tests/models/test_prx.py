"""PRX is diffusers' own, with a route."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
import torch
from diffusers import PRXTransformer2DModel
from torch.utils.flop_counter import FlopCounterMode

from bench import guidance
from bench.config.model import model_config
from bench.config.sampling import SamplingConfig
from bench.cost import model_macs
from bench.data.prompts import Prompts
from bench.errors import BadInput
from bench.models import build
from bench.models.published_prx import from_diffusers
from bench.sampling.sampler import integrate
from bench.sampling.subsets import fixed_count
from tests.models.prx_folders import OURS, random_prompts, write_prx


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return write_prx(tmp_path_factory.mktemp("prx"))


@pytest.fixture(scope="module")
def network(folder):
    return PRXTransformer2DModel.from_pretrained(folder).eval().requires_grad_(False)


@pytest.fixture(scope="module")
def model(folder):
    return from_diffusers(folder, **OURS)


def inputs(batch=3):
    x = torch.randn(batch, 6, 8, 8, generator=torch.Generator().manual_seed(0))
    return x, torch.linspace(0, 0.9, batch), random_prompts(batch)


def keep(batch=3, count=5):
    return fixed_count(16, 1 - count / 16, [torch.Generator().manual_seed(i) for i in range(batch)])


def test_the_velocity_is_theirs_at_the_reversed_time_with_the_other_sign(model, network):
    x, t, prompts = inputs()
    theirs = network(x, 1 - t, prompts.states.float(), prompts.mask).sample
    assert torch.equal(model(x, t, prompts), -theirs)
    assert theirs.abs().mean() > 0.1


def test_the_published_model_has_the_size_that_its_authors_state():
    config = model_config({"size": "PRX/2", "input_size": 64, "in_channels": 16})
    with torch.device("meta"):
        ours, theirs = build(config), PRXTransformer2DModel()
    expected = {name: value.shape for name, value in theirs.state_dict().items()}
    assert {name: value.shape for name, value in ours.named_parameters()} == expected
    assert 1.1e9 < sum(shape.numel() for shape in expected.values()) < 1.35e9


def test_keeping_all_is_dense(model):
    everything = torch.stack([torch.randperm(16) for _ in range(3)])
    torch.testing.assert_close(model(*inputs(), everything), model(*inputs()))
    assert (model(*inputs(), keep()) - model(*inputs())).abs().max() > 1e-2


def test_positions_travel_with_their_tokens(model):
    """In whatever order the indices of the kept tokens are given."""
    torch.testing.assert_close(model(*inputs(), keep().flip(1)), model(*inputs(), keep()))


def arguments_of_blocks(network, x, t, prompts):
    """What diffusers' network gives its blocks, the tokens of the first one included."""
    seen = {}
    hook = network.blocks[0].register_forward_pre_hook(
        lambda _, args, kwargs: seen.update(kwargs), with_kwargs=True
    )
    network(x, 1 - t, prompts.states.float(), prompts.mask)
    hook.remove()
    return seen.pop("hidden_states"), seen.pop("image_rotary_emb"), seen


def test_a_route_is_their_blocks_on_the_kept_tokens(model, network):
    """Led by hand along the route; the other tokens come back as they were."""
    x, t, prompts = inputs(1)
    chosen = keep(1)[0]
    tokens, positions, others = arguments_of_blocks(network, x, t, prompts)
    first, *route, last = network.blocks
    tokens = first(tokens, image_rotary_emb=positions, **others)
    kept = tokens[:, chosen]
    for block in route:
        kept = block(kept, image_rotary_emb=positions[:, :, chosen], **others)
    tokens = tokens.index_copy(1, chosen, kept)
    tokens = last(tokens, image_rotary_emb=positions, **others)
    expected = model.unpatchify(network.final_layer(tokens, others["temb"]))
    torch.testing.assert_close(model(x, t, prompts, keep(1)), -expected, atol=1e-3, rtol=0)


def test_a_sample_is_the_same_in_any_batch(model):
    spec = {"method": "sparse_guidance", "omega": 1.5, "gamma_strong": 0.2, "gamma_weak": 0.7}
    prompts = random_prompts(4)

    def sampled(*indices):
        given = SimpleNamespace(given=lambda rows, streams: prompts[rows])
        settings = SamplingConfig(steps=3)
        return integrate({"main": model}, guidance.build(spec), settings, given, 0, [*indices])[0]

    assert torch.equal(sampled(2)[0], sampled(0, 2, 3)[1])


def test_bf16_is_near_fp32(model):
    with torch.autocast("cpu", torch.bfloat16):
        tokens, conditioning = model.prefix(*inputs())
        low = model(*inputs(), keep())
    assert tokens.dtype == conditioning.modulation.dtype == torch.float32
    exact = model(*inputs(), keep())
    assert 0 < (low - exact).abs().max() < 0.1 * exact.abs().max()


@pytest.mark.parametrize("gamma", [0.0, 0.1, 0.8])
def test_torch_counts_the_same_macs(gamma):
    latents = {"input_size": 64, "in_channels": 16}
    config = model_config({"size": "PRX/2", **latents, "depth": 4, "route": [1, 2]})
    with torch.device("meta"):
        model = build(config)
        x, t = torch.randn(1, 16, 64, 64), torch.rand(1)
        mask = torch.ones(1, 256, dtype=torch.bool)
        prompt = Prompts(torch.zeros(1, 256, 2304), mask, torch.zeros(1).long())
    kept = fixed_count(1024, gamma, [torch.Generator()]).to("meta") if gamma else None
    with FlopCounterMode(display=False) as counter:
        model(x, t, prompt, kept)
    assert counter.get_total_flops() == 2 * model_macs(config, gamma).total


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"axes_dim": [4, 4]}, r"axes_dim: \[4, 4\] are not the channels of a head; 28 heads"),
        ({"axes_dim": [31, 33]}, r"axes_dim: \[31, 33\] are not even, positive numbers"),
        ({"route": [2, 16]}, r"route: \[2, 16\] is outside the depth 16"),
        ({"mlp_ratio": 0}, "mlp_ratio: 0.0 is not positive"),
        ({"prediction": "velocity"}, "prediction: unknown value 'velocity'"),
    ],
)
def test_what_does_not_fit_is_refused(change, message):
    with pytest.raises(BadInput, match=message):
        model_config({"size": "PRX/2", "input_size": 64, "in_channels": 16, **change})
