"""Opens the history of everything, and takes the page along when somebody goes back in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Slot

from senti_studio.domain.journal import Travel
from senti_studio.ui.context import UiContext
from senti_studio.ui.formats import number
from senti_studio.ui.history_dialog import HistoryDialog
from senti_studio.ui.i18n import counted, marked, tr
from senti_studio.ui.pages.label.history_strip import HistoryStrip
from senti_studio.ui.pages.label.presenter import LabelPresenter

if TYPE_CHECKING:
    from senti_studio.storage.project import Project


def words_of_left_out(count: int) -> str:
    """Comments that an undo did not touch."""
    one = marked("1 comment was changed by somebody else meanwhile and stays as it is")
    many = marked("{n} comments were changed by somebody else meanwhile and stay as they are")
    return counted(count, one, many).format(n=number(count))


class Past(QObject):
    """What the button in the strip and its key do."""

    def __init__(
        self, context: UiContext, presenter: LabelPresenter, strip: HistoryStrip, page: QObject
    ) -> None:
        super().__init__(page)
        self._context = context
        self._presenter = presenter
        self.dialog: HistoryDialog | None = None
        strip.past_wanted.connect(self.open)
        context.actions.bind("label.history", self.open, page="label")

    @Slot()
    def open(self) -> None:
        """Shows the list of all actions."""
        project = self._context.session.project
        if project is None or self.dialog is not None:
            return
        dialog = HistoryDialog(self._context, project)
        dialog.jump_wanted.connect(self._jump)
        dialog.travelled.connect(self._travelled)
        dialog.finished.connect(self._closed)
        self.dialog = dialog
        dialog.open()

    @Slot()
    def _closed(self) -> None:
        self.dialog = None

    @Slot(int)
    def _jump(self, comment_id: int) -> None:
        if self.dialog is not None:
            self.dialog.accept()
        self._presenter.feed.jump(comment_id)

    @Slot(object)
    def _travelled(self, way: Travel) -> None:
        """Says what was done, with the way to where one was."""
        if way.forward:
            words = counted(way.actions, marked("1 action made again"), marked("{n} actions made again"))
        else:
            words = counted(way.actions, marked("1 action taken back"), marked("{n} actions taken back"))
        text = words.format(n=number(way.actions))
        if way.stopped:
            text = tr("Stopped") + " · " + text
        if way.left_out:
            text += " · " + words_of_left_out(way.left_out)
        project = self._context.session.project
        self._context.toasts.show(
            text,
            kind="done",
            action=tr("Go back again") if way.forward else tr("Go forward again"),
            on_action=lambda: self._go_again(project, way.newest),
        )
        self._presenter.look_anew(way.comment_id)
        self._context.session.look_now()

    def _go_again(self, project: Project | None, to: int) -> None:
        session = self._context.session
        if project is not None and project is session.project:
            session.track(
                project.history.travel(session.annotator, to),
                on_success=self._travelled,
                on_failure=self._presenter.failed.emit,
            )
