"""What every detached run needs: its lock, its commands, its priority, one terminal event whatever
happens."""

from __future__ import annotations

import contextlib
import errno
import itertools
import signal
import sys
import threading
import traceback
from collections.abc import Callable, Mapping
from pathlib import Path
from types import FrameType
from typing import Any

from senti_studio.errors import UserError
from senti_studio.jobs.lock import FileLock
from senti_studio.jobs.protocol import Event, Failed
from senti_studio.jobs.pulse import BEAT_EVERY_S
from senti_studio.jobs.run_folder import CommandTail, RunFolder
from senti_studio.worker.awake import awake

POLL_S = 0.25
"""Commands are read this often."""

OK = 0
FAILED = 1
BUSY = 3
"""Another worker has the run."""

_FULL = (errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC))
"""The disk, or what the user may have of it, is used up."""

_STRENGTH = {None: 0, "pause": 1, "stop": 2, "cancel": 3}


class CommandListener:
    """A thread that reads ``commands.jsonl``; ``wanted`` is the strongest command so far, or None. It also
    beats, so that whoever looks at the run knows that its process is not held.

    A request of the system to end (SIGTERM: log-off, shutdown; SIGINT: Ctrl-C where the worker was started by
    hand) counts as ``pause``: a checkpoint, then resume.
    """

    def __init__(self, folder: RunFolder, *, resume: bool) -> None:
        self._folder = folder
        self._tail = CommandTail(folder)
        if not resume:
            # Whatever stands there was meant for this start, be it from before the worker was ready.
            self._tail.offset = 0
        self.wanted: str | None = None
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._listen, name="commands", daemon=True)

    def start(self) -> None:
        """Begins to listen. From the main thread only: it also takes SIGTERM and SIGINT."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._on_signal)
        self._thread.start()

    def stop(self) -> None:
        self._over.set()
        self._thread.join()

    def _listen(self) -> None:
        turns = round(BEAT_EVERY_S / POLL_S)
        for turn in itertools.count():
            if turn % turns == 0:
                self._folder.beat()
            for command in self._tail.commands():
                self._want(command)
            if self._over.wait(POLL_S):
                return

    def _want(self, command: str) -> None:
        if _STRENGTH[command] > _STRENGTH[self.wanted]:
            self.wanted = command

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        self._want("pause")


def run_locked(
    folder: RunFolder,
    work: Callable[[CommandListener], Event],
    *,
    resume: bool,
    afterwards: Callable[[Event], None] | None = None,
) -> int:
    """Does ``work`` under the lock of the run and appends the terminal event that it returns.

    An exception becomes `Failed`; ``afterwards`` is called with the end once it is on disk. Returns the
    exit status: 0, 1 for `Failed`, 3 when another worker has the run.
    """
    lock = FileLock(folder.lock_path)
    if not lock.acquire():
        print(f"{folder.path}: another worker has this run", file=sys.stderr)  # noqa: T201 - the log of the run
        return BUSY
    listener = CommandListener(folder, resume=resume)
    try:
        listener.start()
        try:
            with awake():
                end = work(listener)
        except BaseException as error:  # noqa: BLE001 - the boundary of the process: it must leave a terminal event
            end = failure(error, folder)
        folder.append_event(end)
        if afterwards is not None:
            afterwards(end)
        return FAILED if isinstance(end, Failed) else OK
    finally:
        listener.stop()
        lock.release()


def failure(error: BaseException, folder: RunFolder) -> Failed:
    """The terminal event for an exception; the traceback of a bug also goes into ``worker.log``."""
    if isinstance(error, UserError):
        return Failed(code=error.code, params=_whole(error.params))
    if isinstance(error, OSError) and error.errno in _FULL:
        return Failed(code="DISK_FULL", params=_whole({"path": str(error.filename or folder.path)}))
    if isinstance(error, PermissionError):
        return Failed(code="NO_PERMISSION", params=_whole({"path": str(error.filename or folder.path)}))
    if isinstance(error, MemoryError):
        return Failed(code="OUT_OF_MEMORY")
    traceback.print_exception(error)
    return Failed(
        params={"detail": f"{type(error).__name__}: {error}"},
        traceback="".join(traceback.format_exception(error)),
    )


def _whole(params: Mapping[str, Any]) -> Mapping[str, Any]:
    """A process that works from within its folder names files as seen from there; people need the whole."""
    path = params.get("path")
    if not isinstance(path, str) or not path:
        return params
    with contextlib.suppress(OSError):
        return {**params, "path": str(Path(path).absolute())}
    return params
