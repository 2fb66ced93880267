"""The benchmark prompts of HPSv3 (arXiv 2508.03789), and the images drawn from them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.errors import BadInput
from bench.files.json_text import parse_json

# In the order of the paper's Table 4.
CATEGORIES = (
    "characters",
    "arts",
    "design",
    "architecture",
    "animals",
    "natural_scenery",
    "transportation",
    "products",
    "others",
    "plants",
    "food",
    "science",
)
PREFIX = "benchmark_"


@dataclass(frozen=True)
class Request:
    """An image, and the prompt that it was drawn from."""

    category: str
    image: Path
    prompt: str


def read_benchmark(folder: Path) -> dict[str, list[str]]:
    """The prompts of each category, from the dataset's files ``benchmark_<Category>.json``.

    Raises:
        BadInput: a category is missing or unknown, or a file is not a list of captions.
    """
    found = {}
    for path in sorted(folder.glob(f"{PREFIX}*.json")):
        name = path.stem.removeprefix(PREFIX)
        category = next((one for one in CATEGORIES if _letters(one) == _letters(name)), None)
        if category is None:
            raise BadInput(f"{path}: unknown category {name!r}; HPDv3 has {', '.join(CATEGORIES)}")
        if category in found:
            raise BadInput(f"{path}: a second file of {category}; remove one")
        found[category] = _captions(path)
    missing = [category for category in CATEGORIES if category not in found]
    if missing:
        raise BadInput(
            f"{folder}: lacks {PREFIX}*.json of {', '.join(missing)}; it is the folder `benchmark` "
            "of the dataset MizzenAI/HPDv3"
        )
    return {category: found[category] for category in CATEGORIES}


def requests_of(images: Path, benchmark: Mapping[str, Sequence[str]]) -> list[Request]:
    """The image ``<category>/<number>.png`` of each prompt, there or not, numbered from 00000 in
    its category."""
    return [
        Request(category, images / category / f"{number:05d}.png", prompt)
        for category, prompts in benchmark.items()
        for number, prompt in enumerate(prompts)
    ]


def list_requests(images: Path, benchmark: Mapping[str, Sequence[str]]) -> list[Request]:
    """The images of `requests_of`, which must be there.

    Raises:
        BadInput: an image is missing, or there are more than prompts.
    """
    found = requests_of(images, benchmark)
    for category, prompts in benchmark.items():
        expected = [request.image for request in found if request.category == category]
        missing = [path for path in expected if not path.is_file()]
        if missing:
            raise BadInput(
                f"{missing[0]}: no such file ({len(missing)} of {len(prompts)} images of "
                f"{category} are missing); draw one for each prompt"
            )
        beyond = sorted(set((images / category).glob("*.png")) - set(expected))
        if beyond:
            raise BadInput(f"{beyond[0]}: there are {len(prompts)} prompts, from 00000 on")
    return found


def _captions(path):
    try:
        entries = parse_json(path.read_text(encoding="utf-8"))
        captions = [entry["caption"] for entry in entries]
    except (ValueError, TypeError, KeyError):
        raise BadInput(f"{path}: not a list of objects with a caption each") from None
    if not captions or not all(isinstance(text, str) and text.strip() for text in captions):
        raise BadInput(f"{path}: holds no captions, or empty ones")
    return captions


def _letters(name):
    return "".join(filter(str.isalpha, name.lower()))
