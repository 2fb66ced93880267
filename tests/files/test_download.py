"""A download that is interrupted goes on, and leaves a whole, verified file or none."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from bench.errors import BadInput
from bench.files.download import download, verify
from tests.files.servers import CONTENTS, SHA256, FileServer, serving


@pytest.fixture
def server():
    with serving(FileServer, ranges=[]) as running:
        yield running


@pytest.fixture
def address(server):
    return f"{server.address}/file.pt"


@pytest.fixture
def path(tmp_path):
    return tmp_path / "tiny-2" / "file.pt"


def names(path):
    return sorted(str(found.relative_to(path.parent)) for found in path.parent.rglob("*"))


def test_whole(address, path, server):
    download(address, path, SHA256[:8])
    assert path.read_bytes() == CONTENTS
    assert names(path) == ["file.pt"]
    download(address, path, SHA256[:8])
    assert server.ranges == [0]


def test_cut_off_it_goes_on(address, path, server):
    server.cut = 300_000
    with pytest.raises(BadInput, match=r"broken off \(300,000 of 1,048,576 bytes\); call again"):
        download(address, path, SHA256)
    assert not path.exists()
    server.cut = None
    download(address, path, SHA256)
    assert server.ranges == [0, 299_999]
    assert path.read_bytes() == CONTENTS


def test_another_file_by_then_begins_anew(address, path, server):
    server.contents, server.cut = b"x" * len(CONTENTS), 300_000
    with pytest.raises(BadInput, match="broken off"):
        download(address, path)
    server.contents, server.cut = CONTENTS, None
    download(address, path)
    assert server.ranges == [0, 0]
    assert path.read_bytes() == CONTENTS


def test_killed_it_goes_on(address, path, server):
    server.cut = 300_000
    program = (
        "import os, pathlib, sys; from bench.files import download\n"
        "download.shutil.copyfileobj = lambda source, file, size: (\n"
        "    file.write(source.read(200_000)), file.flush(), os.kill(os.getpid(), 9))\n"
        "download.download(sys.argv[1], pathlib.Path(sys.argv[2]))"
    )
    killed = subprocess.run([sys.executable, "-c", program, address, str(path)])
    assert killed.returncode == -9
    assert names(path) == [
        "file.pt.partial",
        "file.pt.partial/contents",
        "file.pt.partial/validator",
    ]
    server.cut = None
    download(address, path)
    assert server.ranges == [0, 199_999]
    assert path.read_bytes() == CONTENTS


def test_killed_when_all_had_come_it_ends(address, path, server):
    server.cut = len(CONTENTS) - 1
    with pytest.raises(BadInput, match="broken off"):
        download(address, path)
    (path.parent / "file.pt.partial" / "contents").write_bytes(CONTENTS)
    server.cut = None
    download(address, path)
    assert server.ranges == [0, len(CONTENTS) - 1]
    assert path.read_bytes() == CONTENTS


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        ({"contents": b"<html>", "content_type": "text/html; charset=utf-8"}, "a web page"),
        ({"status": 404}, "404 Not Found; call again, or get file.pt elsewhere and put it at"),
        ({"status": 503}, "503 Service Unavailable"),
        ({"contents": CONTENTS[:-1] + b"!"}, f"does not begin with {SHA256[:8]}"),
    ],
)
def test_other_answers_leave_nothing(address, path, server, answer, message):
    for name, value in answer.items():
        setattr(server, name, value)
    with pytest.raises(BadInput, match=message) as caught:
        download(address, path, SHA256[:8])
    assert "\n" not in str(caught.value)
    assert names(path) == []


@pytest.mark.parametrize("target", [os.devnull, "."])
def test_a_device_or_a_folder_is_never_replaced(address, path, server, target):
    path.parent.mkdir()
    path.symlink_to(target)
    with pytest.raises(BadInput, match=r"file\.pt: a folder or a device, where a file is to go"):
        download(address, path, SHA256)
    assert server.ranges == []
    assert names(path) == ["file.pt"]
    assert path.is_symlink()


def test_no_network(path):
    with pytest.raises(BadInput, match=r"broken off \(.*refused\); call again, or get file\.pt"):
        download("http://127.0.0.1:1/file.pt", path)


def test_a_hash_is_recorded_on_first_use(address, path):
    download(address, path)
    assert names(path) == ["file.pt", "file.pt.sha256"]
    verify(path)
    path.write_bytes(CONTENTS[:-1])
    for step in (verify, lambda path: download(address, path)):
        with pytest.raises(BadInput, match=f"does not begin with {SHA256[:16]}"):
            step(path)


def test_a_recorded_hash_holds_for_the_next_download(address, path, server):
    download(address, path)
    path.unlink()
    server.contents = CONTENTS[:-1] + b"!"
    with pytest.raises(BadInput, match=f"does not begin with {SHA256[:16]}"):
        download(address, path)
    assert names(path) == ["file.pt.sha256"]
