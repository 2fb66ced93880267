"""Strict parsing of mappings (from YAML or JSON) to frozen dataclasses."""

from __future__ import annotations

import dataclasses
import difflib
import sys
import types
import typing
from collections.abc import Iterable, Mapping

from bench.errors import BadInput

# Of int64: no tensor holds a larger number, and quotients of larger ones overflow.
LARGEST = 2**63 - 1
NAMES = {int: "a whole number", float: "a number", str: "a string", bool: "true or false"}


def parse(kind, value, where: str = ""):
    """Converts ``value`` to the type ``kind``: a dataclass, a container, a union or a scalar.

    A string that spells a number is accepted where a number is expected: YAML 1.1 reads ``1e-4``
    as a string, and Snakemake every value inside a mapping of ``--config``.

    Args:
        where: the dotted key of ``value``, for messages.

    Raises:
        BadInput: an unknown or missing key, or a value of another type; the message names the key.
    """
    if dataclasses.is_dataclass(kind):
        return _parse_dataclass(kind, value, where)
    if kind is typing.Any:
        return value
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin in (typing.Union, types.UnionType):
        return _parse_union(arguments, value, where)
    if origin is typing.Literal:
        if value not in arguments:
            raise BadInput(_at(where, f"unknown value {value!r}{suggest(value, arguments)}"))
        return value
    if origin is tuple:
        return _parse_tuple(arguments, value, where)
    if origin is dict:
        return _parse_dict(arguments, value, where)
    return _parse_scalar(kind, value, where)


def suggest(word, known: Iterable) -> str:
    """``", did you mean 'x'?"`` with the nearest of ``known``, or else the list of them all."""
    known = [str(name) for name in known]
    close = difflib.get_close_matches(str(word), known, n=1)
    return (
        f", did you mean {close[0]!r}?" if close else f"; it is one of {', '.join(sorted(known))}"
    )


def check_positive(settings, *keys: str) -> None:
    """Raises BadInput for the first of ``keys`` that is zero or less."""
    for key in keys:
        if getattr(settings, key) <= 0:
            raise BadInput(f"{key}: {getattr(settings, key)} is not positive")


def check_no_wildcards(settings, *keys: str) -> None:
    """Raises BadInput for the first path of ``keys`` with a brace, which Snakemake would read as a
    wildcard."""
    for key in keys:
        path = getattr(settings, key)
        if path and set("{}") & set(path):
            raise BadInput(f"{key}: {path!r} has a brace; give the file or folder another name")


def check_name(key: str, name: str) -> None:
    """Raises BadInput where ``name`` cannot be the name of a folder on every system."""
    if not name.replace("_", "").replace("-", "").isalnum():
        raise BadInput(f"{key}: names are letters, digits, '_' and '-', for they name folders")


def _parse_dataclass(kind, value, where):
    if not isinstance(value, Mapping):
        raise BadInput(_at(where, f"expected a mapping, got {value!r}"))
    fields = {field.name: field for field in dataclasses.fields(kind)}
    types_by_name = typing.get_type_hints(kind)
    for key in value:
        if key not in fields:
            raise BadInput(_at(_join(where, key), f"unknown key{suggest(key, fields)}"))
    for name, field in fields.items():
        required = field.default is field.default_factory is dataclasses.MISSING
        if required and name not in value:
            raise BadInput(_at(_join(where, name), "missing; give it a value"))
    parsed = {
        key: parse(types_by_name[key], item, _join(where, key)) for key, item in value.items()
    }
    try:
        return kind(**parsed)
    except BadInput as error:
        raise error.within(where) if where else error from None


def _parse_union(kinds, value, where):
    if value is None and type(None) in kinds:
        return None
    kinds = [kind for kind in kinds if kind is not type(None)]
    wants_mapping = isinstance(value, Mapping)
    fitting = [kind for kind in kinds if dataclasses.is_dataclass(kind) == wants_mapping]
    return parse((fitting or kinds)[0], value, where)


def _parse_tuple(kinds, value, where):
    if not isinstance(value, (list, tuple)):
        raise BadInput(_at(where, f"expected a list, got {value!r}"))
    if kinds[-1] is Ellipsis:
        kinds = (kinds[0],) * len(value)
    if len(kinds) != len(value):
        raise BadInput(_at(where, f"expected {len(kinds)} values, got {len(value)}"))
    return tuple(
        parse(kind, item, f"{where}[{i}]") for i, (kind, item) in enumerate(zip(kinds, value))
    )


def _parse_dict(kinds, value, where):
    if not isinstance(value, Mapping):
        raise BadInput(_at(where, f"expected a mapping, got {value!r}"))
    key_kind, item_kind = kinds
    return {
        parse(key_kind, key, _join(where, key)): parse(item_kind, item, _join(where, key))
        for key, item in value.items()
    }


def _parse_scalar(kind, value, where):
    scalar = _read_number(kind, value) if isinstance(value, str) else value
    is_number = isinstance(scalar, (int, float)) and not isinstance(scalar, bool)
    # NaN compares false with every bound.
    if kind is float and is_number and abs(scalar) <= sys.float_info.max:
        return float(scalar)
    if kind is int and type(scalar) is int and abs(scalar) > LARGEST:
        raise BadInput(_at(where, "expected a whole number of 64 bits, got a larger one"))
    if kind in (int, str, bool) and type(scalar) is kind:
        return scalar
    raise BadInput(_at(where, f"expected {NAMES[kind]}, got {value!r}"))


def _read_number(kind, text):
    if kind not in (int, float):
        return text
    try:
        return kind(text)
    except ValueError:
        return text


def _join(where, key):
    return f"{where}.{key}" if where else str(key)


def _at(where, message):
    return f"{where}: {message}" if where else message
