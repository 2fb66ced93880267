"""Verbs that are killed, or whose disk is full or not writable: one line, nothing half-written, and
the next call ends in the same bytes."""

from __future__ import annotations

import errno
import functools
import os
import random
import signal
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from bench.__main__ import main
from tests.test_commands import DIGITS, sample
from tests.training.test_loop import CONFIG, STEPS

MOMENTS = 20
# What `bench.files.atomic` and those who write into its temporary files do.
WRITES = ((Path, "write_bytes"), (Path, "write_text"), (os, "fsync"), (os, "replace"))
FILE_CALLS = ("open", "write", "close", "fsync", "replace", "unlink", "__exit__")
VERBS = ("sample", "features", "evaluate", "train")


@pytest.fixture(scope="module", autouse=True)
def _no_clock():
    """Headers hold the seconds that a verb took; without them equal samples are equal files."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("bench.stages.sample.time", SimpleNamespace(perf_counter=lambda: 0.0))
        yield


@pytest.fixture(scope="module")
def verbs(checkpoints, extractor, tmp_path_factory):
    """Each verb as a function of the folder that it writes to, and that gives its exit code."""
    folder = tmp_path_factory.mktemp("inputs")
    config = folder / "config.yaml"
    config.write_text(CONFIG.replace(f"steps: {STEPS}", "steps: 21"))
    samples, features, reference = (folder / name for name in ("samples", "features", "real"))
    measuring = ["--extractor", str(extractor), "--device", "cpu", "--out"]
    split = ["--split", DIGITS, "reference", "--limit", "64"]
    assert sample(checkpoints, samples, indices="0:24") == 0
    assert main(["features", "--samples", str(samples), *measuring, str(features)]) == 0
    assert main(["features", *split, *measuring, str(reference)]) == 0
    cell = ["--features", str(features), "--reference", str(reference)]
    training = ["--config", str(config), "--run", "routed", "--device", "cpu"]
    return {
        "sample": lambda out: sample(checkpoints, out / "samples"),
        "features": lambda out: main(
            ["features", "--samples", str(samples), *measuring, str(out / "features")]
        ),
        "evaluate": lambda out: main(["evaluate", *cell, "--out", str(out / "rows.csv")]),
        "train": lambda out: main(["train", *training, "--out", str(out / "run")]),
    }


@pytest.fixture(scope="module")
def whole(verbs, tmp_path_factory):
    """What each verb writes when nothing goes wrong, by the path in its folder."""

    @functools.cache
    def results(verb):
        folder = tmp_path_factory.mktemp(verb)
        assert verbs[verb](folder) == 0
        return results_in(folder)

    return results


def results_in(folder):
    """The files under final names, but for a training's log of speeds and its lock."""
    return {
        path.relative_to(folder): path.read_bytes()
        for path in folder.rglob("*")
        if path.suffix in ("", ".safetensors", ".csv")
        and path.is_file()
        and not path.name.startswith(".")
        and path.name != "log.csv"
        and "unfinished" not in path.parts
    }


def temporary_in(folder):
    return [path for path in folder.rglob(".*") if path.suffix in (".safetensors", ".csv")]


def counting(work, names, last=None):
    """Counts the calls of functions with these names (with any, where there are none) while
    ``work`` runs in a child process, which is killed at the call number ``last``: their number, and
    the status that the child ended with."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        calls = 0

        def count(frame, event, argument):
            nonlocal calls
            if event not in ("call", "c_call"):
                return
            name = frame.f_code.co_name if event == "call" else argument.__name__
            calls += not names or name in names
            if calls == last:
                os.kill(os.getpid(), signal.SIGKILL)

        sys.setprofile(count)
        code = work()
        sys.setprofile(None)
        os.write(writer, str(calls).encode())
        os._exit(code)
    os.close(writer)
    with os.fdopen(reader) as pipe:
        calls = pipe.read()
    _, status = os.waitpid(child, 0)
    return int(calls or 0), status


@pytest.mark.parametrize("verb", ["sample", "features"])
def test_killed_at_any_moment(verb, verbs, whole, tmp_path):
    expected = whole(verb)
    counts = {}
    for names in ((), FILE_CALLS):
        counts[names], status = counting(lambda: verbs[verb](tmp_path / "counted"), names)
        assert status == 0
    # A few calls less than were counted, for caches are warm by then; and each of the last calls
    # that have to do with files.
    drawn = random.Random(0).sample(range(1, counts[()] - 50), MOMENTS // 2)
    moments = [((), call) for call in drawn]
    last = counts[FILE_CALLS] + 1
    moments += [(FILE_CALLS, call) for call in range(last - MOMENTS // 2, last)]
    folders = [tmp_path / str(number) for number in range(MOMENTS)]
    # All of them first: what runs in this process may shorten what a child of it calls later.
    for out, (names, moment) in zip(folders, moments):
        _, status = counting(lambda out=out: verbs[verb](out), names, moment)
        assert os.WTERMSIG(status) == signal.SIGKILL
        assert results_in(out) in ({}, expected)
    for out in folders:
        assert verbs[verb](out) == 0
        assert results_in(out) == expected


def failing(monkeypatch, error, at):
    """Makes write number ``at`` fail with an error of the system, half done."""
    writes = 0

    def wrapped(name, original):
        @functools.wraps(original)
        def write(target, *arguments, **options):
            nonlocal writes
            writes += 1
            if writes == at:
                if name.startswith("write"):
                    original(target, arguments[0][: len(arguments[0]) // 2], **options)
                raise OSError(error, os.strerror(error), str(target))
            return original(target, *arguments, **options)

        return write

    for owner, name in WRITES:
        monkeypatch.setattr(owner, name, wrapped(name, getattr(owner, name)))
    return lambda: writes >= at


@pytest.mark.parametrize("verb", VERBS)
def test_a_full_disk_at_any_write(verb, verbs, whole, tmp_path, monkeypatch, capsys):
    at = 0
    while True:
        at += 1
        out = tmp_path / str(at)
        with monkeypatch.context() as patch:
            reached = failing(patch, errno.ENOSPC, at)
            code = verbs[verb](out)
        errors = capsys.readouterr().err
        if not reached():
            break
        assert code == 1
        assert errors.splitlines()[-1].startswith("error: ")
        assert "No space left on device" in errors
        assert "Traceback" not in errors
        assert whole(verb).items() >= results_in(out).items()
        assert temporary_in(out) == []
        assert verbs[verb](out) == 0
        assert results_in(out) == whole(verb)
        capsys.readouterr()
    # Of a file its contents, its sync and its name.
    assert at > 3


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("error", [errno.EACCES, errno.EROFS])
def test_a_folder_that_cannot_be_written_to(verb, error, verbs, tmp_path, monkeypatch, capsys):
    out = tmp_path / "out"
    out.mkdir()

    def refuse(path, *_, **__):
        raise OSError(error, os.strerror(error), str(path))

    with monkeypatch.context() as patch:
        for name in ("mkdir", "write_bytes", "write_text"):
            patch.setattr(Path, name, refuse)
        code = verbs[verb](out)
    line = capsys.readouterr().err.splitlines()[-1]
    assert code == (2 if error == errno.EACCES else 1)
    assert line.startswith(f"error: {out}")
    assert line.endswith(os.strerror(error))
    assert results_in(out) == {}


@pytest.mark.parametrize("verb", VERBS)
def test_a_file_in_the_place_of_the_folder(verb, verbs, tmp_path, capsys):
    out = tmp_path / "out"
    out.write_text("mine")
    assert verbs[verb](out) == 2
    line = capsys.readouterr().err.splitlines()[-1]
    assert line.startswith(f"error: {out}")
    assert out.read_text() == "mine"
