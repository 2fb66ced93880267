"""Downloads from a server on loopback that fails in every way."""

from __future__ import annotations

import dataclasses
import hashlib
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from bench.__main__ import main
from bench.errors import BadInput
from bench.zoo import table
from bench.zoo.download import check, download
from bench.zoo.table import Artefact, artefacts, files_of, resolve

CONTENTS = bytes(range(256)) * 4096
SHA256 = hashlib.sha256(CONTENTS).hexdigest()


class Server(BaseHTTPRequestHandler):
    """Serves ``contents`` with an ETag and ranges, and as its class attributes say."""

    contents, status, content_type, cut, ranges = (
        CONTENTS,
        200,
        "application/octet-stream",
        None,
        [],
    )

    def do_GET(self):
        etag = f'"{hashlib.md5(self.contents).hexdigest()}"'
        begin = 0
        if self.headers.get("If-Range") == etag:
            begin = int(self.headers["Range"].removeprefix("bytes=").removesuffix("-"))
        self.ranges.append(begin)
        if begin >= len(self.contents):
            self.send_error(416)
            return
        self.send_response(206 if begin else self.status)
        self.send_header("Content-Type", self.content_type)
        self.send_header("Content-Length", str(len(self.contents) - begin))
        self.send_header("ETag", etag)
        self.end_headers()
        self.wfile.write(self.contents[begin : self.cut])

    def log_message(self, *arguments):
        pass


@pytest.fixture
def server(monkeypatch):
    handler = type("Handler", (Server,), {"ranges": []})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        handler.address = f"http://127.0.0.1:{running.server_port}/file.pt"
        yield handler
        running.shutdown()


@pytest.fixture
def artefact(server, tmp_path, monkeypatch):
    monkeypatch.setattr(table, "FOLDER", tmp_path)
    return Artefact("tiny/2", "file.pt", server.address, SHA256[:8], "MIT", "", "")


def files(tmp_path):
    return sorted(path.name for path in (tmp_path / "tiny-2").iterdir())


def test_whole(artefact, server, tmp_path):
    download(artefact)
    assert artefact.path.read_bytes() == CONTENTS
    assert files(tmp_path) == ["file.pt", "file.pt.sha256"]
    download(artefact)
    assert server.ranges == [0]


def test_cut_off_it_goes_on(artefact, server, tmp_path):
    server.cut = 300_000
    with pytest.raises(BadInput, match=r"broken off \(300,000 of 1,048,576 bytes\); call again"):
        download(artefact)
    assert not artefact.path.exists()
    server.cut = None
    download(artefact)
    assert server.ranges == [0, 299_999]
    assert artefact.path.read_bytes() == CONTENTS


def test_another_file_by_then_begins_anew(artefact, server):
    server.contents, server.cut = b"x" * len(CONTENTS), 300_000
    with pytest.raises(BadInput, match="broken off"):
        download(artefact)
    server.contents, server.cut = CONTENTS, None
    download(artefact)
    assert server.ranges == [0, 0]
    assert artefact.path.read_bytes() == CONTENTS


def test_killed_it_goes_on(artefact, server, tmp_path):
    server.cut = 300_000
    program = (
        "import os, pathlib, sys; from bench.zoo import download, table\n"
        "table.FOLDER = pathlib.Path(sys.argv[1])\n"
        "part = table.FOLDER / 'tiny-2' / 'file.pt.part'\n"
        "download.shutil.copyfileobj = lambda source, file, size: (\n"
        "    file.write(source.read(200_000)), file.flush(), os.kill(os.getpid(), 9))\n"
        "download.download(table.Artefact('tiny/2', 'file.pt', sys.argv[2], '', '', '', ''))"
    )
    killed = subprocess.run([sys.executable, "-c", program, str(tmp_path), server.address])
    assert killed.returncode == -9
    assert files(tmp_path) == ["file.pt.part", "file.pt.part.validator"]
    server.cut = None
    download(artefact)
    assert server.ranges == [0, 199_999]
    assert artefact.path.read_bytes() == CONTENTS


def test_killed_when_all_had_come_it_ends(artefact, server, tmp_path):
    server.cut = len(CONTENTS) - 1
    with pytest.raises(BadInput, match="broken off"):
        download(artefact)
    artefact.path.with_name("file.pt.part").write_bytes(CONTENTS)
    server.cut = None
    download(artefact)
    assert server.ranges == [0, len(CONTENTS) - 1]
    assert artefact.path.read_bytes() == CONTENTS


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        ({"contents": b"<html>", "content_type": "text/html; charset=utf-8"}, "a web page"),
        ({"status": 404}, "404 Not Found; call again to go on, or get file.pt elsewhere"),
        ({"status": 503}, "503 Service Unavailable"),
        ({"contents": CONTENTS[:-1] + b"!"}, f"does not begin with {SHA256[:8]}"),
    ],
)
def test_other_answers_leave_nothing(artefact, server, tmp_path, answer, message):
    for name, value in answer.items():
        setattr(server, name, value)
    with pytest.raises(BadInput, match=message):
        download(artefact)
    assert [name for name in files(tmp_path) if not name.endswith("validator")] == []


def test_no_network(artefact):
    closed = dataclasses.replace(artefact, address="http://127.0.0.1:1/file.pt")
    with pytest.raises(BadInput, match=r"broken off \(.*refused\); call again to go on, or get"):
        download(closed)


def test_a_hash_is_recorded_on_first_use(artefact):
    unknown = dataclasses.replace(artefact, sha256="")
    download(unknown)
    check(unknown)
    artefact.path.write_bytes(CONTENTS[:-1])
    for step in (check, download):
        with pytest.raises(BadInput, match=f"does not begin with {SHA256[:16]}"):
            step(unknown)
    artefact.path.unlink()
    with pytest.raises(BadInput, match="missing; `python -m bench download tiny/2`"):
        check(unknown)


def test_the_table():
    known = artefacts()
    assert len({artefact.path for artefact in known}) == len(known)
    assert all(artefact.address.startswith("https://") for artefact in known)
    assert all(artefact.licence for artefact in known)
    assert resolve("SiT-XL/2").name == "SiT-XL-2-256.pt"
    assert {artefact.file for artefact in files_of("sd-vae-ft-ema")} == {
        "config.json",
        "diffusion_pytorch_model.safetensors",
    }
    assert resolve("sd-vae-ft-ema") == table.FOLDER / "sd-vae-ft-ema"
    assert str(resolve("/elsewhere/model.pt")) == "/elsewhere/model.pt"


def test_the_verb(artefact, monkeypatch, capsys):
    monkeypatch.setattr(table, "artefacts", lambda: [artefact])
    assert main(["download", "tiny/2"]) == 0
    assert "file.pt: 1,048,576 bytes, MIT" in capsys.readouterr().out
    assert main(["download", "tiny/3"]) == 2
    assert "zoo: unknown name 'tiny/3', did you mean 'tiny/2'" in capsys.readouterr().err
