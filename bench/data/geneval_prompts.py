"""Reads prompt files in GenEval's layout: a JSON object per line."""

from __future__ import annotations

import json
from collections.abc import Sequence
from io import StringIO
from pathlib import Path

from bench.data.geneval import COLORS, RELATIONS, TASKS
from bench.errors import BadInput
from bench.files.json_text import parse_json
from bench.parsing import suggest

# Keys, and whether a line or a clause must have them.
OF_A_PROMPT = {"tag": True, "include": True, "exclude": False, "prompt": True}
OF_A_CLAUSE = {"class": True, "count": True, "color": False, "position": False}
LAYOUT = 'GenEval\'s lines are {"tag": …, "include": [{"class": …, "count": …}, …], "prompt": …}'


def read_prompts(path: Path, classes: Sequence[str]) -> list[dict]:
    """The prompts of a file, one per line.

    Args:
        classes: those that a detector can find.

    Raises:
        BadInput: the file is missing, of another layout, or holds a prompt twice; a task, class,
            colour or relation is unknown.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise BadInput(f"{path}: no such file") from None
    except UnicodeDecodeError:
        raise BadInput(f"{path}: not a text file of prompts; {LAYOUT}") from None
    found, lines = [], {}
    # Unlike splitlines, StringIO ends lines at newlines alone: a prompt may hold U+2028.
    for number, line in enumerate(StringIO(text.rstrip()), start=1):
        try:
            metadata = _parse(line)
            _check(metadata, classes)
        except BadInput as error:
            raise BadInput(f"{path}, line {number}: {error}") from None
        first = lines.setdefault(metadata["prompt"], number)
        if first != number:
            raise BadInput(
                f"{path}, line {number}: the prompt of line {first} again, "
                f"{metadata['prompt']!r}; name each once"
            )
        found.append(metadata)
    if not found:
        raise BadInput(f"{path}: holds no prompts")
    return found


def _parse(line):
    try:
        metadata = parse_json(line)
    except ValueError:
        raise BadInput(f"not a JSON object; {LAYOUT}") from None
    _check_keys(metadata, OF_A_PROMPT, LAYOUT)
    return metadata


def _check_keys(mapping, keys, layout):
    if not isinstance(mapping, dict):
        raise BadInput(f"expected a JSON object, got {json.dumps(mapping)}; {layout}")
    for key in mapping:
        if key not in keys:
            raise BadInput(f"{key}: unknown key{suggest(key, keys)}")
    for key, required in keys.items():
        if required and key not in mapping:
            raise BadInput(f"{key}: missing; {layout}")


def _check(metadata, classes):
    _check_known("tag", metadata["tag"], TASKS)
    if not isinstance(metadata["prompt"], str) or not metadata["prompt"].strip():
        raise BadInput("prompt: expected a text")
    for name in ("include", "exclude"):
        clauses = metadata.get(name, [])
        if not isinstance(clauses, list) or not (clauses or name == "exclude"):
            raise BadInput(f"{name}: expected a list of clauses; {LAYOUT}")
        for index, clause in enumerate(clauses):
            try:
                _check_clause(clause, index, classes)
            except BadInput as error:
                raise error.within(f"{name}[{index}]") from None


def _check_clause(clause, index, classes):
    _check_keys(clause, OF_A_CLAUSE, LAYOUT)
    _check_known("class", clause["class"], classes)
    count = clause["count"]
    if type(count) is not int or count < 1:
        raise BadInput(f"count: expected a whole number above 0, got {json.dumps(count)}")
    if "color" in clause:
        _check_known("color", clause["color"], COLORS)
    if "position" in clause:
        _check_position(clause["position"], index)


def _check_position(position, index):
    if not isinstance(position, list) or len(position) != 2:
        raise BadInput('position: expected [relation, index], such as ["left of", 0]')
    relation, target = position
    _check_known("position", relation, RELATIONS)
    if type(target) is not int or not 0 <= target < index:
        raise BadInput(f"position: {json.dumps(target)} is not the index of an earlier clause")


def _check_known(key, value, known):
    if value not in known:
        raise BadInput(f"{key}: unknown value {value!r}{suggest(value, known)}")
