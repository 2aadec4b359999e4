"""Writes the classified CSV of a finished batch once more: ``worker export``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal, Slot

from senti_studio.domain.importing import ExportReport, ImportProgress
from senti_studio.jobs.helper_protocol import from_json, to_json
from senti_studio.ui.job_process import JobProcess, ProcessEnd
from senti_studio.ui.pages.classify.queue_item import QueueItem


class BatchExport(QObject):
    """One export at a time; the new file appears whole or not at all."""

    progress = Signal(object)
    """`ImportProgress`"""
    done = Signal(object, object)
    """`QueueItem`, `ExportReport`"""
    failed = Signal(str, object)
    """Message code and parameters."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._process: JobProcess | None = None
        self._item: QueueItem | None = None

    @property
    def is_running(self) -> bool:
        """Whether something is being written."""
        return self._item is not None

    def start(self, item: QueueItem, batch_folder: Path, target: Path, encoding: str) -> None:
        """Writes the batch of ``item`` to ``target``."""
        if self._item is not None:
            return
        self._item = item
        self._process = JobProcess(self)
        self._process.message.connect(self._take)
        self._process.ended.connect(self._ended)
        self._process.start("export")
        self._process.request(
            "batch", batch_folder=str(batch_folder), path=str(target), encoding=encoding, existing="number"
        )

    def close(self) -> None:
        """Ends the helper, for the end of the window."""
        self._item = None
        for process in self.findChildren(JobProcess):
            process.close_and_wait()
        self._process = None

    @Slot(dict)
    def _take(self, answer: dict[str, Any]) -> None:
        kind, item = answer.get("type"), self._item
        if item is None:
            return
        if kind == "Progress":
            self.progress.emit(from_json(ImportProgress, answer))
            return
        if kind not in ("Result", "Failed"):
            return
        self._item = None
        if self._process is not None:
            self._process.close()
        if kind == "Result":
            report = from_json(ExportReport, answer)
            item.output = {**item.output, **to_json(report)}
            self.done.emit(item, report)
        else:
            self.failed.emit(str(answer.get("code")), dict(answer.get("params", {})))

    @Slot(object)
    def _ended(self, end: ProcessEnd) -> None:
        process = self.sender()
        if isinstance(process, JobProcess):
            process.deleteLater()
        if process is not self._process:
            return  # the one before, closed after its answer
        self._process = None
        if self._item is not None:
            self._item = None
            what = end.stderr.splitlines()[-1] if end.stderr else ""
            self.failed.emit("HELPER_ENDED", {"what": what})
