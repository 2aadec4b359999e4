"""Writes the classified CSV of a finished batch once more: ``worker export``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal, Slot

from senti_studio.domain.exporting import ExportReport
from senti_studio.domain.importing import ImportProgress
from senti_studio.jobs.helper_protocol import from_json, to_json
from senti_studio.ui.helper_call import HelperCall
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
        self._item: QueueItem | None = None
        self._helper = HelperCall(self)
        self._helper.progress.connect(self._tell_progress)
        self._helper.answered.connect(self._take)
        self._helper.failed.connect(self.failed)

    @property
    def is_running(self) -> bool:
        """Whether something is being written."""
        return self._helper.is_running

    def start(self, item: QueueItem, batch_folder: Path, target: Path, encoding: str) -> None:
        """Writes the batch of ``item`` to ``target``; nothing happens while another one is being written."""
        if self._helper.is_running:
            return
        self._item = item
        self._helper.start(
            "export",
            "batch",
            batch_folder=str(batch_folder),
            path=str(target),
            encoding=encoding,
            existing="number",
        )

    def close(self) -> None:
        """Ends the helper, for the end of the window."""
        self._helper.close_and_wait()

    @Slot(dict)
    def _tell_progress(self, answer: dict[str, Any]) -> None:
        self.progress.emit(from_json(ImportProgress, answer))

    @Slot(dict)
    def _take(self, answer: dict[str, Any]) -> None:
        item, report = self._item, from_json(ExportReport, answer)
        if item is not None:
            item.output = {**item.output, **to_json(report)}
            self.done.emit(item, report)
