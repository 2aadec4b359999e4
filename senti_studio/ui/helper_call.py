"""One question to an attached helper: its process starts, answers once, and goes."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QObject, Signal, Slot

from senti_studio.ui.job_process import JobProcess, ProcessEnd


class HelperCall(QObject):
    """Used again and again, for one call at a time.

    Exactly one of `answered` and `failed` follows each `start`, unless `close` or `close_and_wait` comes
    first.
    """

    progress = Signal(dict)
    answered = Signal(dict)
    """The fields of the result."""
    failed = Signal(str, object)
    """Message code and parameters; ``HELPER_ENDED`` when the process died without an answer."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._process: JobProcess | None = None

    @property
    def is_running(self) -> bool:
        """Whether an answer is awaited."""
        return self._process is not None

    @property
    def process_id(self) -> int:
        """The id of the process at work, 0 without one."""
        return self._process.process_id if self._process is not None else 0

    def start(self, helper: str, do: str, **params: Any) -> None:
        """Starts ``worker <helper>`` and asks it to do ``do``. Raises RuntimeError while a call is under
        way."""
        if self._process is not None:
            raise RuntimeError(f"{do}: a call is under way")
        process = JobProcess(self)
        self._process = process
        process.message.connect(self._take)
        process.ended.connect(self._ended)
        process.start(helper)
        process.request(do, **params)

    def cancel(self) -> None:
        """Asks the helper to give up; it answers with ``CANCELLED``."""
        if self._process is not None:
            self._process.cancel()

    def close(self) -> None:
        """No answer is wanted any more."""
        process, self._process = self._process, None
        if process is not None:
            process.close()

    def close_and_wait(self) -> None:
        """As `close`, for the end of the window; also waits for helpers that answered and are leaving."""
        self._process = None
        for process in self.findChildren(JobProcess):
            process.close_and_wait()

    @Slot(dict)
    def _take(self, answer: dict[str, Any]) -> None:
        kind = answer.get("type")
        if self.sender() is not self._process or kind not in ("Progress", "Result", "Failed"):
            return
        if kind == "Progress":
            self.progress.emit(answer)
            return
        self.close()
        if kind == "Result":
            self.answered.emit(answer)
        else:
            self.failed.emit(str(answer.get("code", "INTERNAL")), dict(answer.get("params") or {}))

    @Slot(object)
    def _ended(self, end: ProcessEnd) -> None:
        process = self.sender()
        if isinstance(process, JobProcess):
            process.deleteLater()
        if process is not self._process or self._process is None:
            return  # one that has answered
        self._process = None
        what = end.stderr.splitlines()[-1] if end.stderr else ""
        self.failed.emit("HELPER_ENDED", {"what": what})
