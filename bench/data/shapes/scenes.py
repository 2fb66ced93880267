"""Scenes of the shapes world: which objects are where, as a prompt asks for them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import torch
from torch import Generator

from bench.data.geneval import COLORS
from bench.data.shapes import SHAPES, SIDE

# Objects lie in distinct cells of a grid of so many rows and columns.
CELLS = 3
CELL = SIDE // CELLS
# All in pixels: how far a centre is from its cell's along each axis, at most; the radius; and the
# distance of the boxes of two objects, at least.
JITTER = 1.0
RADIUS = (6.5, 7.5)
GAP = 1.5
# The cosine of the direction from the target, at least: well beyond GenEval's 0.5.
COSINE = 0.8
DIRECTIONS = {"left of": (-1, 0), "right of": (1, 0), "above": (0, -1), "below": (0, 1)}
# Layouts that are drawn at a time.
DRAWS = 64


@dataclass(frozen=True, eq=False)
class Scene:
    """Objects that do not touch.

    Attributes:
        shapes, colors: int64 [n], indices into SHAPES and COLORS.
        centres: float64 [n, 2], x and y in pixels from the top left.
        radii: float64 [n], in pixels.
    """

    shapes: np.ndarray
    colors: np.ndarray
    centres: np.ndarray
    radii: np.ndarray


def draw_scene(metadata: Mapping, stream: Generator) -> Scene:
    """A random scene that fulfils a prompt and shows nothing else.

    Objects of a clause without a colour share a random one.
    """
    include = metadata["include"]
    clause_of = np.repeat(np.arange(len(include)), [clause["count"] for clause in include])
    shapes = np.array([SHAPES.index(clause["class"]) for clause in include])
    drawn = torch.randint(len(COLORS), (len(include),), generator=stream).tolist()
    colors = np.array(
        [
            COLORS.index(clause["color"]) if "color" in clause else other
            for clause, other in zip(include, drawn)
        ]
    )
    centres, radii = _layout(include, clause_of, stream)
    return Scene(shapes[clause_of], colors[clause_of], centres, radii)


def with_another(scene: Scene, shape: int, color: int, stream: Generator) -> Scene:
    """A scene with one object more.

    Args:
        scene: of three objects at most, so that there is room for another.
        shape, color: indices into SHAPES and COLORS.
    """
    while True:
        drawn, sizes = _draw_layouts(1, stream)
        centres = np.concatenate(
            [np.broadcast_to(scene.centres, (DRAWS, *scene.centres.shape)), drawn], axis=1
        )
        radii = np.concatenate(
            [np.broadcast_to(scene.radii, (DRAWS, *scene.radii.shape)), sizes], axis=1
        )
        fits = _inside(centres, radii) & _apart(centres, radii)
        if fits.any():
            first = fits.argmax()
            return Scene(
                np.append(scene.shapes, shape),
                np.append(scene.colors, color),
                centres[first],
                radii[first],
            )


def _layout(include, clause_of, stream):
    """Centres [n, 2] and radii [n]: the first layout drawn in which objects stand apart, inside the
    image, and as the clauses ask."""
    while True:
        centres, radii = _draw_layouts(len(clause_of), stream)
        fits = _inside(centres, radii) & _apart(centres, radii) & _placed(centres, include)
        if fits.any():
            first = fits.argmax()
            return centres[first], radii[first]


def _draw_layouts(n, stream):
    order = torch.rand(DRAWS, CELLS**2, generator=stream).argsort(1)[:, :n].numpy()
    drawn = torch.rand(DRAWS, n, 3, generator=stream, dtype=torch.float64).numpy()
    cells = np.stack([order % CELLS, order // CELLS], axis=2)
    centres = (cells + 0.5) * CELL + JITTER * (2 * drawn[..., :2] - 1)
    smallest, largest = RADIUS
    return centres, smallest + (largest - smallest) * drawn[..., 2]


def _inside(centres, radii):
    reach = radii[..., None]
    return ((centres >= reach) & (centres <= SIDE - reach)).all((1, 2))


def _apart(centres, radii):
    offsets = np.abs(centres[:, :, None] - centres[:, None]).max(3)
    room = offsets - radii[:, :, None] - radii[:, None] - GAP
    first, second = np.triu_indices(centres.shape[1], 1)
    return (room[:, first, second] >= 0).all(1)


def _placed(centres, include):
    """Prompts with positions have one object a clause."""
    fits = np.ones(len(centres), dtype=bool)
    for index, clause in enumerate(include):
        if "position" in clause:
            relation, target = clause["position"]
            offset = centres[:, index] - centres[:, target]
            along = offset @ np.array(DIRECTIONS[relation])
            fits &= along >= COSINE * np.linalg.norm(offset, axis=1)
    return fits
