"""Draws scenes of the shapes world."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from bench.data.geneval import COLORS
from bench.data.shapes import BACKGROUND, PALETTE, SHAPES, SIDE
from bench.data.shapes.scenes import Scene

# Points per pixel and axis at which coverage is sampled.
POINTS = 4
# A window of this width holds an object of the largest radius.
WINDOW = 18
# Scenes in memory at a time.
BATCH = 512
STAR_TIPS, STAR_INNER = 5, 0.45


def _star(x, y):
    """Between a tip, at angle 0 and radius 1, and a notch, at angle pi / 5, the edge is a line."""
    half = np.pi / STAR_TIPS
    angle = np.abs((np.arctan2(x, -y) + half) % (2 * half) - half)
    radius = np.hypot(x, y)
    slope = (np.cos(half) - 1 / STAR_INNER) / np.sin(half)
    return radius * (np.cos(angle) - slope * np.sin(angle)) <= 1


def _heart(x, y):
    """The sextic (X² + Y² - 1)³ = X² Y³, moved and scaled into the unit square."""
    x, y = 1.16 * x, 0.12 - 1.12 * y
    return (x**2 + y**2 - 1) ** 3 <= x**2 * y**3


# Whether a point lies in the shape, whose centre is 0 and whose radius is 1; y points down.
INSIDE: Mapping[str, Callable[[np.ndarray, np.ndarray], np.ndarray]] = {
    "circle": lambda x, y: x**2 + y**2 <= 1,
    "square": lambda x, y: np.maximum(np.abs(x), np.abs(y)) <= 0.9,
    "triangle": lambda x, y: (y <= 0.85) & (y >= 1.85 * np.abs(x) - 1),
    "diamond": lambda x, y: np.abs(x) / 0.75 + np.abs(y) <= 1,
    "star": _star,
    "heart": _heart,
    "cross": lambda x, y: (
        (np.minimum(np.abs(x), np.abs(y)) <= 0.33) & (np.maximum(np.abs(x), np.abs(y)) <= 1)
    ),
    "ring": lambda x, y: (x**2 + y**2 <= 1) & (x**2 + y**2 >= 0.55**2),
}


def render(scenes: Sequence[Scene]) -> np.ndarray:
    """The images of scenes, uint8 RGB [N, 3, 48, 48]; edges are antialiased."""
    parts = [_render(scenes[first : first + BATCH]) for first in range(0, len(scenes), BATCH)]
    return np.concatenate(parts)


def coverage(shapes: np.ndarray, offsets: np.ndarray, radii: np.ndarray, side: int) -> np.ndarray:
    """The share of each pixel that an object covers, float32 [n, side, side].

    Args:
        shapes: int64 [n].
        offsets: the centres [n, 2], x and y in pixels from the top left of the window.
        radii: [n], in pixels.
        side: of the window, in pixels.
    """
    points = (np.arange(side * POINTS) + 0.5) / POINTS
    x, y = (
        ((points - offsets[:, axis, None]) / radii[:, None]).astype(np.float32) for axis in (0, 1)
    )
    covered = np.empty((len(shapes), side, side), np.float32)
    for index, shape in enumerate(SHAPES):
        chosen = shapes == index
        inside = INSIDE[shape](x[chosen, None, :], y[chosen, :, None])
        covered[chosen] = inside.reshape(-1, side, POINTS, side, POINTS).mean((2, 4))
    return covered


def _render(scenes):
    background = np.array(BACKGROUND, np.float32)
    contrast = np.array([PALETTE[color] for color in COLORS], np.float32) - background
    image_of = np.repeat(np.arange(len(scenes)), [len(scene.shapes) for scene in scenes])
    shapes, colors, centres, radii = (
        np.concatenate([getattr(scene, name) for scene in scenes])
        for name in ("shapes", "colors", "centres", "radii")
    )
    # Windows may reach over the edge by their width, objects do not.
    corners = np.floor(centres - WINDOW / 2).astype(np.int64)
    added = coverage(shapes, centres - corners, radii, WINDOW)[..., None]
    added = added * contrast[colors, None, None]
    canvas = np.zeros((len(scenes), SIDE + 2 * WINDOW, SIDE + 2 * WINDOW, 3), np.float32)
    steps = np.arange(WINDOW) + WINDOW
    columns, rows = (corners[:, axis, None] + steps for axis in (0, 1))
    # Objects of a scene do not touch, so that each pixel gets the colour of one.
    np.add.at(canvas, (image_of[:, None, None], rows[:, :, None], columns[:, None, :]), added)
    pixels = canvas[:, WINDOW:-WINDOW, WINDOW:-WINDOW] + background
    return np.ascontiguousarray(pixels.round().astype(np.uint8).transpose(0, 3, 1, 2))
