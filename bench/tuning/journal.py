"""The rows of a search that is not finished, kept beside its output so that it can go on."""

from __future__ import annotations

import json
import os
from pathlib import Path

from bench.errors import BadInput
from bench.files.atomic import write_text
from bench.files.json_text import parse_json


def journal_of(out: Path) -> Path:
    """The journal of the search whose rows go to ``out``."""
    return out.with_name(f".{out.name}.journal")


class Journal:
    """Rows as JSON lines, after a first line that says what they were measured on.

    Attributes:
        rows: those of an earlier process that measured on the same; then also those added.

    Raises:
        BadInput: a whole line of the file is damaged.
    """

    def __init__(self, path: Path, identity: dict):
        self.path = path
        self._lines = self._read(identity)
        self.rows = [self._row(number, line) for number, line in enumerate(self._lines[1:], 2)]
        if not self._lines:
            write_text(path, _line(identity))

    def add(self, row: dict) -> None:
        """Keeps one more row, on the disk when this returns."""
        self.rows.append(row)
        with open(self.path, "a", encoding="utf-8") as file:
            file.write(_line(row))
            file.flush()
            os.fsync(file.fileno())

    def remove(self) -> None:
        """Removes the file, once its rows are where they belong."""
        self.path.unlink()

    def _read(self, identity):
        """The whole lines of a journal of the same identity. What a kill left of a last line is
        cut off, so that rows to come do not continue it."""
        try:
            text = self.path.read_text(encoding="utf-8")
        except (FileNotFoundError, UnicodeDecodeError):
            return []
        whole = text[: text.rfind("\n") + 1]
        lines = whole.splitlines(keepends=True)
        if not lines or lines[0] != _line(identity):
            return []
        if whole != text:
            write_text(self.path, whole)
        return lines

    def _row(self, number, line):
        try:
            return parse_json(line)
        except ValueError:
            raise BadInput(
                f"{self.path}: line {number} is damaged; remove the file to search anew"
            ) from None


def _line(value):
    return json.dumps(value) + "\n"
