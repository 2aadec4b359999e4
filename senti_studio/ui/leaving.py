"""Nothing is closed over changes that are not on the disk: they are waited for in sight of the user, and what
could not be written is asked about."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from PySide6.QtCore import QObject, QTimer, Slot

from senti_studio.messages import message
from senti_studio.ui.context import UiContext
from senti_studio.ui.dialogs import Choice, MessageDialog
from senti_studio.ui.formats import number
from senti_studio.ui.i18n import current_language, tr
from senti_studio.ui.pages.page import Page

SLOW_MS = 200
"""Waiting that takes longer than this is shown."""

TRY_AGAIN, LEAVE, STAY = 0, 1, 2


class Leaving(QObject):
    """Stands before closing the window, closing the project and opening another one."""

    def __init__(self, context: UiContext, pages: Callable[[], Iterable[Page]], parent: QObject) -> None:
        super().__init__(parent)
        self._context = context
        self._session = context.session
        self._pages = pages
        self.is_answered = False
        """Whether everything may go, whatever is not saved."""
        self.dialog: MessageDialog | None = None
        self._go: Callable[[], None] | None = None
        self._stay: Callable[[], None] | None = None
        self._failed: tuple[str, Mapping[str, object]] | None = None
        self._slow = QTimer(self)
        self._slow.setSingleShot(True)
        self._slow.setInterval(SLOW_MS)
        self._slow.timeout.connect(self._show_waiting)
        self._session.settled.connect(self._look_soon)
        self._session.save_failed.connect(self._note_failure)

    def is_free(self) -> bool:
        """Whether the project may be left at once; what is being typed is handed over first."""
        if self.is_answered:
            return True
        for page in self._pages():
            page.hand_over()
        return not self._session.is_saving and self._session.unsaved is None

    def before(self, go: Callable[[], None], stay: Callable[[], None] | None = None) -> None:
        """Calls ``go`` as soon as everything is on the disk, or the user gives it up; ``stay`` when the user
        does not want to leave after all."""
        if self.is_free():
            go()
            return
        self._end(stay=True)
        self._go, self._stay = go, stay
        self._failed = None
        self._look()

    @Slot()
    def _look_soon(self) -> None:
        # Comes from the middle of the delivery of an answer, which must not lose its project on the way.
        if self._go is not None:
            QTimer.singleShot(0, self, self._look)

    @Slot()
    def _look(self) -> None:
        if self._go is None:
            return
        if self._session.is_saving:
            if self.dialog is None:
                self._slow.start()
        elif self._session.unsaved is not None:
            self._ask()
        elif self._failed is not None:
            code, params = self._failed
            self._end(stay=True)
            self._context.dialogs.failure(code, params)
        else:
            self._end(stay=False)

    @Slot(str, object)
    def _note_failure(self, code: str, params: Mapping[str, object]) -> None:
        self._failed = (code, params)

    def _end(self, *, stay: bool) -> None:
        go, stays = self._go, self._stay
        self._go = self._stay = None
        self._close_dialog()
        then = stays if stay else go
        if then is not None:
            then()

    def _close_dialog(self) -> None:
        self._slow.stop()
        dialog, self.dialog = self.dialog, None
        if dialog is not None:
            dialog.close()

    @Slot()
    def _show_waiting(self) -> None:
        self._close_dialog()
        self.dialog = self._context.dialogs.ask(
            tr("The last changes are still being saved"),
            tr(
                "Another program is using the project file, or the drive is slow. "
                "This goes on by itself as soon as everything is on the disk."
            ),
            (Choice(tr("Leave without saving"), "danger"), Choice(tr("Stay here"), "primary")),
            lambda choice: self._answered(LEAVE if choice == 0 else STAY),
            icon="file",
        )

    def _ask(self) -> None:
        self._close_dialog()
        unsaved = self._session.unsaved
        assert unsaved is not None
        words = message(unsaved.code, unsaved.params, current_language())
        self.dialog = self._context.dialogs.ask(
            tr("{n} decisions are not saved").format(n=number(unsaved.count)),
            f"{words.what}\n{words.next_step}".strip(),
            (
                Choice(tr("Try again"), "primary"),
                Choice(tr("Leave without saving"), "danger"),
                Choice(tr("Stay here")),
            ),
            self._answered,
            icon="alert",
        )

    def _answered(self, choice: int) -> None:
        if self.dialog is None:  # closed by us: things have moved on
            return
        self.dialog = None
        unsaved = self._session.unsaved
        if choice == TRY_AGAIN and unsaved is not None:
            self._failed = None
            unsaved.retry()
            self._look()
        else:
            self._end(stay=choice != LEAVE)
