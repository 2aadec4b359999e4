"""A hub on this machine that speaks the protocol of huggingface.co, and misbehaves where it is told to."""

from __future__ import annotations

import contextlib
import hashlib
import json
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

COMMIT = "0123456789abcdef0123456789abcdef01234567"
LARGE = (".safetensors", ".bin")


@dataclass
class Repository:
    """``files``: content by path; ``needs``: the token that must be shown; ``gated``: its terms are not
    agreed to."""

    files: dict[str, bytes]
    needs: str = ""
    gated: bool = False
    licence: str = "mit"


@dataclass
class LocalHub:
    """``breaks``: bytes of a large file after which the connection is cut, for each of the next requests
    for one; ``pause``: seconds between pieces of a large file; ``hangs``: the hub says nothing;
    ``is_mute``: its store breaks off without a word; ``answers``: (status, headers) of the next answers;
    ``replaced``: what is sent in place of a file; ``seen``: (path, headers) of each request."""

    repositories: dict[str, Repository] = field(default_factory=dict)
    breaks: list[int] = field(default_factory=list)
    pause: float = 0.0
    hangs: bool = False
    is_mute: bool = False
    answers: list[tuple[int, dict[str, str]]] = field(default_factory=list)
    replaced: dict[str, bytes] = field(default_factory=dict)
    ignores_ranges: bool = False
    page: int = 1000
    released: threading.Event = field(default_factory=threading.Event)
    seen: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    url: str = ""
    store_url: str = ""

    def add(self, name: str, folder: Path, **options: Any) -> None:
        files = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}
        self.repositories[name] = Repository(
            {key: path.read_bytes() for key, path in files.items()}, **options
        )

    def asked_for(self, ending: str) -> list[dict[str, str]]:
        """Headers of the requests for a file, at the store where large ones lie."""
        return [headers for path, headers in self.seen if path.endswith(ending)]


@contextlib.contextmanager
def local_hub() -> Iterator[LocalHub]:
    hub = LocalHub()
    with _serving(_Front, hub) as url, _serving(_Store, hub) as store_url:
        hub.url, hub.store_url = url, store_url
        try:
            yield hub
        finally:
            hub.released.set()


@contextlib.contextmanager
def _serving(kind: type[_Handler], hub: LocalHub) -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), type(kind.__name__, (kind,), {"hub": hub}))
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    hub: LocalHub

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name of the base class
        """Not on stderr."""

    def noted(self) -> str:
        path = unquote(self.path)
        self.hub.seen.append(
            (urlsplit(path).path, {key.lower(): value for key, value in self.headers.items()})
        )
        return path

    def answer(self, status: int, body: bytes = b"", **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        with contextlib.suppress(OSError):
            self.wfile.write(body)


class _Front(_Handler):
    """The hub itself: what there is, and where it lies."""

    def do_GET(self) -> None:
        path = self.noted()
        if self.hub.answers:
            status, headers = self.hub.answers.pop(0)
            self.answer(status, b"<html>", **headers)
            return
        if self.hub.hangs:
            self.hub.released.wait(60)
            return
        parts = urlsplit(path)
        words = parts.path.strip("/").split("/")
        if words[:2] == ["api", "models"]:
            self._api("/".join(words[2:4]), words[4], "/".join(words[5:]), parts.query)
        elif len(words) >= 5 and words[2] == "resolve":
            self._resolve("/".join(words[:2]), words[3], "/".join(words[4:]))
        else:
            self.answer(404)

    def _known(self, name: str, revision: str) -> Repository | None:
        repository = self.hub.repositories.get(name)
        given = self.headers.get("Authorization", "")
        if repository is None or (repository.needs and given != f"Bearer {repository.needs}"):
            self.answer(401, b"{}", X_Error_Code="RepoNotFound")
        elif revision not in ("main", COMMIT):
            self.answer(404, b"{}", X_Error_Code="RevisionNotFound")
        else:
            return repository
        return None

    def _api(self, name: str, kind: str, revision: str, query: str) -> None:
        repository = self._known(name, revision)
        if repository is None:
            return
        if kind == "revision":
            card = {"license": repository.licence}
            self._json({"id": name, "sha": COMMIT, "cardData": card, "siblings": []})
            return
        lines = [_line(path, content) for path, content in sorted(repository.files.items())]
        lines.append({"type": "directory", "path": "onnx", "oid": "0" * 40, "size": 0})
        start = int(query.partition("cursor=")[2] or 0)
        more = {}
        if len(lines) > start + self.hub.page:
            at = f"{urlsplit(self.path).path}?recursive=true&cursor={start + self.hub.page}"
            more["Link"] = f'<https://huggingface.co{at}>; rel="next"'
        self._json(lines[start : start + self.hub.page], **more)

    def _json(self, values: Any, **headers: str) -> None:
        self.answer(200, json.dumps(values).encode(), Content_Type="application/json", **headers)

    def _resolve(self, name: str, revision: str, path: str) -> None:
        repository = self._known(name, revision)
        if repository is None:
            return
        if repository.gated:
            self.answer(403, b"{}", X_Error_Code="GatedRepo")
        elif path not in repository.files:
            self.answer(404, b"{}", X_Error_Code="EntryNotFound")
        elif path.endswith(LARGE):
            content = repository.files[path]
            self.answer(
                302,
                Location=f"{self.hub.store_url}/{name}/{path}?signature=abc",
                X_Linked_Etag=f'"{hashlib.sha256(content).hexdigest()}"',
                X_Linked_Size=str(len(content)),
                X_Repo_Commit=COMMIT,
            )
        else:
            self.answer(200, self.hub.replaced.get(path, repository.files[path]), ETag='"x"')


class _Store(_Handler):
    """Where large files lie: it knows ranges, and nothing of tokens."""

    def do_GET(self) -> None:
        name, _, path = urlsplit(self.noted()).path.strip("/").rpartition("/")
        content = self.hub.replaced.get(path, self.hub.repositories[name].files[path])
        start, given = 0, self.headers.get("Range", "")
        if given and not self.hub.ignores_ranges:
            start = int(given.removeprefix("bytes=").rstrip("-"))
        if start >= len(content):
            self.answer(416)
            return
        self.send_response(206 if start else 200)
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
        self.send_header("Content-Length", str(len(content) - start))
        self.end_headers()
        if self.hub.is_mute:
            self.wfile.write(content[start : start + 10])
            self.hub.released.wait(60)
            return
        end = start + self.hub.breaks.pop(0) if self.hub.breaks else len(content)
        with contextlib.suppress(OSError):
            for at in range(start, min(end, len(content)), 4096):
                self.wfile.write(content[at : min(at + 4096, end)])
                time.sleep(self.hub.pause)
        self.close_connection = True


def _line(path: str, content: bytes) -> dict[str, Any]:
    blob = hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()
    line: dict[str, Any] = {"type": "file", "path": path, "oid": blob, "size": len(content)}
    if path.endswith(LARGE):
        sha256 = hashlib.sha256(content).hexdigest()
        line["lfs"] = {"oid": sha256, "size": len(content), "pointerSize": 134}
    return line
