"""The Inception network of 2015 that FID is defined with, as the ADM evaluator reads it."""

from __future__ import annotations

import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from bench.errors import BadInput
from bench.evaluation.features import Features, concatenate
from bench.files.hashes import sha256_of
from bench.models.published import read_published

SIDE = 299
# The ADM evaluator's "mixed_6/conv:0": the first 1x1 convolution of the block that torch calls
# Mixed_6d, before batch norm and ReLU, and its first channels alone.
SPATIAL_LAYER = "Mixed_6d.branch1x1.conv"
SPATIAL_CHANNELS = 7
BATCH = 64


class InceptionExtractor:
    """torch-fidelity's network, with the features of the ADM evaluator and of clean-fid, in fp32.

    pool [N, 2048]; spatial [N, 2023], 17 x 17 positions of 7 channels each, in that order;
    probabilities [N, 1008], without the last layer's bias; clean_pool [N, 2048] of images that
    were resized as clean-fid does (bicubic, antialiased, not rounded) and not as TensorFlow 1 did.

    Raises:
        BadInput: the file holds other weights, or more than weights.
    """

    def __init__(self, weights: Path, device: str):
        self.network, self.device = _read(weights).to(device), device
        self.name = f"inception {sha256_of(weights)[:12]}"
        # The layers are registered in the order in which they are run.
        self.trunk = nn.Sequential(*list(self.network.children())[:-1])

    @torch.inference_mode()
    def __call__(self, images: Tensor) -> Features:
        return concatenate(self._features(batch) for batch in images.split(BATCH))

    @torch.inference_mode()
    def pool(self, images: Tensor) -> Tensor:
        batches = [self._pool(self._resized(batch)).cpu() for batch in images.split(BATCH)]
        return torch.cat(batches)

    def _features(self, images):
        raw = []
        layer = self.network.get_submodule(SPATIAL_LAYER)
        hook = layer.register_forward_hook(lambda module, inputs, output: raw.append(output))
        try:
            pool = self._pool(self._resized(images))
        finally:
            hook.remove()
        spatial = raw[0].permute(0, 2, 3, 1)[..., :SPATIAL_CHANNELS].flatten(1)
        probabilities = (pool @ self.network.fc.weight.T).softmax(1)
        clean = self._pool(_clean_resized(images).to(self.device))
        return {
            "pool": pool,
            "spatial": spatial,
            "probabilities": probabilities,
            "clean_pool": clean,
        }

    def _pool(self, resized):
        """The pooled features of float images in 0..255, [B, 3, 299, 299]."""
        return self.trunk((resized - 128) / 128).flatten(1)

    def _resized(self, images):
        from torch_fidelity.interpolate_compat_tensorflow import (
            interpolate_bilinear_2d_like_tensorflow1x,
        )

        images = images.to(self.device).float()
        return interpolate_bilinear_2d_like_tensorflow1x(
            images, size=(SIDE, SIDE), align_corners=False
        )


def _clean_resized(images):
    from cleanfid.resize import build_resizer

    resize = build_resizer("clean")
    with ThreadPoolExecutor(torch.get_num_threads()) as pool:
        resized = list(pool.map(resize, images.permute(0, 2, 3, 1).numpy()))
    return torch.from_numpy(np.stack(resized)).permute(0, 3, 1, 2)


def _read(weights):
    from torch_fidelity.feature_extractor_inceptionv3 import FeatureExtractorInceptionV3

    tensors = read_published(weights)
    try:
        # torch-fidelity's own reading runs whatever is pickled in a file: it gets one of these
        # tensors alone.
        with tempfile.NamedTemporaryFile(suffix=".pth") as file:
            torch.save(tensors, file)
            file.flush()
            return FeatureExtractorInceptionV3(
                "inception", ["2048"], feature_extractor_weights_path=file.name
            )
    except (RuntimeError, TypeError) as error:
        reason = " ".join(str(error).split())[:120]
        raise BadInput(
            f"{weights}: not torch-fidelity's Inception weights ({reason}...); "
            "`download inception-2015` has them"
        ) from None
