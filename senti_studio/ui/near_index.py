"""The look for near-copies after an import: started by itself, at low priority, and it can be stopped."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QTimer, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QWidget

from senti_studio.domain.near_groups import NearSummary
from senti_studio.jobs.helper_protocol import from_json
from senti_studio.ui import formats
from senti_studio.ui.helper_call import HelperCall
from senti_studio.ui.i18n import counted, marked, tr
from senti_studio.ui.operations import run_operation
from senti_studio.ui.session import Session
from senti_studio.ui.theme import Theme
from senti_studio.ui.widgets.buttons import button
from senti_studio.ui.widgets.styles import text_label

if TYPE_CHECKING:
    from senti_studio.storage.project import Project

START_AFTER_MS = 2500
"""Not beside the first pictures of the window or of what was just imported."""


class NearIndex(QObject):
    """`changed` when the look began, went on, or ended; `found` when there are new groups in the project."""

    changed = Signal()
    found = Signal()

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.summary: NearSummary | None = None
        self.share = 0.0
        self._was_stopped = False
        self._is_closed = False
        self._helper = HelperCall(self)
        self._helper.progress.connect(self._tell)
        self._helper.answered.connect(self._take)
        self._helper.failed.connect(self._fail)
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.timeout.connect(self._look)
        session.project_changed.connect(self._opened)
        session.comments_changed.connect(self._came)

    @property
    def is_running(self) -> bool:
        return self._helper.is_running

    @Slot()
    def start(self) -> None:
        """Looks now; nothing happens while a look is under way or no project is open."""
        project = self._session.project
        if project is None or self.is_running or self._is_closed:
            return
        self._later.stop()
        self.share, self._was_stopped = 0.0, False
        self._helper.start("index", "near_duplicates", project=str(project.folder))
        self.changed.emit()

    @Slot()
    def cancel(self) -> None:
        """Stops the look; it does not begin again by itself before the next import."""
        self._was_stopped = True
        self._helper.cancel()

    def close(self) -> None:
        """The window closes: the helper ends, no other one is started."""
        self._is_closed = True
        self._later.stop()
        self._helper.close_and_wait()

    @Slot(object)
    def _opened(self, project: Project | None) -> None:
        self._helper.close()
        self._later.stop()
        self.summary, self._was_stopped = None, False
        self.changed.emit()
        if project is not None:
            self._plan()

    @Slot()
    def _came(self) -> None:
        self._was_stopped = False
        self._plan()

    def _plan(self) -> None:
        if not self._is_closed:
            self._later.start(START_AFTER_MS)

    @Slot()
    def _look(self) -> None:
        project = self._session.project
        if project is None:
            return

        def work() -> tuple[NearSummary | None, int]:
            return project.near_groups.summary(), project.comments.counts().total

        def known(found: tuple[NearSummary | None, int]) -> None:
            if project is not self._session.project:
                return
            self.summary = found[0]
            self.changed.emit()
            is_needed = found[1] > 0 and (found[0] is None or not found[0].is_current)
            if is_needed and not self._was_stopped:
                self.start()

        run_operation(self, work, on_success=known, on_failure=lambda _: None)

    @Slot(dict)
    def _tell(self, answer: dict[str, Any]) -> None:
        total = float(answer.get("total") or 0)
        self.share = float(answer.get("rows") or 0) / total if total else 0.0
        self.changed.emit()

    @Slot(dict)
    def _take(self, answer: dict[str, Any]) -> None:
        self.summary = from_json(NearSummary, answer)
        self.changed.emit()
        self.found.emit()

    @Slot(str, object)
    def _fail(self, code: str, _params: object) -> None:
        # Nobody waits for it: another window may be at it, or the user has stopped it.
        self._was_stopped = True
        self.changed.emit()


def _groups(count: int) -> str:
    one, many = marked("1 group of near-copies"), marked("{n} groups of near-copies")
    return counted(count, one, many).format(n=formats.number(count))


class NearNote(QWidget):
    """What is known of near-copies, in one line, with a button to stop the look or to begin it."""

    def __init__(self, index: NearIndex, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._index = index
        self.text = text_label(role="hint", size="small")
        self.act = button(theme=theme, kind="link")
        self.act.clicked.connect(self._act)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addWidget(self.text)
        layout.addWidget(self.act)
        self.setMinimumWidth(1)  # the first thing to give way where a header has no room
        index.changed.connect(self.refresh)
        self.refresh()

    @Slot()
    def refresh(self) -> None:
        """The words of the moment; nothing is shown where nothing is known."""
        index = self._index
        if index.is_running:
            words = tr("Looking for near-copies {share}").format(
                share=formats.percent(index.share, decimals=0)
            )
            act = tr("Stop looking")
        elif index.summary is not None:
            groups = index.summary.groups
            words = _groups(groups) if groups else ""
            act = "" if index.summary.is_current else tr("Look again")
        else:
            words, act = "", ""
        self.text.setText(words)
        self.act.setText(act)
        self.act.setVisible(bool(act))
        self.setVisible(bool(words or act))

    @Slot()
    def _act(self) -> None:
        if self._index.is_running:
            self._index.cancel()
        else:
            self._index.start()
