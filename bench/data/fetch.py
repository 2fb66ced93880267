"""Gets the files of a dataset: from a folder, from a Debian package, or through torchvision."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path
from types import ModuleType

from bench.errors import BadInput
from bench.files.atomic import replacing
from bench.files.hashes import sha256_of


def fetch(dataset: ModuleType, source: Path | None) -> None:
    """Puts ``dataset.FILES`` into ``dataset.FOLDER``, each checked against its SHA-256. Nothing
    is downloaded where they are there already.

    Args:
        source: a folder that holds them, at any depth. Without one they come from the dataset's
            Debian package where there is ``apt-get`` (no root needed: nothing is installed), and
            elsewhere from where torchvision gets them.

    Raises:
        BadInput: a file is not there or has other contents; nothing was written then.
    """
    if source is None and all(
        _is(dataset.FOLDER / name, sha256) for name, sha256 in dataset.FILES.items()
    ):
        return
    with tempfile.TemporaryDirectory() as temporary:
        folder = source or _download(dataset, Path(temporary))
        found = {name: _find(folder, name, sha256) for name, sha256 in dataset.FILES.items()}
        for name, path in found.items():
            with replacing(dataset.FOLDER / name) as whole:
                shutil.copyfile(path, whole)


def _find(folder, name, sha256):
    candidates = sorted(folder.rglob(name)) if folder.is_dir() else []
    if not candidates:
        raise BadInput(f"{folder}: holds no {name}; name the folder that does with --source")
    for path in candidates:
        if _is(path, sha256):
            return path
    raise BadInput(f"{candidates[0]}: its SHA-256 is not {sha256}; it is damaged or another file")


def _is(path, sha256):
    return path.is_file() and sha256_of(path) == sha256


def _download(dataset, folder):
    if shutil.which("apt-get") and shutil.which("dpkg"):
        _from_debian(dataset.DEBIAN_PACKAGE, folder)
    else:
        _from_torchvision(dataset.TORCHVISION_CLASS, folder)
    return folder


def _from_debian(package, folder):
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


def _from_torchvision(name, folder):
    from torchvision import datasets

    try:
        getattr(datasets, name)(folder, download=True)
    except (OSError, RuntimeError) as error:
        raise BadInput(
            f"{name}: cannot be downloaded ({error}); name a folder that holds its files with "
            "--source"
        ) from None
