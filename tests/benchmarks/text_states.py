"""Prints by how much a process grows that writes and reads the text states of many captions.

    python -m tests.benchmarks.text_states

Of a file and of shards, of 20 MB and of 200 MB of states. The last column is what to look at: the
memory that every further byte of states takes. For a file it is above 1; for shards, which are not
held in memory, a small part of it: of a caption its numbers stay, and longer shards fill the buffer
that they are encoded in.
"""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import torch

from bench.data.shards import shard_name, shard_range
from bench.data.text_shards import TextShards, write_text_manifest, write_text_shard
from bench.data.text_states import TextStates, write_text_states

SIZES = (20, 200)
# Five tokens of bfloat16: a shard is many times what is encoded between two writes.
WIDTH, LENGTH = 1000, 5
PER_CAPTION = 2 * WIDTH * LENGTH
SHARDS, BATCH = 4, 16
# Seconds between two looks at the memory.
EVERY = 0.002


class RandomStates:
    """Stands for a text encoder; all captions are as long as they may be."""

    width, length, identity = WIDTH, LENGTH, "random"

    def encode(self, texts):
        states = torch.randn(len(texts), LENGTH, WIDTH).bfloat16()
        return states, torch.ones(len(texts), LENGTH, dtype=torch.bool)


def write_file(folder: Path, captions: list[str]) -> None:
    write_text_states(folder / "states.safetensors", captions, RandomStates())


def write_folder(folder: Path, captions: list[str]) -> None:
    paths = [folder / shard_name(index) for index in range(SHARDS)]
    for index, path in enumerate(paths):
        part = shard_range(len(captions), index, SHARDS)
        own = captions[part.start : part.stop]
        write_text_shard(path, own, RandomStates(), "listing", index, SHARDS)
    write_text_manifest(folder, paths)


def read_file(folder: Path, captions: list[str]) -> None:
    _read(TextStates(folder / "states.safetensors"), captions)


def read_folder(folder: Path, captions: list[str]) -> None:
    _read(TextShards(folder), captions)


WRITTEN_BY = {read_file: write_file, read_folder: write_folder}


def _read(states, captions):
    """Every caption once, in another order."""
    order = torch.randperm(len(captions), generator=torch.Generator().manual_seed(0))
    for rows in states.rows(captions)[order].split(BATCH):
        states[rows].states.sum()


def peak_megabytes(work: Callable, folder: Path, captions: list[str]) -> float:
    """10^6 bytes by which a new process grows at most while it works. Pages of a mapped file do not
    count: the system takes them back for others."""
    with ProcessPoolExecutor(1, get_context("spawn")) as pool:
        return pool.submit(_measured, work, folder, captions).result()


def _measured(work, folder, captions):
    # The first use of a library takes memory, too.
    RandomStates().encode([""])
    before, measured, ended = _own_bytes(), [], threading.Event()

    def watch():
        while not ended.wait(EVERY):
            measured.append(_own_bytes())

    watching = threading.Thread(target=watch)
    watching.start()
    work(folder, captions)
    ended.set()
    watching.join()
    return (max(measured, default=before) - before) / 1e6


def _own_bytes():
    lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    (line,) = (line for line in lines if line.startswith("RssAnon:"))
    return int(line.split()[1]) * 1024


def main() -> None:
    print(f"{'':20}" + "".join(f"{size:>8} MB" for size in SIZES) + "  per byte")
    for work in (write_file, write_folder, read_file, read_folder):
        grown = []
        for size in SIZES:
            captions = [f"caption {index}" for index in range(size * 10**6 // PER_CAPTION)]
            with tempfile.TemporaryDirectory() as folder:
                if work in WRITTEN_BY:
                    WRITTEN_BY[work](Path(folder), captions)
                grown.append(peak_megabytes(work, Path(folder), captions))
        shown = "".join(f"{size:8.1f} MB" for size in grown)
        slope = (grown[1] - grown[0]) / (SIZES[1] - SIZES[0])
        print(f"{work.__name__:20}{shown}{slope:10.2f}", flush=True)


if __name__ == "__main__":
    main()
