"""The exact detector of the shapes world."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache, partial

import numpy as np
import torch
import torch.nn.functional as F
from scipy import ndimage
from torch import Tensor

from bench.data.geneval import COLORS
from bench.data.shapes import BACKGROUND, PALETTE, SHAPES, SIDE
from bench.data.shapes.rendering import coverage
from bench.errors import BadInput
from bench.evaluation.detector import Detections

# The least score that counts, chosen on renders and on their blurred and noisy copies.
THRESHOLD = 0.6
# An object is made of the pixels of which it covers more than this.
COVERED = 0.5
# In RGB: a pixel further from the mixtures of background and colour is of another colour.
TOLERANCE = 60.0
# In pixels; the smallest object that is drawn covers 56.
SMALLEST_AREA = 24
# Objects are compared on a grid of so many points a side, as wide as this many roots of their area.
GRID, SPAN = 32, 2.6
# The radius in pixels at which the shapes to compare with are drawn.
RADIUS = 7.0
BATCH = 256
# Pixels are neighbours along the rows and columns of one image.
NEIGHBOURS = np.zeros((3, 3, 3), bool)
NEIGHBOURS[1] = ndimage.generate_binary_structure(2, 1)


class ShapesDetector:
    """Finds the objects of the shapes world by comparing each with the eight shapes.

    An object is a connected region of pixels that some colour covers by more than half. Its colour
    is the one whose mixtures with the background come nearest to its mean, and its purity the share
    of its pixels that lie near such a mixture. Its soft mask, brought to a common centre of mass
    and area, is compared with each shape, brought there in the same way. The score is the best
    intersection over union times the purity.
    """

    name = "shapes"

    def threshold(self, tag: str) -> float:
        return THRESHOLD

    def __call__(self, images: Sequence[Tensor]) -> Iterator[Detections]:
        for image in images:
            if image.shape != (3, SIDE, SIDE):
                channels, height, width = image.shape
                raise BadInput(
                    f"{width} x {height} pixels in {channels} channels; images of the shapes world "
                    f"have {SIDE} x {SIDE} in 3"
                )
        for first in range(0, len(images), BATCH):
            yield from _detect(torch.stack(list(images[first : first + BATCH])))


def _detect(images):
    pixels = images.permute(0, 2, 3, 1).reshape(-1, 3).numpy()
    share, distance = _mixtures(pixels)
    covered = np.take_along_axis(share, distance.argmin(1)[:, None], axis=1) > COVERED
    regions, _ = ndimage.label(covered.reshape(-1, SIDE, SIDE), NEIGHBOURS)
    area = np.bincount(regions.ravel())
    # Region 0 is what lies between the objects.
    kept = np.flatnonzero(area >= SMALLEST_AREA)[1:]
    colors, purity = _colors(pixels, regions.ravel(), area, distance)
    places = ndimage.find_objects(regions)
    image_of = np.array([places[region - 1][0].start for region in kept], dtype=np.int64)
    of_image = share.reshape(-1, SIDE, SIDE, len(COLORS))[image_of, :, :, colors[kept]]
    shapes, overlap = _shapes(_masks(of_image, regions[image_of], kept))
    # Rounded, so that it does not depend on the other images of the batch.
    score = (overlap * purity[kept]).round(4)
    found = [([], []) for _ in images]
    # The best first.
    for index in np.argsort(-score, kind="stable"):
        _, rows, columns = places[kept[index] - 1]
        box = [columns.start, rows.start, columns.stop, rows.stop, float(score[index])]
        boxes, names = found[image_of[index]]
        boxes.append((SHAPES[shapes[index]], [float(edge) for edge in box]))
        names.append((SHAPES[shapes[index]], COLORS[colors[kept[index]]]))
    return [
        Detections(_by_class(boxes), partial(_first, _by_class(names))) for boxes, names in found
    ]


def _mixtures(pixels):
    """How much of each colour covers a pixel [P, 10], if that colour and the background make it,
    and its distance in RGB from that mixture [P, 10]. Pixels are [P, 3]."""
    contrast = np.array([PALETTE[color] for color in COLORS], np.float32) - BACKGROUND
    difference = pixels.astype(np.float32) - np.float32(BACKGROUND)
    along = difference @ contrast.T.astype(np.float32)
    length = (contrast**2).sum(1).astype(np.float32)
    share = (along / length).clip(0, 1)
    square = (difference**2).sum(1, keepdims=True) + share * (share * length - 2 * along)
    return share, np.sqrt(square.clip(0))


def _colors(pixels, regions, area, distance):
    """The colour of each region and its purity, [regions] each."""
    sums = [np.bincount(regions, weights=pixels[:, channel]) for channel in range(3)]
    _, from_mean = _mixtures(np.stack(sums, axis=1) / area[:, None])
    colors = from_mean.argmin(1)
    explained = distance[np.arange(len(regions)), colors[regions]] < TOLERANCE
    return colors, np.bincount(regions, weights=explained) / area


def _masks(share, regions, kept):
    """The soft masks [K, 48, 48] of regions in their images: their colour's share, up to a pixel
    beyond their edges."""
    own = torch.from_numpy(regions == kept[:, None, None])
    reach = F.max_pool2d(own[:, None].float(), 3, stride=1, padding=1)[:, 0]
    free = torch.from_numpy(regions == 0) | own
    return torch.from_numpy(share) * reach * free


def _shapes(masks):
    """The index of the shape that each soft mask [K, 48, 48] is most like, and their intersection
    over union, [K] each."""
    placed, templates = _normalized(masks), _templates()
    common = torch.minimum(placed[:, None], templates).sum(2)
    union = placed.sum(1, keepdim=True) + templates.sum(1) - common
    overlap, shapes = (common / union).max(1)
    return shapes.numpy(), overlap.numpy()


@cache
def _templates():
    """The normalized masks [8, GRID²] of the eight shapes."""
    count = len(SHAPES)
    centres, radii = np.full((count, 2), SIDE / 2), np.full(count, RADIUS)
    return _normalized(torch.from_numpy(coverage(np.arange(count), centres, radii, SIDE)))


def _normalized(masks):
    """Masks [K, H, W] at the points of a grid around their centre of mass that is as wide as SPAN
    roots of their area: [K, GRID²]."""
    area = masks.sum((1, 2))
    points = torch.arange(masks.shape[1]) + 0.5
    centre = torch.stack([masks.sum(1) @ points, masks.sum(2) @ points], dim=1) / area[:, None]
    grid = (torch.arange(GRID) + 0.5) / GRID - 0.5
    offsets = torch.stack(torch.meshgrid(grid, grid, indexing="xy"), dim=2)
    where = centre[:, None, None] + SPAN * area.sqrt()[:, None, None, None] * offsets
    # grid_sample's coordinates run from -1 to 1 over the image.
    where = where * (2 / masks.shape[1]) - 1
    return F.grid_sample(masks[:, None], where, align_corners=False).flatten(1)


def _by_class(pairs):
    found = {}
    for name, value in pairs:
        found.setdefault(name, []).append(value)
    return found


def _first(colors, name, n):
    return colors.get(name, [])[:n]
