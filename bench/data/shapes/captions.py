"""Captions in GenEval's wording (arXiv 2310.11513)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

NUMBERS = ("zero", "one", "two", "three", "four")


def caption(include: Sequence[Mapping]) -> str:
    """The caption of one or two clauses of a prompt.

    "a photo of " with "a star", "a red star", "three stars", "three red stars", "a star and a red
    heart", or, of a second clause with a position, "a red heart left of a star".
    """
    *first, last = map(_noun, include)
    relation = include[-1].get("position")
    if relation:
        return f"a photo of {last} {relation[0]} {first[relation[1]]}"
    return f"a photo of {' and '.join([*first, last])}"


def _noun(clause):
    words = [clause["color"]] if "color" in clause else []
    if clause["count"] > 1:
        return " ".join([NUMBERS[clause["count"]], *words, _plural(clause["class"])])
    words.append(clause["class"])
    article = "an" if words[0][0] in "aeiou" else "a"
    return " ".join([article, *words])


def _plural(noun):
    return f"{noun}es" if noun.endswith("s") else f"{noun}s"
