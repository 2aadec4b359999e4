"""One GET of the hub, read in a thread of its own: whoever waits for it can stop at any moment, and
nobody waits for a server that has fallen silent.

Why not `huggingface_hub`: it reads its settings once at import, tells of progress through progress bars
of the terminal, cannot be stopped in the middle of a file, and would come into the window with its own
dependencies. What is needed of the protocol is four requests.
"""

from __future__ import annotations

import contextlib
import http.client
import os
import queue
import socket
import ssl
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from email.message import Message
from typing import Any
from urllib.parse import urlsplit

from senti_studio import __version__
from senti_studio.errors import UserError
from senti_studio.shelf.findings import ShouldStop

CONNECT_S = 10.0
"""How long a server may take to be reached, and to begin its answer three times that."""
STALL_S = 30.0
"""How long it may say nothing in the middle of a file."""

_BLOCK = 1 << 16
_WAITING = 16
_LOOK_S = 0.1


class NoReplyError(Exception):
    """Nothing came, or no more: the network, not the hub. ``is_stalled``: it was there and fell silent."""

    def __init__(self, reason: str, *, is_stalled: bool = False) -> None:
        super().__init__(reason)
        self.reason, self.is_stalled = reason, is_stalled


@dataclass(frozen=True, slots=True)
class Reply:
    """``headers`` with small letters; those of redirects on the way count where the last answer has none."""

    status: int
    headers: Mapping[str, str]
    blocks: Iterator[bytes]

    def text(self, most: int) -> bytes:
        """The whole body. Raises NoReplyError also where it is longer than ``most`` bytes."""
        found = b""
        for block in self.blocks:
            found += block
            if len(found) > most:
                raise NoReplyError(f"> {most} bytes")
        return found


@contextmanager
def get(url: str, headers: Mapping[str, str], should_stop: ShouldStop, *, token: str = "") -> Iterator[Reply]:
    """Asks for ``url``. The token goes to its host alone, not to where that may send on.

    Raises `NoReplyError`, and UserError ``CANCELLED`` and ``HUB_PROXY``.
    """
    request = urllib.request.Request(url, headers={"User-Agent": f"senti-studio/{__version__}", **headers})
    if token:
        request.add_unredirected_header("Authorization", f"Bearer {token}")
    feed = _Feed(request, should_stop)
    try:
        yield feed.reply()
    finally:
        feed.close()


class _Feed:
    """The thread that reads, and the queue by which it is heard."""

    def __init__(self, request: urllib.request.Request, should_stop: ShouldStop) -> None:
        self._request, self._should_stop = request, should_stop
        self._came: queue.Queue[Any] = queue.Queue(_WAITING)
        self._is_over = threading.Event()
        self._socket: socket.socket | None = None
        self._seen: dict[str, str] = {}
        self._opener = _opener(self)
        self._thread = threading.Thread(target=self._read, name="hub", daemon=True)
        self._thread.start()

    def reply(self) -> Reply:
        status, headers = self._next(3 * CONNECT_S)
        return Reply(status, {**self._seen, **headers}, self._blocks())

    def close(self) -> None:
        """Ends the reading, also in the middle of a wait."""
        self._is_over.set()
        if self._socket is not None:
            with contextlib.suppress(OSError):
                self._socket.shutdown(socket.SHUT_RDWR)
        # A name that is looked up cannot be given up; its thread ends by itself.
        self._thread.join(1.0)

    def connected(self, connection: socket.socket) -> None:
        """The socket that is read from, so that it can be closed under the reader."""
        self._socket = connection

    def saw(self, headers: Message) -> None:
        """What a redirect said: sizes and checksums stand there, not in the answer of the store it leads
        to."""
        for name in ("X-Linked-Etag", "X-Linked-Size", "X-Repo-Commit", "X-Error-Code"):
            if headers.get(name):
                self._seen.setdefault(name.lower(), str(headers[name]))

    def _blocks(self) -> Iterator[bytes]:
        while (block := self._next(STALL_S)) is not None:
            yield block

    def _next(self, patience: float) -> Any:
        since = time.monotonic()
        while True:
            if self._should_stop():
                raise UserError("CANCELLED")
            try:
                item = self._came.get(timeout=_LOOK_S)
            except queue.Empty:
                if time.monotonic() - since > patience:
                    raise NoReplyError(f"{patience:.0f} s", is_stalled=True) from None
                continue
            if isinstance(item, Exception):
                raise item
            return item

    def _put(self, item: Any) -> None:
        while not self._is_over.is_set():
            with contextlib.suppress(queue.Full):
                self._came.put(item, timeout=_LOOK_S)
                return

    def _read(self) -> None:
        try:
            with self._open() as answer:
                self._put((answer.status, {name.lower(): value for name, value in answer.headers.items()}))
                missing = self._pass_on(answer)
                self._put(NoReplyError(f"{missing} bytes are missing") if missing else None)
        except UserError as error:
            self._put(error)
        except TimeoutError:
            self._put(NoReplyError(f"{STALL_S:.0f} s", is_stalled=True))
        except (OSError, http.client.HTTPException, ValueError) as error:
            self._put(NoReplyError(_reason(error)))

    def _pass_on(self, answer: Any) -> int:
        """Returns how many of the bytes that were announced did not come."""
        announced = answer.headers.get("Content-Length", "")
        left = int(announced) if announced.isdecimal() else -1
        while left and not self._is_over.is_set():
            block = answer.read1(_BLOCK if left < 0 else min(left, _BLOCK))
            if not block:
                break
            self._put(block)
            left = max(-1, left - len(block)) if left > 0 else left
        return max(0, left)

    def _open(self) -> Any:
        try:
            return self._opener.open(self._request)
        except urllib.error.HTTPError as error:
            return error  # an answer, too


def _reason(error: BaseException) -> str:
    inner = error.reason if isinstance(error, urllib.error.URLError) else error
    if isinstance(inner, ssl.SSLError):
        return f"TLS: {inner.reason or inner}"[:200]
    return str(inner or type(error).__name__)[:200]


def _opener(feed: _Feed) -> urllib.request.OpenerDirector:
    """Goes through the proxies of the environment (HTTPS_PROXY, NO_PROXY …), as `urllib` finds them."""
    proxies = _proxies()

    class Plain(http.client.HTTPConnection):
        def connect(self) -> None:
            self.timeout = CONNECT_S
            super().connect()
            self.sock.settimeout(STALL_S)
            feed.connected(self.sock)

    class Safe(http.client.HTTPSConnection):
        def connect(self) -> None:
            self.timeout = CONNECT_S
            super().connect()
            self.sock.settimeout(STALL_S)
            feed.connected(self.sock)

    class PlainHandler(urllib.request.HTTPHandler):
        def http_open(self, request: urllib.request.Request) -> http.client.HTTPResponse:
            return self.do_open(Plain, request)

    class SafeHandler(urllib.request.HTTPSHandler):
        def https_open(self, request: urllib.request.Request) -> http.client.HTTPResponse:
            return self.do_open(Safe, request, context=_trusted())

    class Redirects(urllib.request.HTTPRedirectHandler):
        def redirect_request(
            self, request: urllib.request.Request, answer: Any, code: int, words: str, headers: Any, url: str
        ) -> urllib.request.Request | None:
            feed.saw(headers)
            if request.type == "https" and urlsplit(url).scheme != "https":
                raise UserError("HUB_ANSWER", endpoint=request.host, reason=f"{code} → {url[:100]}")
            following = super().redirect_request(request, answer, code, words, headers, url)
            token = request.get_header("Authorization")
            if following is not None and token and urlsplit(url).netloc == request.host:
                following.add_unredirected_header("Authorization", token)
            return following

    return urllib.request.build_opener(
        urllib.request.ProxyHandler(proxies), PlainHandler, SafeHandler, Redirects
    )


def _proxies() -> dict[str, str]:
    """Raises UserError ``HUB_PROXY`` for one of a kind that cannot be spoken with."""
    given = urllib.request.getproxies()
    found = {kind: given.get(kind) or given.get("all", "") for kind in ("http", "https")}
    for url in found.values():
        if urlsplit(url).scheme.startswith("socks"):
            raise UserError("HUB_PROXY", proxy=_without_password(url))
    return {kind: url for kind, url in found.items() if url}


def _trusted() -> ssl.SSLContext:
    """Certificates of the system; of `certifi`, where it is there and the system has none (some macOS)."""
    context = ssl.create_default_context()
    if not context.get_ca_certs() and not os.environ.get("SSL_CERT_FILE"):
        with contextlib.suppress(ImportError):
            import certifi

            context.load_verify_locations(certifi.where())
    return context


def _without_password(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.hostname}:{parts.port}"
