"""The shapes world: pictures of coloured shapes that GenEval's prompts describe.

A text-to-image task of a laptop's size. Its prompts have GenEval's schema, tasks and wording
(arXiv 2310.11513), with eight shapes in the place of COCO's classes.
"""

from __future__ import annotations

from bench.data.dataset import DatasetInfo

SHAPES = ("circle", "square", "triangle", "diamond", "star", "heart", "cross", "ring")
# Height and width of an image in pixels.
SIDE = 48
INFO = DatasetInfo(input_size=SIDE, in_channels=3)
# GenEval's "#999".
BACKGROUND = (153, 153, 153)
# RGB, by GenEval's names.
PALETTE = {
    "red": (230, 25, 25),
    "orange": (255, 140, 0),
    "yellow": (255, 230, 0),
    "green": (0, 150, 50),
    "blue": (20, 60, 220),
    "purple": (130, 30, 170),
    "pink": (255, 130, 190),
    "brown": (110, 60, 20),
    "black": (10, 10, 10),
    "white": (255, 255, 255),
}
