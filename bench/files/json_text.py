"""Reads JSON that others may have written."""

from __future__ import annotations

import json


def parse_json(text: str | bytes):
    """The value that a JSON text spells.

    Raises:
        ValueError: it is not JSON, or is nested too deeply to be read.
    """
    try:
        return json.loads(text)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
