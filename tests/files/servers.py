"""Servers on loopback: one that fails in every way, and one that stands in for the hub."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

CONTENTS = bytes(range(256)) * 4096
SHA256 = hashlib.sha256(CONTENTS).hexdigest()


class FileServer(BaseHTTPRequestHandler):
    """Serves ``contents`` with an ETag and ranges, and as its class attributes say; ``ranges``
    collects where each answer began."""

    contents, status, content_type, cut = CONTENTS, 200, "application/octet-stream", None
    ranges: list[int]

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


class HubServer(BaseHTTPRequestHandler):
    """Answers as the Hugging Face hub does, with the commit, the ETag and the size. ``cut`` ends
    the first GET early; ``refusal`` is a status with the hub's error code and message;
    ``requests`` collects what was asked."""

    cut, refusal = None, None
    requests: list[str]

    def do_HEAD(self):
        self._answer()

    def do_GET(self):
        self._answer()
        first = sum(request.startswith("GET") for request in self.requests) == 1
        self.wfile.write(CONTENTS[: self.cut if first else None])
        self.close_connection = True

    def _answer(self):
        self.requests.append(f"{self.command} {self.path}")
        status, code, message = self.refusal or (200, "", "")
        self.send_response(status)
        if self.refusal:
            self.send_header("X-Error-Code", code)
            self.send_header("X-Error-Message", message)
        self.send_header("ETag", f'"{SHA256}"')
        self.send_header("X-Repo-Commit", 40 * "a")
        self.send_header("Content-Length", str(0 if self.refusal else len(CONTENTS)))
        self.end_headers()

    def log_message(self, *arguments):
        pass


@contextmanager
def serving(kind: type[BaseHTTPRequestHandler], **attributes) -> Iterator:
    """A handler class whose attributes can be changed while it serves at its ``address``."""
    handler = type("Handler", (kind,), attributes)
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as running:
        threading.Thread(target=running.serve_forever, args=(0.01,), daemon=True).start()
        handler.address = f"http://127.0.0.1:{running.server_port}"
        yield handler
        running.shutdown()
