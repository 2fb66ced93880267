"""Scales from YAML files."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import yaml

from bench import guidance
from bench.config.scale import Scale
from bench.errors import BadInput
from bench.parsing import parse


class StrictLoader(yaml.SafeLoader):
    """YAML's safe loader, which refuses a key that a mapping has twice."""

    def construct_mapping(self, node, deep=False):
        seen = set()
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode):
                continue
            if key.value in seen:
                raise yaml.constructor.ConstructorError(
                    problem=f"the key {key.value!r} is there twice", problem_mark=key.start_mark
                )
            seen.add(key.value)
        return super().construct_mapping(node, deep)


def load(path: str | Path) -> Scale:
    """The scale of a YAML file; its plugins are loaded, too.

    Raises:
        BadInput: one line with the file, the key, what is wrong and how to mend it.
    """
    try:
        return from_settings(read(path))
    except BadInput as error:
        raise error.in_file(path) from None


def from_settings(settings) -> Scale:
    """The scale of a mapping that has the keys of `Scale`."""
    if not isinstance(settings, dict):
        raise BadInput(f"expected a mapping of settings, got {settings!r}")
    for plugin in parse(tuple[str, ...], settings.get("plugins", []), "plugins"):
        guidance.load_plugin(plugin)
    return parse(Scale, settings)


def read(path: str | Path):
    """What a YAML file holds, unchecked."""
    try:
        text = Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "not a text file"
        raise BadInput(f"cannot be read: {reason}") from None
    try:
        settings = yaml.load(text, Loader=StrictLoader)
    except (yaml.YAMLError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        where = f"line {mark.line + 1}: " if mark else ""
        problem = getattr(error, "problem", None) or str(error).splitlines()[0]
        raise BadInput(f"{where}not valid YAML: {problem}") from None
    if settings is None:
        raise BadInput("the file is empty; workflow/config/digits.yaml shows every key")
    return settings


def config_hash(path: str | Path) -> str:
    """12 hexadecimal digits of what the file says, comments and layout aside."""
    canonical = json.dumps(read(path), sort_keys=True)
    return hashlib.sha256(canonical.encode()).hexdigest()[:12]
