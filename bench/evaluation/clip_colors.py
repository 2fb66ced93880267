"""GenEval's classifier of colours: CLIP (arXiv 2103.00020), zero-shot over ten colour names."""

from __future__ import annotations

from pathlib import Path

import torch
import torch.nn.functional as F
from PIL import Image
from torch import Tensor

from bench.data.geneval import COLORS
from bench.errors import BadInput
from bench.files.hashes import sha256_of
from bench.files.tensors import check_finite
from bench.models.published import read_published

# OpenAI's weights were trained with the approximate GELU; under the name ViT-L-14 open_clip builds
# the network with the exact one.
ARCHITECTURE = "ViT-L-14-quickgelu"
TEMPLATES = (
    "a photo of a {color} {name}",
    "a photo of a {color}-colored {name}",
    "a photo of a {color} object",
)
# What stands in the place of everything but the object.
BACKGROUND = "#999"
BATCH = 16


class ClipColors:
    """Tells the colours of objects as GenEval's evaluator does.

    Each object is cut out by its mask onto grey, cropped to its box, and gets the colour whose text
    is nearest: the mean of three templates' unit embeddings.

    Args:
        weights: open_clip's ViT-L-14-quickgelu with OpenAI's weights (.safetensors, .bin).

    Raises:
        BadInput: open_clip is missing, or the file holds other weights.
    """

    def __init__(self, weights: Path, device: str):
        try:
            import open_clip
        except ImportError:
            raise BadInput(
                "GenEval's colours need open_clip, which is not installed; "
                "`pip install -r envs/t2i.txt`"
            ) from None
        network, _, self.transform = open_clip.create_model_and_transforms(
            ARCHITECTURE, load_weights=False
        )
        _load(network, weights)
        self.network = network.to(device).eval().requires_grad_(False)
        self.tokenize = open_clip.get_tokenizer(ARCHITECTURE)
        self.device, self.texts = device, {}
        self.name = f"{ARCHITECTURE} {sha256_of(weights)[:12]}"

    @torch.inference_mode()
    def __call__(self, image: Tensor, boxes: Tensor, masks: Tensor, name: str) -> list[str]:
        """The colours of objects of the class ``name`` in an image, uint8 RGB [3, H, W].

        Args:
            boxes: [n, 4].
            masks: bool [n, H, W].
        """
        if name not in self.texts:
            self.texts[name] = self._texts(name)
        crops = torch.stack([self.transform(crop) for crop in cut_out(image, boxes, masks)])
        found = [
            self.network.encode_image(batch.to(self.device), normalize=True)
            for batch in crops.split(BATCH)
        ]
        nearest = (torch.cat(found) @ self.texts[name].T).argmax(1)
        return [COLORS[index] for index in nearest.tolist()]

    def _texts(self, name):
        """The unit embeddings [10, D] of the colours for a class."""
        texts = [
            template.format(color=color, name=name) for color in COLORS for template in TEMPLATES
        ]
        found = self.network.encode_text(self.tokenize(texts).to(self.device), normalize=True)
        return F.normalize(found.unflatten(0, (len(COLORS), -1)).mean(1), dim=-1)


def cut_out(image: Tensor, boxes: Tensor, masks: Tensor) -> list[Image.Image]:
    """Each object alone on grey, cropped to its box."""
    whole = Image.fromarray(image.permute(1, 2, 0).cpu().numpy())
    blank = Image.new("RGB", whole.size, BACKGROUND)
    return [
        Image.composite(whole, blank, Image.fromarray(mask.cpu().numpy())).crop(box.tolist())
        for box, mask in zip(boxes, masks)
    ]


def _load(network, path):
    weights = read_published(path)
    check_finite(path, weights)
    try:
        network.load_state_dict(weights)
    except RuntimeError as error:
        reason = " ".join(str(error).split())[:160]
        raise BadInput(
            f"{path}: not the weights of open_clip's {ARCHITECTURE} ({reason}); "
            "`download clip-vit-l14` has them"
        ) from None
