"""Guidance methods by name, and the specs (mappings) that they are built from."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from bench.errors import BadInput
from bench.guidance.base import Guidance
from bench.parsing import parse, suggest

_methods: dict[str, type[Guidance]] = {}


def register(name: str) -> Callable[[type[Guidance]], type[Guidance]]:
    """Class decorator: makes a frozen dataclass the method ``name`` of specs and configs."""

    def add(method: type[Guidance]) -> type[Guidance]:
        if name in _methods and _methods[name].__qualname__ != method.__qualname__:
            raise BadInput(f"method {name!r} is registered already; choose another name")
        _methods[name] = method
        return method

    return add


def registered() -> dict[str, type[Guidance]]:
    """All methods by name, plugins included."""
    return dict(_methods)


def build(spec: Mapping) -> Guidance:
    """The method of a spec such as ``{"method": "cfg", "omega": 1.5}``.

    Raises:
        BadInput: unknown method or key, wrong type, or a value out of its range.
    """
    if not isinstance(spec, Mapping):
        raise BadInput(f"a guidance spec is a mapping with the key 'method', got {spec!r}")
    hyperparameters = dict(spec)
    name = hyperparameters.pop("method", None)
    if name is None:
        raise BadInput("method: missing; name the guidance method")
    if not isinstance(name, str) or name not in _methods:
        raise BadInput(f"method: unknown method {name!r}{suggest(name, _methods)}")
    return parse(_methods[name], hyperparameters)


def load_plugin(path: str | Path) -> None:
    """Runs a Python file outside the package that registers methods of its own."""
    path = Path(path)
    if not path.is_file():
        raise BadInput(
            f"plugins: no such file {str(path)!r}; paths are relative to the working folder"
        )
    name = f"bench_plugin_{path.stem}"
    if name in sys.modules:
        return
    module_spec = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(module_spec)
    sys.modules[name] = module
    try:
        module_spec.loader.exec_module(module)
    except BadInput:
        del sys.modules[name]
        raise
    except (Exception, SystemExit) as error:
        del sys.modules[name]
        raise BadInput(
            f"plugins: {path} does not import: {type(error).__name__}: {error}"
        ) from error
