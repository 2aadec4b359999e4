"""Finds what resembles the comment in view, a moment after it was shown; labels such comments together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QEvent, QObject, QTimer, Slot

from senti_studio.domain.assisting import Neighbour
from senti_studio.domain.comments import Comment
from senti_studio.domain.journal import Action
from senti_studio.domain.labels import Label
from senti_studio.domain.similarity import SimilarComment
from senti_studio.jobs.helper_protocol import from_json
from senti_studio.ui.assistant import Standing
from senti_studio.ui.formats import number
from senti_studio.ui.i18n import counted, marked, tr
from senti_studio.ui.operations import Failure, run_operation
from senti_studio.ui.pages.data.preview import CommentPopup
from senti_studio.ui.pages.label.independent import own_view
from senti_studio.ui.pages.label.similar_dialog import TogetherDialog

if TYPE_CHECKING:
    from senti_studio.storage.project import Project
    from senti_studio.ui.pages.label.view import LabelPage

LOOK_AFTER_MS = 150
MOST = 8
_UNLIKE = 0.05
"""What resembles the comment less than this is not shown."""


class SimilarDesk(QObject):
    """Near-copies come from the project at once, the nearest other comments from the assistant, if it is at
    hand; nothing here stands between a key and the next comment."""

    def __init__(self, page: LabelPage) -> None:
        super().__init__(page)
        self._page = page
        self._shown_id: int | None = None
        self._own = ""
        self._neighbours: tuple[int, ...] = ()
        self._is_asking = False
        """The assistant owes an answer about the comment in view."""
        self.dialog: TogetherDialog | None = None
        self.popup: CommentPopup | None = None
        self._look = QTimer(self)
        self._look.setSingleShot(True)
        self._look.setInterval(LOOK_AFTER_MS)
        self._look.timeout.connect(self.look)
        page.presenter.feed.comment_changed.connect(self._another)
        page.presenter.labels_replaced.connect(self.look)
        page.context.assistant.learnt.connect(self._look.start)  # it may have come to hand only now
        page.context.assistant.left.connect(self._look.start)
        page.presenter.done_beside.connect(self._look.start)  # rows that are shown may have another label now
        page.presenter.walked.connect(self._look.start)
        page.similar.rows.wanted.connect(self.show_whole)
        page.similar.together_wanted.connect(self.label_together)
        page.installEventFilter(self)

    def open(self, _project: Project | None) -> None:
        """Another project: what is shown belongs to the one before."""
        self._shown_id = None
        self._forget()

    def retranslate(self) -> None:
        self._page.similar.retranslate()
        self.close_popup()
        self.look()

    # ---- looking -------------------------------------------------------------------------------------------

    @Slot()
    def _another(self) -> None:
        comment = self._page.presenter.comment
        comment_id = comment.id if comment is not None else None
        own = self._page.presenter.feed.view.own
        if comment_id != self._shown_id or own != self._own:
            self._shown_id, self._own = comment_id, own
            self._forget()
            self._look.start()

    def _forget(self) -> None:
        self._neighbours = ()
        self.close_popup()
        self._page.similar.clear()

    @property
    def _here(self) -> tuple[Project, Comment] | None:
        project, comment = self._page.context.session.project, self._page.presenter.comment
        return None if project is None or comment is None else (project, comment)

    @Slot()
    def look(self) -> None:
        """Reads what resembles the comment in view, and asks the assistant for more."""
        here = self._here
        if here is None or self._page.similar.isHidden():
            return
        comment_id = here[1].id
        self._is_asking = self._page.context.assistant.ask(
            "similar",
            owner=self,
            on_result=lambda answer: self._take_neighbours(comment_id, answer),
            on_failure=lambda _code, _params: self._take_neighbours(comment_id, {}),
            comment=comment_id,
            n=2 * MOST,
        )
        self._read()

    @property
    def _may_find_more(self) -> bool:
        return self._is_asking or self._page.context.assistant.standing is Standing.STARTING

    def _take_neighbours(self, comment_id: int, answer: dict[str, Any]) -> None:
        if comment_id == self._shown_id:
            self._is_asking = False
            found = from_json(tuple[Neighbour, ...], answer.get("neighbours", ()))
            self._neighbours = tuple(each.id for each in found)
            self._read()

    def _read(self) -> None:
        here = self._here
        if here is None:
            return
        (project, comment), neighbours, own = here, self._neighbours, self._own

        def work() -> list[SimilarComment]:
            from senti_studio.operations.similar import described, near_copies

            copies = near_copies(project, comment, MOST, own=own)
            known = {comment.id} | {each.row.id for each in copies}
            unknown = [each for each in neighbours if each not in known]
            others = described(project, comment.text, unknown, own=own)
            found = sorted([*copies, *others], key=lambda each: each.order)
            return [each for each in found if each.similarity > _UNLIKE][:MOST]

        def take(found: list[SimilarComment]) -> None:
            is_here = comment.id == self._shown_id and own == self._own
            if is_here and project is self._page.context.session.project:
                labels, more = self._page.presenter.labels, self._may_find_more
                self._page.similar.show_similar(found, labels, is_looking=more)

        # a comment that went away meanwhile is told of when it comes into view
        run_operation(self, work, on_success=take, on_failure=lambda _: None)

    # ---- the whole text ------------------------------------------------------------------------------------

    @Slot(int)
    def show_whole(self, comment_id: int) -> None:
        """Opens a similar comment over the page; the page keeps the keys."""
        project = self._page.context.session.project
        if project is None:
            return
        run_operation(self, lambda: project.comments.get(comment_id), on_success=self._open_popup)

    def _open_popup(self, comment: Comment) -> None:
        if self.popup is None:
            self.popup = CommentPopup(self._page.context.theme, self._page)
        comment = own_view(comment, self._own)
        self.popup.show_comment(comment, self._page.presenter.label_of(comment.label_id))

    @Slot()
    def close_popup(self) -> None:
        if self.popup is not None:
            self.popup.hide()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.Resize, QEvent.Type.Hide):
            self.close_popup()
            if event.type() == QEvent.Type.Resize:
                self._look.start()  # the card may have got its place only now
        return super().eventFilter(watched, event)

    # ---- together ------------------------------------------------------------------------------------------

    @Slot()
    def label_together(self) -> None:
        """Opens the list of what is shown; one key labels all that is ticked."""
        page, shown = self._page, self._page.similar.shown
        if not shown or self.dialog is not None or page.presenter.failure is not None:
            return
        dialog = TogetherDialog(page.context, shown, page.presenter.labels, page.keys, page)
        dialog.chosen.connect(self._label)
        dialog.finished.connect(self._closed)
        self.dialog = dialog
        dialog.open()

    @Slot(int)
    def _closed(self, _result: int) -> None:
        self.dialog = None
        self._page.setFocus()

    @Slot(object, object)
    def _label(self, ids: list[int], label: Label) -> None:
        page, session = self._page, self._page.context.session
        project = session.project
        if project is None:
            return

        def failed(error: Failure) -> None:
            page.context.dialogs.error(error)

        session.track(
            project.annotations.label(ids, label.id, annotator=session.annotator),
            on_success=lambda action: self._labelled(ids, label.name, action),
            on_failure=failed,
        )

    def _labelled(self, ids: list[int], name: str, action: Action) -> None:
        page = self._page
        for each in ids:
            page.presenter.feed.forget(each)
            page.presenter.feed.close(each)
        page.presenter.refresh()
        self._read()
        words = counted(
            action.count, marked("One comment labelled {name}"), marked("{n} comments labelled {name}")
        )
        page.context.toasts.show(
            words.format(n=number(action.count), name=name),
            kind="done",
            action=tr("Undo"),
            on_action=page.presenter.undo,
            key=page.context.actions.key("edit.undo"),
        )
