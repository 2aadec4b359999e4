"""The loop of an attached helper: JSON lines in on stdin, out on a kept copy of stdout, over with end of
file."""

from __future__ import annotations

import logging
import os
import queue
import sys
import threading
import traceback
from collections.abc import Callable, Mapping
from typing import Any

from senti_studio.domain.importing import ImportProgress
from senti_studio.errors import UserError
from senti_studio.exchange.file_errors import user_error_of
from senti_studio.jobs.helper_protocol import (
    CANCEL,
    Answer,
    LineBuffer,
    Request,
    answer_to_line,
    request_from_line,
    to_json,
)
from senti_studio.worker.progress import Emit, ShouldStop

Handler = Callable[[Mapping[str, Any], Emit, ShouldStop], Any]
"""Parameters, where to tell progress, whether to stop -> a dataclass (or mapping) that becomes the
result."""

_PATIENCE_S = 10.0
"""How long work may go on after the window has gone."""

_log = logging.getLogger(__name__)


def keep_protocol_channel() -> int:
    """A copy of descriptor 1 for the protocol; descriptor 1 itself then leads to stderr.

    To be called first: whatever Python or a C library prints afterwards cannot get between the lines.
    """
    channel = os.dup(1)
    os.dup2(2, 1)
    if sys.platform == "win32":
        import msvcrt

        for descriptor in (0, channel):
            msvcrt.setmode(descriptor, os.O_BINARY)
    return channel


class _Channel:
    """Whole lines out; a window that has gone is no error."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._lock = threading.Lock()

    def send(self, answer: Answer) -> None:
        line = memoryview(answer_to_line(answer))
        with self._lock:
            try:
                while line:
                    line = line[os.write(self._descriptor, line) :]
            except (BrokenPipeError, ConnectionResetError):
                _log.info("nobody reads the answers any more")


class _Inbox:
    """Requests as they come, and which of them were cancelled."""

    def __init__(self) -> None:
        self.requests: queue.SimpleQueue[Request | None] = queue.SimpleQueue()
        self.cancelled: set[int] = set()
        self.is_over = threading.Event()
        self.is_done = threading.Event()

    def read(self) -> None:
        """Runs in a thread of its own until end of file; then work at hand has `_PATIENCE_S` to end."""
        buffer = LineBuffer()
        while block := _read_stdin():
            for line in buffer.feed(block):
                self._take(line)
        self.is_over.set()
        self.requests.put(None)
        if not self.is_done.wait(_PATIENCE_S):
            os._exit(1)

    def _take(self, line: bytes) -> None:
        request = request_from_line(line)
        if request is None:
            _log.warning("no request: %.200r", line)
        elif request.do == CANCEL:
            self.cancelled.add(request.id)
        else:
            self.cancelled.discard(request.id)
            self.requests.put(request)


def _read_stdin() -> bytes:
    try:
        # Never sys.stdin: a thread parked in it aborts the interpreter at exit.
        return os.read(0, 65536)
    except OSError:
        return b""


def serve(
    handlers: Mapping[str, Handler], channel: int | None = None, *, work: Callable[[], bool] | None = None
) -> int:
    """Works off requests one after the other until end of file on stdin; returns the exit status.

    ``work``: a short step of what can wait, done as long as no request waits; False when nothing is left.
    """
    out = _Channel(keep_protocol_channel() if channel is None else channel)
    inbox = _Inbox()
    threading.Thread(target=inbox.read, name="requests", daemon=True).start()
    while (request := _next_request(inbox, work)) is not None:
        if not inbox.is_over.is_set():
            out.send(_answer(request, handlers, out, inbox))
    inbox.is_done.set()
    return 0


def _next_request(inbox: _Inbox, work: Callable[[], bool] | None) -> Request | None:
    while work is not None and inbox.requests.empty():
        try:
            if not work():
                break
        except Exception:  # noqa: BLE001  # the boundary, as for requests
            # What can wait can also fail: the next request will tell what is wrong, if it is still.
            _log.exception("work between requests")
            break
    return inbox.requests.get()


def _answer(request: Request, handlers: Mapping[str, Handler], out: _Channel, inbox: _Inbox) -> Answer:
    def tell(progress: ImportProgress) -> None:
        out.send(Answer(request.id, "Progress", to_json(progress)))

    def should_stop() -> bool:
        return request.id in inbox.cancelled or inbox.is_over.is_set()

    try:
        if should_stop():
            raise UserError("CANCELLED")
        handler = handlers.get(request.do)
        if handler is None:
            raise UserError("UNKNOWN_REQUEST", do=request.do)
        return Answer(request.id, "Result", to_json(handler(request.params, tell, should_stop)))
    except Exception as error:  # noqa: BLE001  # the boundary: whatever went wrong is answered
        return _failure(request, error)


def _failure(request: Request, error: Exception) -> Answer:
    trace = ""
    if isinstance(error, OSError):
        error = user_error_of(error, error.filename or str(request.params.get("path", "")))
    if isinstance(error, KeyError | TypeError) and _is_of_request(error):
        error = UserError("BAD_REQUEST", reason=str(error))
    if not isinstance(error, UserError):
        trace = "".join(traceback.format_exception(error))
        _log.error("%s", trace)
        error = UserError("INTERNAL", detail=f"{type(error).__name__}: {error}")
    values = {"code": error.code, "params": error.params, "traceback": trace}
    return Answer(request.id, "Failed", values)


def _is_of_request(error: Exception) -> bool:
    """Whether the error comes from looking at the parameters, not from the work behind them."""
    frames = traceback.extract_tb(error.__traceback__)
    return len(frames) <= 2 or frames[-1].name in ("from_json", "_build", "__init__")
