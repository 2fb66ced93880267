"""Downloads that resume, and that leave a whole, checked file or none."""

from __future__ import annotations

import os
import shutil
from http.client import HTTPException
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

from tqdm import tqdm

from bench.errors import BadInput
from bench.files.atomic import write_text
from bench.files.hashes import sha256_of
from bench.zoo.table import Artefact

CHUNK = 1 << 20
# Seconds without a byte.
TIMEOUT = 60


def download(artefact: Artefact) -> None:
    """Puts the file of ``artefact`` into its place; one that is there is checked alone.

    What has come of it lies in ``<file>.part`` until it is whole, and the same call goes on from
    there; ``<file>.part.validator`` tells whether the server still has that very file. The SHA-256
    is checked against the table's, or recorded in ``<file>.sha256`` on first use.

    Raises:
        BadInput: no network, an answer that is not the file, or a file with another SHA-256.
    """
    path = artefact.path
    if path.is_file():
        _check(path, artefact)
        return
    part = path.with_name(f"{path.name}.part")
    part.parent.mkdir(parents=True, exist_ok=True)
    try:
        _receive(artefact.address, part)
    except HTTPError as error:
        raise BadInput(
            f"{artefact.address}: {error.code} {error.reason}; {_advice(path)}"
        ) from None
    except (URLError, HTTPException, OSError) as error:
        reason = getattr(error, "reason", error)
        raise BadInput(f"{artefact.address}: broken off ({reason}); {_advice(path)}") from None
    try:
        _check(part, artefact)
    except BadInput:
        # Nothing to go on from.
        part.unlink()
        raise
    write_text(_record(path), sha256_of(part) + "\n")
    with open(part, "rb+") as file:
        os.fsync(file.fileno())
    os.replace(part, path)
    _validator(part).unlink(missing_ok=True)


def check(artefact: Artefact) -> None:
    """Raises BadInput unless the file of ``artefact`` is there and has its SHA-256."""
    if not artefact.path.is_file():
        raise BadInput(f"{artefact.path}: missing; `python -m bench download {artefact.name}`")
    _check(artefact.path, artefact)


def _receive(address, part):
    # The last byte once more: servers refuse to begin past the end of a file that is whole.
    have = max(0, part.stat().st_size - 1) if part.exists() else 0
    headers = {"User-Agent": "bench", "Accept-Encoding": "identity"}
    if have and _validator(part).exists():
        # Otherwise the server sends the whole file.
        headers["Range"] = f"bytes={have}-"
        headers["If-Range"] = _validator(part).read_text(encoding="utf-8")
    with urlopen(Request(address, headers=headers), timeout=TIMEOUT) as answer:
        if answer.headers.get_content_type() == "text/html":
            raise BadInput(f"{address}: answered with a web page, not with the file; look at it")
        resumed = answer.status == 206
        begin = have if resumed else 0
        length = answer.headers.get("Content-Length")
        total = begin + int(length) if length else None
        validator = answer.headers.get("ETag") or answer.headers.get("Last-Modified")
        if validator:
            write_text(_validator(part), validator)
        with (
            open(part, "rb+" if resumed else "wb") as file,
            tqdm.wrapattr(answer, "read", total=total, initial=begin, disable=None) as source,
        ):
            file.seek(begin)
            shutil.copyfileobj(source, file, CHUNK)
    found = part.stat().st_size
    if total is not None and found != total:
        raise OSError(f"{found:,} of {total:,} bytes")


def _check(path, artefact):
    recorded = _record(artefact.path)
    expected = artefact.sha256
    if not expected and recorded.exists():
        expected = recorded.read_text(encoding="utf-8").strip()
    if expected and not sha256_of(path).startswith(expected):
        raise BadInput(
            f"{path}: its SHA-256 does not begin with {expected[:16]}, so it is damaged or another "
            "file; remove it and download it anew"
        )


def _record(path: Path) -> Path:
    return path.with_name(f"{path.name}.sha256")


def _validator(part: Path) -> Path:
    return part.with_name(f"{part.name}.validator")


def _advice(path):
    return f"call again to go on, or get {path.name} elsewhere and put it at {path}"
