"""Puts deliberate faults into a copy of the package, one by one, and runs the tests of their part.

    python -m tests.mutations [NAME ...]

A fault that its tests do not notice survives: they claim more than they check. The faults are
listed in faults.yaml; without names, all of them are tried. The exit code is 0 where every fault
is killed, and 1 where one survives, where a test fails without a fault, or where the list does not
fit the package any more.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

CHECKOUT = Path(__file__).parents[2]
FAULTS = Path(__file__).with_name("faults.yaml")
# What tests read of the checkout.
COPIED = ("bench", "tests", "workflow", "Snakefile", "pyproject.toml")
# A fault may leave the size and the second of a file as they were, by which Python recognizes
# compiled modules as up to date: none are written.
ENVIRONMENT = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONDONTWRITEBYTECODE": "1"}
# pytest's exit codes.
PASSED, FAILED = 0, 1


@dataclass(frozen=True)
class Fault:
    """A change that makes the package wrong.

    Attributes:
        name: in faults.yaml.
        fault: what is wrong with it, in a sentence.
        file: the changed file, from the root of the checkout.
        old: a text that the file holds exactly once.
        new: the text that takes its place.
        tests: the pytest ids that should fail, as few as possible.
    """

    name: str
    fault: str
    file: str
    old: str
    new: str
    tests: tuple[str, ...]

    def apply(self, text: str) -> str:
        """The file's text with the fault in it.

        Raises:
            SystemExit: the list is outdated.
        """
        found = text.count(self.old)
        if found != 1:
            raise SystemExit(f"{self.name}: {self.file} holds the old text {found} times, not once")
        return text.replace(self.old, self.new)


def main() -> int:
    """Tries the chosen faults; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutations", allow_abbrev=False)
    parser.add_argument("names", nargs="*", metavar="NAME", help="faults to try (default: all)")
    faults = choose(parser.parse_args().names)
    for fault in faults:
        # A fault that is no Python any more would be killed by whatever imports it.
        compile(fault.apply((CHECKOUT / fault.file).read_text()), fault.file, "exec")
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder)
        copy_package(copy)
        report = run_tests(copy, [test for fault in faults for test in fault.tests])
        if report.returncode != PASSED:
            output = f"{report.stdout}{report.stderr}\n"
            raise SystemExit(f"{output}the tests fail without a fault (code {report.returncode})")
        survivors = [fault.name for fault in faults if not is_killed(fault, copy)]
    print(f"{len(faults)} faults: {len(faults) - len(survivors)} killed, {len(survivors)} survived")
    return int(bool(survivors))


def choose(names: Sequence[str]) -> list[Fault]:
    """The faults of these names, in the order of the list; all of them without names.

    Raises:
        SystemExit: a name is unknown.
    """
    listed = yaml.safe_load(FAULTS.read_text())
    for name in names:
        if name not in listed:
            raise SystemExit(f"{name}: not one of the faults: {', '.join(listed)}")
    return [
        Fault(name, **{**entry, "tests": tuple(entry["tests"])})
        for name, entry in listed.items()
        if name in names or not names
    ]


def copy_package(folder: Path) -> None:
    """Copies what tests read of the checkout, without compiled modules."""
    for name in COPIED:
        source = CHECKOUT / name
        if source.is_dir():
            ignored = shutil.ignore_patterns("__pycache__")
            shutil.copytree(source, folder / name, ignore=ignored)
        else:
            shutil.copy(source, folder / name)


def is_killed(fault: Fault, copy: Path) -> bool:
    """Tells if the tests notice a fault, prints it, and takes the fault out again.

    Raises:
        SystemExit: the tests do not even run with it, which shows nothing about them.
    """
    start, path = time.perf_counter(), copy / fault.file
    whole = path.read_text()
    path.write_text(fault.apply(whole))
    report = run_tests(copy, fault.tests)
    path.write_text(whole)
    if report.returncode not in (PASSED, FAILED):
        output = f"{report.stdout}{report.stderr}\n"
        raise SystemExit(f"{output}{fault.name}: the tests do not run (code {report.returncode})")
    killed = report.returncode == FAILED
    verdict, seconds = "killed" if killed else "SURVIVED", time.perf_counter() - start
    print(f"{verdict:8}  {fault.name:34} {seconds:5.1f} s  {fault.fault}", flush=True)
    return killed


def run_tests(copy: Path, tests: Sequence[str]) -> subprocess.CompletedProcess:
    """Runs tests of the copy until the first fails, each once."""
    options = ["-x", "-q", "-o", "addopts=", "-p", "no:cacheprovider"]
    command = [sys.executable, "-m", "pytest", *options, *dict.fromkeys(tests)]
    return subprocess.run(command, cwd=copy, env=ENVIRONMENT, capture_output=True, text=True)


if __name__ == "__main__":
    sys.exit(main())
