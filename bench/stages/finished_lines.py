"""The lines of a plan that were run: what the result of each was made from."""

from __future__ import annotations

import hashlib
import json
import os
from argparse import Namespace
from collections.abc import Callable
from functools import cache, wraps
from pathlib import Path

from bench.config.load import read, resolve_methods, settings_hash
from bench.config.runs import read_snapshot
from bench.data.shards import MANIFEST
from bench.files.hashes import sha256_of

# A line reads one method at most, the one that it names. Of runs it reads nothing but the files
# that it names; a training alone reads their settings, and it knows by itself what is left to do.
UNREAD = ("runs", "methods", "measurement", "hardware")
CONFIGURATIONS = (".yaml", ".yml")


def _once_per_state(function: Callable[[Path], object]):
    """The function of a file, computed anew where the file has another size or time of writing:
    many lines read the same files."""

    @cache
    def of_state(path, size, time_of_writing):
        return function(path)

    @wraps(function)
    def of(path):
        status = path.stat()
        return of_state(path, status.st_size, status.st_mtime_ns)

    return of


_sha256 = _once_per_state(sha256_of)


@_once_per_state
def _settings(path):
    return resolve_methods(read(path))


class FinishedLines:
    """A text file beside the plan: an identity and the line that it is of, for each run.

    The identity of a run is the SHA-256 of its line and of the contents of all files that it read
    and wrote. A line whose identity is as written here need not be run again.
    """

    def __init__(self, plan: Path):
        self.path = plan.with_name(f"{plan.name}.done")
        text = self.path.read_bytes() if self.path.exists() else b""
        self.identities = {entry.split()[0].decode() for entry in text.splitlines() if entry}

    def holds(self, line: str, inputs: dict[str, str], outputs: list[Path]) -> bool:
        """Tells that a line was run on these inputs (`inputs_of`), and its outputs are as it left
        them."""
        written = all(path.is_file() for path in outputs)
        return written and _identity(line, inputs, outputs) in self.identities

    def add(self, line: str, inputs: dict[str, str], outputs: list[Path]) -> None:
        """Notes that a line was run on these inputs."""
        identity = _identity(line, inputs, outputs)
        self.identities.add(identity)
        with open(self.path, "a", encoding="utf-8", errors="surrogateescape") as journal:
            # The line break comes first: an entry may follow one that was cut off.
            journal.write(f"\n{identity} {line}")


def inputs_of(options: Namespace, outputs: list[Path]) -> dict[str, str]:
    """The hashes of what a line reads, by path: the files and folders among its options, of
    configurations the settings that it may read, and the files of the latents that it measures.

    Raises:
        BadInput: a configuration is wrong.
    """
    values = [
        value
        for name, found in vars(options).items()
        # Of the verbs of a plan, those that have it write into it.
        if name != "results"
        for value in (found if isinstance(found, list) else [found])
    ]
    # A guidance spec and the configuration of a split are text.
    named = {Path(v) for v in values if isinstance(v, Path) or _is_file(v)} - set(outputs)
    configurations = {path for path in named if path.suffix in CONFIGURATIONS}
    hashes = {str(path): _hash(path) for path in named - configurations}
    for path in configurations:
        settings = _settings(path)
        hashes[str(path)] = settings_hash(_read_by(options, settings))
        hashes |= {str(found): _hash(found) for found in _latents_of(options, settings)}
    return hashes


def _is_file(value):
    return isinstance(value, str) and os.path.isfile(value)


def _read_by(options, settings):
    part = {key: value for key, value in settings.items() if key not in UNREAD}
    if method := getattr(options, "method", None):
        part["method"] = settings["methods"].get(read_snapshot(method).name)
    if options.verb == "measure":
        part["measurement"] = settings["measurement"]
    return part


def _latents_of(options, settings):
    """The files of latents that a verb reads though none of its options names them."""
    if not settings.get("latents"):
        return []
    folder = Path(settings["latents"]["folder"])
    if options.verb == "capacity-gap":
        return [folder / "reference" / MANIFEST]
    if options.verb == "features":
        return [folder / f"{options.split[1]}.csv"]
    return []


def _identity(line, inputs, outputs):
    written = {str(path): _hash(path) for path in outputs}
    return hashlib.sha256(json.dumps([line, inputs, written], sort_keys=True).encode()).hexdigest()


def _hash(path):
    """The SHA-256 of a file, those of all files of a folder, or a word for neither."""
    if path.is_dir():
        files = sorted(found for found in path.rglob("*") if found.is_file())
        return json.dumps({str(found): _hash(found) for found in files})
    return _sha256(path) if path.is_file() else "absent"
