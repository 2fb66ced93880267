"""The zoo's table, and names in place of paths."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

from bench.errors import BadInput
from bench.parsing import suggest

TABLE = Path(__file__).with_name("zoo.csv")
FOLDER = Path("data/zoo")


@dataclass(frozen=True)
class Artefact:
    """One file.

    Attributes:
        sha256: of the file, or how it begins; empty: recorded on first use.
        fid: that its authors state on ImageNet-256, under these settings.
    """

    name: str
    file: str
    address: str
    sha256: str
    licence: str
    fid: str
    settings: str

    @property
    def path(self) -> Path:
        """Where it lies once it is downloaded."""
        return FOLDER / self.name.replace("/", "-") / self.file


def artefacts() -> list[Artefact]:
    """Every file of the zoo; a name may have several."""
    with open(TABLE, newline="", encoding="utf-8") as file:
        return [Artefact(**row) for row in csv.DictReader(file)]


def files_of(name: str) -> list[Artefact]:
    """The files of a name.

    Raises:
        BadInput: the zoo has no such name.
    """
    known = artefacts()
    found = [artefact for artefact in known if artefact.name == name]
    if not found:
        names = dict.fromkeys(artefact.name for artefact in known)
        raise BadInput(f"zoo: unknown name {name!r}{suggest(name, names)}")
    return found


def resolve(name_or_path: str) -> Path:
    """Where a name's file lies, or its folder if it has several; a path stays as it is."""
    found = [artefact.path for artefact in artefacts() if artefact.name == name_or_path]
    if not found:
        return Path(name_or_path)
    return found[0] if len(found) == 1 else found[0].parent
