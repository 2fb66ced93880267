"""Freed memory is used again without page faults."""

from __future__ import annotations

import ctypes
import platform
import subprocess
import sys

import pytest

from bench.memory import SIZES, keep_freed_memory

# Page faults of blocks that are freed together and asked for again: each is small enough to be
# kept by any glibc, all of them are more than it keeps by itself.
PROGRAM = """
import resource
from bench.__main__ import main

def faults():
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(2):
        blocks = [bytes([1]) * (12 * 2**20) for _ in range(8)]
        blocks.clear()
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before

try:
    main(["--help"])
except SystemExit:
    pass
faults()
print(faults())
"""
on_glibc = pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="glibc's allocator alone")


@on_glibc
def test_a_verb_allocates_without_page_faults():
    command = [sys.executable, "-c", PROGRAM]
    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert int(printed.splitlines()[-1]) < 5


@on_glibc
def test_glibc_takes_the_settings():
    assert keep_freed_memory() is True


@on_glibc
def test_an_older_glibc_takes_the_most_that_it_allows(monkeypatch):
    taken = []

    class Older:
        def mallopt(self, parameter, value):
            taken.append((parameter, value))
            return int(parameter != -3 or value <= 2**25)

    monkeypatch.setattr(ctypes, "CDLL", lambda name: Older())
    assert keep_freed_memory() is True
    assert taken[-1] == (-3, SIZES[-1])


@pytest.mark.parametrize("library", [object(), None])
def test_another_c_library_is_left_as_it_is(monkeypatch, library):
    def load(name):
        if library is None:
            raise TypeError("no name of a library")
        return library

    monkeypatch.setattr(ctypes, "CDLL", load)
    assert keep_freed_memory() is False
