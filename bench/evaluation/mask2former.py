"""GenEval's detector of objects: Mask2Former (arXiv 2112.01527), trained on COCO."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import torch
import torch.nn.functional as F
from safetensors import SafetensorError
from torch import Tensor

from bench.data.geneval import CLASSES
from bench.errors import BadInput
from bench.evaluation.detector import Detections
from bench.evaluation.mask2former_official import WITHOUT_EFFECT, from_official, swin_small
from bench.evaluation.opencv_resize import resize_as_opencv
from bench.files.hashes import sha256_of
from bench.files.json_text import parse_json
from bench.files.tensors import check_finite
from bench.models.published import read_published

# GenEval's: the least score that counts, where objects are counted and elsewhere.
THRESHOLD, THRESHOLD_COUNTING = 0.3, 0.9
# mmdet's test pipeline: the shorter side becomes 800 pixels, or the longer one 1,333.
SHORT_SIDE, LONG_SIDE, MULTIPLE = 800, 1333, 32
PADDING = 128.0
MEAN, STD = (123.675, 116.28, 103.53), (58.395, 57.12, 57.375)
MAX_INSTANCES = 100
WEIGHTS = "model.safetensors"


class Colors(Protocol):
    """What tells the colours of found objects.

    Attributes:
        name: with the beginning of its weights' SHA-256; results record it.
    """

    name: str

    def __call__(self, image: Tensor, boxes: Tensor, masks: Tensor, name: str) -> list[str]:
        """The colours of n objects of the class ``name`` in an image, uint8 RGB [3, H, W].

        Args:
            boxes: [n, 4].
            masks: bool [n, H, W].
        """


@dataclass(frozen=True, eq=False)
class Instances:
    """Found instances, the best score first.

    Attributes:
        labels: int64 [n], indices into CLASSES.
        boxes: [n, 4], in pixels, the right and lower ends exclusive.
        scores: [n].
        masks: bool [n, H, W].
    """

    labels: Tensor
    boxes: Tensor
    scores: Tensor
    masks: Tensor


class Mask2Former:
    """A Mask2Former as a `detector.Detector`, with the pre- and postprocessing of mmdet 2.

    Args:
        weights: mmdet's checkpoint of GenEval's own detector (.pth), or a folder of transformers
            with other weights: the same architecture, but not GenEval's detector, and named so.
        colors: tells the colours of found objects.

    Raises:
        BadInput: the weights are missing, damaged, or not of a Mask2Former for COCO.
    """

    def __init__(self, weights: Path, colors: Colors, device: str):
        if weights.is_dir():
            self.network, file = read_folder(weights), weights / WEIGHTS
            kind = "mask2former, unofficial detector"
        else:
            self.network, file, kind = _read_official(weights), weights, "mask2former"
        check_finite(weights, self.network.state_dict())
        self.network.to(device)
        self.colors, self.device = colors, device
        self.name = f"{kind} {sha256_of(file)[:12]} + {colors.name}"

    def threshold(self, tag: str) -> float:
        return THRESHOLD_COUNTING if tag == "counting" else THRESHOLD

    def __call__(self, images: Sequence[Tensor]) -> Iterator[Detections]:
        for image in images:
            yield self._detections(image, find_instances(self.network, image, self.device))

    def _detections(self, image, found):
        rows = {}
        for row, label in enumerate(found.labels.tolist()):
            rows.setdefault(CLASSES[label], []).append(row)
        values = torch.cat([found.boxes, found.scores[:, None]], dim=1)
        boxes = {name: values[chosen].tolist() for name, chosen in rows.items()}

        def colors(name, n):
            chosen = rows.get(name, [])[:n]
            if not chosen:
                return []
            return self.colors(image, found.boxes[chosen], found.masks[chosen], name)

        return Detections(boxes, colors)


@torch.inference_mode()
def find_instances(network, image: Tensor, device: str) -> Instances:
    """The 100 best pairs of a query and a class in an image, uint8 RGB [3, H, W].

    The score is the class's probability times the mean probability of the query's mask inside
    itself; neither threshold nor suppression is applied. An empty mask has the score and the box 0.
    """
    pixels, (height, width) = prepare(image.to(device))
    output = network(pixel_values=pixels)
    probabilities = output.class_queries_logits[0].softmax(-1)[:, :-1]
    best, chosen = probabilities.flatten().topk(min(MAX_INSTANCES, probabilities.numel()))
    queries, labels = chosen // probabilities.shape[1], chosen % probabilities.shape[1]
    # In two steps, as mmdet does: to the size that the network saw, then to the image's.
    logits = _resize(output.masks_queries_logits, pixels.shape[-2:])[..., :height, :width]
    logits = _resize(logits, image.shape[-2:])[0]
    masks = logits > 0
    inside = (logits.sigmoid() * masks).sum((1, 2)) / (masks.sum((1, 2)) + 1e-6)
    scores, order = (best * inside[queries]).sort(descending=True, stable=True)
    rows = queries[order]
    found = (labels[order], _boxes(masks)[rows], scores, masks[rows])
    return Instances(*(values.cpu() for values in found))


def prepare(image: Tensor) -> tuple[Tensor, tuple[int, int]]:
    """An image uint8 [3, H, W] as the network sees it, float32 [1, 3, H', W'], and its size there
    before padding to multiples of 32."""
    height, width = image.shape[-2:]
    scale = min(SHORT_SIDE / min(height, width), LONG_SIDE / max(height, width))
    size = tuple(max(int(side * scale + 0.5), 1) for side in (height, width))
    pixels = resize_as_opencv(image, size)[None].float()
    down, right = (-side % MULTIPLE for side in size)
    pixels = F.pad(pixels, (0, right, 0, down), value=PADDING)
    mean, std = (torch.tensor(values, device=image.device).view(3, 1, 1) for values in (MEAN, STD))
    return (pixels - mean) / std, size


def read_folder(folder: Path):
    """The network of a folder that transformers wrote, in evaluation mode.

    Raises:
        BadInput: there is no Mask2Former for COCO's 80 classes, or not all of its weights.
    """
    from transformers import Mask2FormerConfig, Mask2FormerForUniversalSegmentation

    for name in ("config.json", WEIGHTS):
        if not (folder / name).is_file():
            raise BadInput(f"{folder}: has no {name}; it is to be a Mask2Former of transformers")
    try:
        settings = parse_json((folder / "config.json").read_text(encoding="utf-8"))
        kind = settings.get("model_type") if isinstance(settings, dict) else settings
        if kind != "mask2former":
            raise BadInput(f"{folder}: its model_type is {kind!r}, not 'mask2former'")
        config = Mask2FormerConfig.from_pretrained(folder, local_files_only=True)
        if config.num_labels != len(CLASSES):
            raise BadInput(f"{folder}: has {config.num_labels} classes, not COCO's {len(CLASSES)}")
        network, loading = Mask2FormerForUniversalSegmentation.from_pretrained(
            folder, config=config, local_files_only=True, output_loading_info=True
        )
    except (OSError, ValueError, RuntimeError, KeyError, SafetensorError) as error:
        reason = " ".join(str(error).split())[:160]
        raise BadInput(f"{folder}: not a Mask2Former that can be read ({reason})") from None
    for problem in ("missing_keys", "unexpected_keys"):
        names = sorted(name for name in loading[problem] if not name.startswith(WITHOUT_EFFECT))
        if names:
            what = problem.replace("_", " ")
            raise BadInput(f"{folder}: {len(names)} {what} in its weights, such as {names[0]}")
    return network.eval().requires_grad_(False)


def _read_official(path):
    try:
        return from_official(read_published(path), swin_small())
    except BadInput as error:
        raise error if str(path) in str(error) else error.in_file(path) from None


def _resize(values, size):
    return F.interpolate(values, size=tuple(size), mode="bilinear", align_corners=False)


def _boxes(masks):
    """The boxes [n, 4] of masks [n, H, W]."""
    rows, columns = masks.any(2), masks.any(1)
    edges = [_first(columns), _first(rows), _end(columns), _end(rows)]
    return torch.stack(edges, dim=1).float() * rows.any(1, keepdim=True)


def _first(values):
    return values.int().argmax(1)


def _end(values):
    return values.shape[1] - values.flip(1).int().argmax(1)
