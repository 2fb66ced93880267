"""The autoencoder is diffusers' own, with the scaling that models see."""

from __future__ import annotations

import pytest
import torch
from diffusers import AutoencoderKL

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
