"""The short form of the import check: each file is sniffed and counted, one after the other."""

from __future__ import annotations

from collections import deque
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot

from senti_studio.ui.pages.classify.queue_item import ItemState, QueueItem
from senti_studio.ui.pages.importing.plan import ImportPlan, Use
from senti_studio.ui.pages.importing.presenter import ImportPresenter
from senti_studio.ui.pages.importing.wording import column_names


class FileLook(QObject):
    """`looked` with the plan of a file that can be read, `failed` with a message code for one that cannot."""

    looked = Signal(int, object)
    failed = Signal(int, str, object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._reader = ImportPresenter(self, as_columns=True)
        self._waiting: deque[tuple[int, Path]] = deque()
        self._number = 0
        self._reader.plan_changed.connect(self._plan_changed)
        self._reader.problem.connect(self._problem)

    def add(self, number: int, path: Path) -> None:
        """Looks at the file when those before it are through; ``number`` comes back with the answer."""
        self._waiting.append((number, path))
        if not self._number:
            self._next()

    def forget(self, number: int) -> None:
        """No answer is wanted for this file any more."""
        self._waiting = deque(entry for entry in self._waiting if entry[0] != number)
        if self._number == number:
            self._number = 0
            self._next()

    def close(self) -> None:
        """Ends the helper."""
        self._waiting.clear()
        self._number = 0
        self._reader.close_and_wait()

    def _next(self) -> None:
        if not self._waiting:
            self._number = 0
            self._reader.forget()
            return
        self._number, path = self._waiting.popleft()
        self._reader.start([path], ())

    @Slot()
    def _plan_changed(self) -> None:
        plan = self._reader.plan
        number = self._number
        if plan is None or not number:
            return
        if plan.column(Use.TEXT) is None:
            self._number = 0
            columns = list(plan.preview.display_names)
            self.failed.emit(number, "NO_TEXT_COLUMN", {"path": str(plan.path), "columns": columns})
            self._next()
        elif plan.check is not None:
            self._number = 0
            self.looked.emit(number, plan)
            self._next()

    @Slot(str, object)
    def _problem(self, code: str, params: dict[str, object]) -> None:
        number, self._number = self._number, 0
        if number:
            self.failed.emit(number, code, params)
        self._next()


def take_plan(item: QueueItem, plan: ImportPlan) -> None:
    """The file is read as the plan says."""
    item.options, item.columns = plan.options, column_names(plan.preview)
    item.sheets = tuple(sheet.name for sheet in plan.sniff.sheets)
    if item.sheets and not plan.options.sheet:
        item.options = replace(plan.options, sheet=plan.sniff.first_sheet)
    item.text_column = plan.column(Use.TEXT)
    item.rows = plan.check.rows if plan.check is not None else 0
    item.state, item.code, item.params = ItemState.READY, "", {}
