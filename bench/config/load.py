"""Scales from YAML files; the catalogue gives the guidance specs of their methods."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from bench import guidance
from bench.config.runs import Run, read_snapshot
from bench.config.scale import Scale
from bench.errors import BadInput
from bench.files.hashes import sha256_of
from bench.parsing import parse, suggest

# It lies beside the scales of this checkout, wherever the working folder is.
CATALOGUE = Path(__file__).parents[2] / "workflow" / "config" / "methods.yaml"


def load(path: str | Path) -> Scale:
    """The scale of a YAML file; its plugins are loaded, too.

    Raises:
        BadInput: one line with the file, the key, what is wrong and how to mend it.
    """
    try:
        return from_settings(read(path))
    except BadInput as error:
        raise error.in_file(path) from None


def from_settings(settings: Mapping) -> Scale:
    """The scale of a mapping that has the keys of `Scale`; its plugins are loaded, too.

    Raises:
        BadInput: one line with the key, what is wrong and how to mend it.
    """
    settings = resolve_methods(settings)
    for plugin in parse(tuple[str, ...], settings.get("plugins", []), "plugins"):
        guidance.load_plugin(plugin)
    return parse(Scale, settings)


def config_hash(path: str | Path) -> str:
    """12 hexadecimal digits of a scale's settings, methods in full, and of its plugins' contents;
    comments and layout do not count.

    Raises:
        BadInput: one line with the file, the key, what is wrong and how to mend it.
    """
    try:
        return settings_hash(resolve_methods(read(path)))
    except BadInput as error:
        raise error.in_file(path) from None


def settings_hash(settings: Mapping) -> str:
    """12 hexadecimal digits of settings, or of a part of them, and of their plugins' contents."""
    plugins = [sha256_of(plugin) for plugin in settings.get("plugins", ())]
    canonical = json.dumps([settings, plugins] if plugins else settings, sort_keys=True)
    return hashlib.sha256(canonical.encode()).hexdigest()[:12]


def resolve_methods(settings: Mapping) -> dict[str, Any]:
    """The settings of a scale with the guidance spec of every method written out.

    A method's own ``guidance`` wins over the catalogue's. A method that a run names and the scale
    does not list is the catalogue's, without a search. Resolved settings resolve to themselves.

    Raises:
        BadInput: a method that neither the scale nor the catalogue describes, or settings of the
            wrong type.
    """
    if not isinstance(settings, Mapping):
        raise BadInput(f"expected a mapping of settings, got {settings!r}")
    runs = parse(dict[str, Run], settings.get("runs", {}), "runs")
    methods = parse(dict[str, dict[str, Any]], settings.get("methods", {}), "methods")
    # Methods without a spec of their own, and what to say where the catalogue has none either.
    incomplete = {
        name: f"methods.{name}.guidance: missing, and {CATALOGUE.name} has no method {name!r}"
        for name, method in methods.items()
        if "guidance" not in method
    }
    for run_name, run in runs.items():
        for method in (*run.methods, *run.progress.methods, *run.grids):
            name = read_snapshot(method).name
            if name not in methods:
                incomplete.setdefault(name, f"runs.{run_name}.methods: unknown method {name!r}")
    catalogue = _read_catalogue() if incomplete else {}
    for name, fault in incomplete.items():
        if name not in catalogue:
            raise BadInput(fault + suggest(name, {*catalogue, *methods} - {name}))
        methods[name] = {"guidance": catalogue[name], **methods.get(name, {})}
    return {**settings, "methods": methods}


def read(path: str | Path):
    """The contents of a YAML file, unchecked.

    Raises:
        BadInput: it cannot be read, is empty or is not valid YAML.
    """
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


class StrictLoader(yaml.SafeLoader):
    """YAML's safe loader, made to refuse a mapping that has a key twice."""

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


def _read_catalogue() -> dict[str, dict[str, Any]]:
    try:
        return parse(dict[str, dict[str, Any]], read(CATALOGUE))
    except BadInput as error:
        raise error.in_file(CATALOGUE) from None
