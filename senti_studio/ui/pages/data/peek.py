"""A look at the whole comment of the current row: Space opens it, moving on shows the next one."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QObject, Slot

from senti_studio.domain.comments import Comment
from senti_studio.ui.operations import run_operation
from senti_studio.ui.pages.data.presenter import DataPresenter
from senti_studio.ui.pages.data.preview import CommentPopup
from senti_studio.ui.pages.data.table import CommentTableView
from senti_studio.ui.session import Session


class Peek(QObject):
    """Fills the popup off the GUI thread."""

    def __init__(
        self,
        session: Session,
        presenter: DataPresenter,
        table: CommentTableView,
        popup: CommentPopup,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._session = session
        self._presenter = presenter
        self._table = table
        self._popup = popup
        table.preview_wanted.connect(self.toggle)
        table.selectionModel().currentChanged.connect(self._current_changed)

    @Slot()
    def toggle(self) -> None:
        """Opens or closes it."""
        if self._popup.isVisible():
            self._popup.hide()
        else:
            self._look(self._table.currentIndex().row())

    @Slot(QModelIndex, QModelIndex)
    def _current_changed(self, current: QModelIndex, previous: QModelIndex) -> None:
        if self._popup.isVisible():
            self._look(current.row())

    def _look(self, row: int) -> None:
        project, ids = self._session.project, self._presenter.model.ids
        if project is None or not 0 <= row < len(ids):
            return
        comment_id = ids[row]
        run_operation(self, lambda: project.comments.get(comment_id), on_success=self._show)

    def _show(self, comment: Comment) -> None:
        self._popup.show_comment(comment, self._presenter.label_of(comment.label_id))
