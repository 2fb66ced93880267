"""Fetches the files of a dataset: from a folder, a Debian package, or the dataset's own server."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path
from types import ModuleType

from bench.errors import BadInput
from bench.files.atomic import replacing
from bench.files.download import download
from bench.files.hashes import sha256_of


def fetch(dataset: ModuleType, source: Path | None) -> None:
    """Puts those of ``dataset.FILES`` that are missing or damaged into ``dataset.FOLDER``, each
    with its SHA-256.

    Args:
        source: a folder that holds them, at any depth. Without one they come from the dataset's
            Debian package where there is ``apt-get``: a mirror that needs no root, for nothing is
            installed, and that is reachable where the dataset's own server is not. Elsewhere they
            come from that server.

    Raises:
        BadInput: a file is not there or has other contents. A folder or a package that lacks one
            gives none.
    """
    wanted = {
        name: sha256
        for name, sha256 in dataset.FILES.items()
        if not _is(dataset.FOLDER / name, sha256)
    }
    if not wanted:
        return
    if source:
        _copy(wanted, source, dataset.FOLDER)
    elif shutil.which("apt-get") and shutil.which("dpkg"):
        with tempfile.TemporaryDirectory() as unpacked:
            _unpack_debian_package(dataset.DEBIAN_PACKAGE, Path(unpacked))
            _copy(wanted, Path(unpacked), dataset.FOLDER)
    else:
        for name, sha256 in wanted.items():
            (dataset.FOLDER / name).unlink(missing_ok=True)
            download(dataset.ADDRESS + name, dataset.FOLDER / name, sha256)


def _copy(wanted, source, folder):
    found = {name: _find(source, name, sha256) for name, sha256 in wanted.items()}
    for name, path in found.items():
        with replacing(folder / name) as whole:
            shutil.copyfile(path, whole)


def _find(source, name, sha256):
    candidates = sorted(source.rglob(name)) if source.is_dir() else []
    if not candidates:
        raise BadInput(f"{source}: holds no {name}; name the folder that does with --source")
    for path in candidates:
        if _is(path, sha256):
            return path
    raise BadInput(f"{candidates[0]}: its SHA-256 is not {sha256}; it is damaged or another file")


def _is(path, sha256):
    return path.is_file() and sha256_of(path) == sha256


def _unpack_debian_package(package, folder):
    try:
        subprocess.run(
            ["apt-get", "download", package], cwd=folder, check=True, capture_output=True, text=True
        )
        (archive,) = folder.glob("*.deb")
        subprocess.run(["dpkg", "-x", archive, folder], check=True, capture_output=True, text=True)
    except subprocess.CalledProcessError as error:
        reason = (error.stderr.strip() or "no reason given").splitlines()[-1]
        raise BadInput(
            f"{package}: cannot be fetched ({reason}); name a folder that holds its files with "
            "--source"
        ) from None
