"""Downloads that leave a whole file with the right SHA-256, or none."""

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

HUB = "https://huggingface.co/"
CHUNK = 1 << 20
# Seconds without a byte.
TIMEOUT = 60


def download(address: str, path: Path, sha256: str = "") -> None:
    """Puts the file of an address into ``path``; one that is there already is only verified.

    What has arrived lies in the folder ``<path>.partial`` until it is whole. Files of the Hugging
    Face hub come through its own client, which knows mirrors (``HF_ENDPOINT``), tokens, its cache
    and offline mode, and resumes broken connections within a call. From any other server the next
    call resumes where the last one ended.

    Args:
        sha256: the SHA-256 in hexadecimal, or its beginning; without one it is recorded in
            ``<path>.sha256`` on first use.

    Raises:
        BadInput: there is no network, the answer is not the file, the file has another SHA-256, or
            a folder or a device stands in its place.
    """
    if path.is_file():
        verify(path, sha256)
        return
    if path.exists():
        # A rename would put a file in the place of a device.
        raise BadInput(f"{path}: a folder or a device, where a file is to go; move it away")
    folder = path.with_name(f"{path.name}.partial")
    receive = _from_hub if address.startswith(HUB) else _from_server
    elsewhere = f"get {path.name} elsewhere and put it at {path}"
    try:
        arrived = receive(address, folder)
    except BadInput as error:
        raise BadInput(f"{error}; call again, or {elsewhere}") from None
    found, expected = sha256_of(arrived), _expected(path, sha256)
    if not found.startswith(expected):
        shutil.rmtree(folder)
        raise BadInput(
            f"{address}: sent a file whose SHA-256 does not begin with {expected[:16]}; {elsewhere}"
        )
    if not expected:
        write_text(_record(path), found + "\n")
    with open(arrived, "rb+") as file:
        os.fsync(file.fileno())
    os.replace(arrived, path)
    shutil.rmtree(folder)


def verify(path: Path, sha256: str = "") -> None:
    """Compares a file with its SHA-256, the stated one or else the recorded one.

    Raises:
        BadInput: they differ.
    """
    expected = _expected(path, sha256)
    if expected and not sha256_of(path).startswith(expected):
        raise BadInput(
            f"{path}: its SHA-256 does not begin with {expected[:16]}, so it is damaged or another "
            "file; remove it and download it anew"
        )


def _from_server(address, folder):
    part, validator = folder / "contents", folder / "validator"
    try:
        _receive(address, part, validator)
    except HTTPError as error:
        raise BadInput(f"{address}: {error.code} {error.reason}") from None
    except (URLError, HTTPException, OSError) as error:
        raise BadInput(f"{address}: broken off ({getattr(error, 'reason', error)})") from None
    return part


def _receive(address, part, validator):
    # The last byte is asked for again: servers refuse to begin at the end of a whole file.
    have = max(0, part.stat().st_size - 1) if part.exists() else 0
    headers = {"User-Agent": "bench", "Accept-Encoding": "identity"}
    if have and validator.exists():
        # The rest, if the server still has the file that the validator (an ETag) was sent with;
        # otherwise the whole of the file that it has now.
        headers["Range"] = f"bytes={have}-"
        headers["If-Range"] = validator.read_text(encoding="utf-8")
    with urlopen(Request(address, headers=headers), timeout=TIMEOUT) as answer:
        if answer.headers.get_content_type() == "text/html":
            raise BadInput(f"{address}: answered with a web page, not with the file")
        resumed = answer.status == 206
        begin = have if resumed else 0
        length = answer.headers.get("Content-Length")
        total = begin + int(length) if length else None
        part.parent.mkdir(parents=True, exist_ok=True)
        sent_with = answer.headers.get("ETag") or answer.headers.get("Last-Modified")
        if sent_with:
            write_text(validator, sent_with)
        with (
            open(part, "rb+" if resumed else "wb") as file,
            tqdm.wrapattr(answer, "read", total=total, initial=begin, disable=None) as source,
        ):
            file.seek(begin)
            shutil.copyfileobj(source, file, CHUNK)
    found = part.stat().st_size
    if total is not None and found != total:
        raise OSError(f"{found:,} of {total:,} bytes")


def _from_hub(address, folder):
    from huggingface_hub import hf_hub_download, parse_hf_uri
    from huggingface_hub.errors import HTTPError as HubHTTPError
    from huggingface_hub.errors import LocalEntryNotFoundError

    file = parse_hf_uri(address)
    try:
        return Path(
            hf_hub_download(
                file.id,
                file.path_in_repo,
                repo_type=file.type,
                revision=file.revision,
                local_dir=folder,
            )
        )
    except (HubHTTPError, OSError) as error:
        # The client keeps nothing of a file that did not arrive whole.
        shutil.rmtree(folder, ignore_errors=True)
        # Without a network the client looks for a copy, and complains of that; the cause is better.
        cause = error.__cause__ if isinstance(error, LocalEntryNotFoundError) else error
        reason = " ".join(str(cause).split())
        raise BadInput(f"{address}: {reason}") from None


def _expected(path, sha256):
    record = _record(path)
    if not sha256 and record.exists():
        return record.read_text(encoding="utf-8").strip()
    return sha256


def _record(path):
    return path.with_name(f"{path.name}.sha256")
