"""An attached helper process of the window: JSON lines over stdin and stdout, ended with the window."""

from __future__ import annotations

import json
import os
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import shiboken6
from PySide6.QtCore import QObject, QProcess, QProcessEnvironment, QTimer, Signal, Slot

from senti_studio.jobs.launch import worker_command, worker_environment
from senti_studio.messages import message as sentence_for
from senti_studio.ui.i18n import current_language

STDERR_LINES = 200
END_MS = 1000
"""How long the end of a window waits for helpers."""
KILL_AFTER_MS = 3000


@dataclass(frozen=True, slots=True)
class ProcessEnd:
    """How a helper ended: ``ok`` when it was closed or left with status 0, else a sentence for the user."""

    ok: bool
    sentence: str
    code: str
    stderr: str


_together: list[JobProcess] | None = None
"""Those that are waited for at the end of `ended_together`."""


@contextmanager
def ended_together() -> Iterator[None]:
    """Inside, `JobProcess.close_and_wait` only closes; all of them are waited for together at the end."""
    global _together
    _together = []
    try:
        yield
    finally:
        processes, _together = _together, None
        end = time.monotonic() + END_MS / 1000
        for each in processes:
            if shiboken6.isValid(each):
                each._is_over_within(max(0, round((end - time.monotonic()) * 1000)))
        for each in processes:
            if shiboken6.isValid(each) and each.is_running:
                each._end_now()


class JobProcess(QObject):
    """One helper. `message` carries every whole answer to the newest request of its kind; `ended` comes once.

    Answers to requests that were superseded or cancelled are dropped.
    """

    message = Signal(dict)
    ended = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._process = QProcess(self)
        self._buffer = b""
        self._log: deque[str] = deque(maxlen=STDERR_LINES)
        self._log_rest = b""
        self._next_id = 0
        self._live: dict[int, str] = {}
        self._closing = False
        self._has_ended = False
        self._kill = QTimer(self)
        self._kill.setSingleShot(True)
        self._kill.setInterval(KILL_AFTER_MS)
        self._kill.timeout.connect(self._process.kill)
        self._process.readyReadStandardOutput.connect(self._read)
        self._process.readyReadStandardError.connect(self._read_log)
        self._process.finished.connect(self._finished)
        self._process.errorOccurred.connect(self._failed)

    @property
    def is_running(self) -> bool:
        return self._process.state() != QProcess.ProcessState.NotRunning

    @property
    def process_id(self) -> int:
        """The id of the process, 0 while there is none."""
        return int(self._process.processId())

    @property
    def stderr(self) -> str:
        """The last lines that the helper wrote to stderr."""
        return "\n".join(self._log)

    def start(self, *arguments: str) -> None:
        """Starts ``senti-studio worker <arguments>``; requests may be sent at once."""
        command = worker_command(*arguments)
        environment = QProcessEnvironment()
        for name, value in worker_environment().items():
            environment.insert(name, value)
        self._process.setProcessEnvironment(environment)
        self._process.start(command[0], command[1:])

    def request(self, do: str, **params: Any) -> int:
        """Sends a request and returns its id; an older request with the same ``do`` is superseded."""
        self._next_id += 1
        for number in [n for n, name in self._live.items() if name == do]:
            del self._live[number]
        self._live[self._next_id] = do
        self._send({"id": self._next_id, "do": do, **params})
        return self._next_id

    def cancel(self) -> None:
        """Asks the helper to give up all open requests; they still answer with ``Failed`` ``CANCELLED``."""
        for number in self._live:
            self._send({"do": "cancel", "id": number})

    def cancel_request(self, number: int) -> None:
        """As `cancel`, for one request; its answer is dropped."""
        if self._live.pop(number, None) is not None:
            self._send({"do": "cancel", "id": number})

    def kill(self) -> None:
        """Ends a helper that gives no sign of life any more; it counts as crashed."""
        self._process.kill()

    def close(self) -> None:
        """Ends the helper: end of file on stdin, and killed when that is not enough after 3 s."""
        self._closing = True
        self._live.clear()
        if self.is_running:
            self._process.closeWriteChannel()
            self._kill.start(KILL_AFTER_MS)

    def close_and_wait(self) -> None:
        """As `close`, for the end of the window: at most one second, then killed."""
        self.close()
        if _together is not None:
            if self._process.bytesToWrite():  # the end of the file follows what is still to be written
                self._process.waitForBytesWritten(10)
            _together.append(self)
        elif not self._is_over_within(END_MS):
            self._end_now()

    def _is_over_within(self, patience_ms: int) -> bool:
        return not self.is_running or self._process.waitForFinished(patience_ms)

    def _end_now(self) -> None:
        self._process.kill()
        self._process.waitForFinished(END_MS)

    def _send(self, values: dict[str, Any]) -> None:
        line = json.dumps(values, ensure_ascii=False, default=os.fspath) + "\n"
        self._process.write(line.encode("utf-8", "surrogatepass"))

    @Slot()
    def _read(self) -> None:
        self._buffer += bytes(self._process.readAllStandardOutput().data())
        *lines, self._buffer = self._buffer.split(b"\n")
        for line in lines:
            self._take(line)

    def _take(self, line: bytes) -> None:
        if not line.strip():
            return
        try:
            values = json.loads(line)
        except ValueError:
            self._log.append(line.decode("utf-8", "replace"))
            return
        if not isinstance(values, dict):
            return
        number = values.get("id")
        if number is not None and number not in self._live:
            return
        if values.get("type") in ("Result", "Failed") and number is not None:
            del self._live[number]
        self.message.emit(values)

    @Slot()
    def _read_log(self) -> None:
        self._log_rest += bytes(self._process.readAllStandardError().data())
        *lines, self._log_rest = self._log_rest.split(b"\n")
        self._log.extend(line.decode("utf-8", "replace").rstrip("\r") for line in lines)

    @Slot(int, QProcess.ExitStatus)
    def _finished(self, code: int, status: QProcess.ExitStatus) -> None:
        self._kill.stop()
        self._read()
        self._read_log()
        crashed = status == QProcess.ExitStatus.CrashExit
        self._end(
            ok=self._closing or (code == 0 and not crashed), what=f"{'signal' if crashed else 'exit'} {code}"
        )

    @Slot(QProcess.ProcessError)
    def _failed(self, error: QProcess.ProcessError) -> None:
        if error == QProcess.ProcessError.FailedToStart:
            self._end(ok=False, what=self._process.errorString())

    def _end(self, *, ok: bool, what: str) -> None:
        if self._has_ended:
            return
        self._has_ended = True
        if self._log_rest:
            self._log.append(self._log_rest.decode("utf-8", "replace"))
        sentence = "" if ok else str(sentence_for("HELPER_ENDED", {"what": what}, current_language()))
        self.ended.emit(ProcessEnd(ok, sentence, "" if ok else "HELPER_ENDED", self.stderr))
