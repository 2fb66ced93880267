"""The autoencoder is diffusers' own, with the scaling that models see."""

from __future__ import annotations

import pytest
import torch
from diffusers import AutoencoderKL
from safetensors.torch import load_file, save_file

from bench.data.pixels import from_uint8
from bench.errors import BadInput
from bench.models import autoencoder
from bench.models.autoencoder import Autoencoder
from tests.models.autoencoders import write_autoencoder


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return write_autoencoder(tmp_path_factory.mktemp("autoencoder"))


@pytest.fixture(scope="module")
def images():
    return torch.randint(0, 256, (2, 3, 64, 64), generator=torch.Generator().manual_seed(0)).to(
        torch.uint8
    )


def test_encode_gives_the_posterior(folder, images):
    moments = Autoencoder(folder, "cpu").encode(images)
    assert moments.shape == (2, 8, 8, 8)
    theirs = AutoencoderKL.from_pretrained(folder).encode(from_uint8(images)).latent_dist
    assert torch.allclose(moments[:, :4], theirs.mean, atol=1e-5)
    assert torch.allclose(moments[:, 4:], theirs.logvar, atol=1e-5)


def test_decode_undoes_the_scaling(folder, monkeypatch):
    # Two parts, the second not full.
    monkeypatch.setattr(autoencoder, "BATCH", 2)
    ours = Autoencoder(folder, "cpu")
    assert ours.scaling_factor == 0.18215
    latents = torch.randn(3, 4, 8, 8, generator=torch.Generator().manual_seed(1))
    theirs = AutoencoderKL.from_pretrained(folder).decode(latents).sample
    assert torch.allclose(ours.decode(latents * 0.18215), theirs, atol=1e-5)


def test_what_is_no_autoencoder(folder, tmp_path):
    with pytest.raises(BadInput, match="holds no AutoencoderKL"):
        Autoencoder(tmp_path / "absent", "cpu")
    other = write_autoencoder(tmp_path / "other", latent_channels=8)
    with pytest.raises(BadInput, match=r"latents have 8 channels at 1/8"):
        Autoencoder(other, "cpu")
    damaged = write_autoencoder(tmp_path / "damaged")
    weights = damaged / "diffusion_pytorch_model.safetensors"
    weights.write_bytes(weights.read_bytes()[:1000])
    with pytest.raises(BadInput, match="holds no AutoencoderKL"):
        Autoencoder(damaged, "cpu")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            lambda weights: {f"_orig_mod.{name}": w for name, w in weights.items()},
            "the weights lack",
        ),
        (
            lambda weights: {n: w for n, w in weights.items() if not n.startswith("encoder.")},
            "the weights lack encoder.conv_in.bias",
        ),
        (lambda weights: weights | {"extra": torch.zeros(1)}, "the weights have extra"),
        (
            lambda weights: weights | {"post_quant_conv.bias": torch.full((4,), float("nan"))},
            "post_quant_conv.bias holds values that are not finite",
        ),
    ],
)
def test_every_key_is_loaded_and_finite(tmp_path, change, message):
    """diffusers only warns of keys that are missing, and leaves random weights in their places."""
    folder = write_autoencoder(tmp_path / "autoencoder")
    path = folder / "diffusion_pytorch_model.safetensors"
    save_file(change(load_file(path)), path, {"format": "pt"})
    with pytest.raises(BadInput, match=message):
        Autoencoder(folder, "cpu")
