"""The zoo's table of artefacts; their names stand for paths in configurations."""

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
    """A published file.

    Attributes:
        name: the name in configurations; several files may share one.
        sha256: the file's SHA-256 or its beginning; where it is empty, it is recorded on first use.
        fid: the FID on ImageNet-256 that its authors state, under ``settings``.
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
        """The place that it is downloaded to."""
        return FOLDER / self.name.replace("/", "-") / self.file


def artefacts() -> list[Artefact]:
    """Every file of the zoo."""
    with open(TABLE, newline="", encoding="utf-8") as file:
        return [Artefact(**row) for row in csv.DictReader(file)]


def files_of(name: str) -> list[Artefact]:
    """The files of one name.

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
    """The path of a name's file, or of its folder if it has several; a path stays as it is."""
    found = [artefact.path for artefact in artefacts() if artefact.name == name_or_path]
    if not found:
        return Path(name_or_path)
    return found[0] if len(found) == 1 else found[0].parent
