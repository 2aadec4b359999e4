"""Identical texts take the label along, if the user wants: asked in one line, remembered for the project.

Copies are looked for after the label is on the disk, for all labels of the last moments at once and off the
GUI thread; what they get is an action of its own, which one undo takes back.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QWidget

from senti_studio.domain.journal import Action
from senti_studio.ui.context import UiContext
from senti_studio.ui.formats import number
from senti_studio.ui.i18n import counted, marked, tr
from senti_studio.ui.operations import Failure, run_operation
from senti_studio.ui.pages.label.presenter import LabelPresenter
from senti_studio.ui.pages.label.saving import Decision
from senti_studio.ui.theme import Theme
from senti_studio.ui.undoing import say_not_the_last
from senti_studio.ui.widgets.buttons import button
from senti_studio.ui.widgets.styles import text_label

if TYPE_CHECKING:
    from senti_studio.storage.project import Project

KEY = "label.copies"
ASK, ALWAYS, NEVER = "ask", "always", "never"
MODES = (ASK, ALWAYS, NEVER)
LOOK_AFTER_MS = 1200
"""A look costs about a tenth of a second at a million comments: not after each label."""


class CopiesBar(QWidget):
    """``另有 3 条相同文本`` with three answers, in the line below the comment."""

    answered = Signal(str)
    """``once`` | ``always`` | ``never``"""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.words = text_label(bold=True, size="small")
        self.once = button(theme=theme)
        self.always = button(theme=theme, kind="link")
        self.never = button(theme=theme, kind="link")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self.words)
        for made, answer in ((self.once, "once"), (self.always, ALWAYS), (self.never, NEVER)):
            made.set_dense()
            made.clicked.connect(lambda _=False, which=answer: self.answered.emit(which))
            row.addWidget(made)
        self.hide()

    def retranslate(self) -> None:
        self.once.setText(tr("Label them too"))
        self.always.setText(tr("Always"))
        self.never.setText(tr("Never"))

    def show_count(self, count: int) -> None:
        """How many comments say the same; 0 hides the line."""
        words = counted(
            count, marked("1 more comment says the same"), marked("{n} more comments say the same")
        )
        self.words.setText(words.format(n=number(count)))
        self.setVisible(count > 0)


class Copies(QObject):
    """Follows the labels of the page."""

    def __init__(self, context: UiContext, presenter: LabelPresenter, bar: CopiesBar, page: QObject) -> None:
        super().__init__(page)
        self._context = context
        self._presenter = presenter
        self.bar = bar
        self._given: dict[int, int] = {}
        """Labelled since the last look: comment, label."""
        self._looked_for: dict[int, int] = {}
        """The same, of the look that is under way."""
        self._open: dict[int, tuple[int, int]] = {}
        """Comments that say the same as a labelled one: comment, (the labelled one, its label)."""
        self._is_looking = False
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.setInterval(LOOK_AFTER_MS)
        self._later.timeout.connect(self._look)
        presenter.decided.connect(self._note)
        presenter.feed.comment_changed.connect(self._meet)
        presenter.walked.connect(self._take_back)
        bar.answered.connect(self._answer)
        context.session.project_changed.connect(self._forget)

    @property
    def _project(self) -> Project | None:
        return self._context.session.project

    @Slot()
    def _forget(self) -> None:
        self._later.stop()
        self._given, self._looked_for, self._open = {}, {}, {}
        self.bar.show_count(0)

    @Slot(object)
    def _take_back(self, action: Action) -> None:
        """Undone or done again by who knows better: nothing is asked or done because of it any more."""
        self._withdraw(action.comment_ids)

    def _withdraw(self, ids: Sequence[int]) -> None:
        gone = set(ids)
        for comment_id in gone:
            self._given.pop(comment_id, None)
            self._looked_for.pop(comment_id, None)
        left = {copy: of for copy, of in self._open.items() if copy not in gone and of[0] not in gone}
        if len(left) < len(self._open):
            self._open = left
            if self.bar.isVisible():
                self.bar.show_count(len(left))

    @Slot(object, object)
    def _note(self, decision: Decision, action: Action) -> None:
        if action.count and decision.verb in ("label", "skip"):
            self._withdraw([decision.comment_id])
        if decision.verb == "label" and action.count and decision.label_id is not None:
            self._given[decision.comment_id] = decision.label_id
            if not self._later.isActive():
                self._later.start()

    @Slot()
    def _meet(self) -> None:
        """A copy that comes into view is decided by who looks at it: not counted, nor labelled along."""
        here = self._presenter.comment
        if here is not None and self._open.pop(here.id, None) is not None:
            QTimer.singleShot(0, self, lambda: self.bar.show_count(len(self._open)))

    @Slot()
    def _look(self) -> None:
        project, given = self._project, self._given
        if project is None or not given:
            return
        if self._is_looking:
            self._later.start()
            return
        self._given, self._looked_for, self._is_looking = {}, given, True
        ids = list(given)

        def work() -> tuple[str, dict[int, list[int]]]:
            mode = project.settings.get(KEY, ASK)
            return mode, {} if mode == NEVER else project.comments.copies.open_ones(ids)

        run_operation(
            self,
            work,
            on_success=lambda found: self._found(project, given, *found),
            on_failure=lambda _: self._end_look(),
        )

    def _end_look(self) -> None:
        self._is_looking = False

    def _found(self, project: Project, given: dict[int, int], mode: str, found: dict[int, list[int]]) -> None:
        self._end_look()
        if project is not self._project:
            return
        for comment_id, copies in found.items():
            if comment_id in given:
                self._open.update((copy, (comment_id, given[comment_id])) for copy in copies)
        here = self._presenter.comment
        if here is not None:
            self._open.pop(here.id, None)
        if mode == ALWAYS:
            self._label_along()
        else:
            self.bar.show_count(len(self._open))

    @Slot(str)
    def _answer(self, answer: str) -> None:
        project = self._project
        if project is None:
            return
        if answer in (ALWAYS, NEVER):
            project.settings.set(KEY, answer)
        if answer == NEVER:
            self._open = {}
            self.bar.show_count(0)
        else:
            self._label_along()

    def _label_along(self) -> None:
        """One action for each label, newest last."""
        project = self._project
        groups: dict[int, dict[int, int]] = {}
        for copy, (original, label_id) in self._open.items():
            groups.setdefault(label_id, {})[copy] = original
        self._open = {}
        self.bar.show_count(0)
        if project is None or self._presenter.failure is not None:
            return
        for label_id, originals in groups.items():
            self._give(project, originals, label_id)

    def _give(self, project: Project, ids: dict[int, int], label_id: int) -> None:
        session, feed = self._context.session, self._presenter.feed
        for comment_id in ids:  # not offered any more, though the label is on its way yet
            feed.forget(comment_id)
            feed.close(comment_id)

        def failed(error: Failure) -> None:
            for comment_id in ids:
                feed.reopen(comment_id)
            self._presenter.failed.emit(error)

        session.track(
            project.annotations.label_copies(ids, label_id, annotator=session.annotator),
            on_success=lambda action: self._labelled(project, ids, action),
            on_failure=failed,
        )

    def _labelled(self, project: Project, ids: Iterable[int], action: Action) -> None:
        if project is not self._project:
            return
        if action.left_out:  # decided meanwhile, or the original was: looked at again when they come up
            for comment_id in ids:
                self._presenter.feed.reopen(comment_id)
        if not action.count:
            return
        self._presenter.note_action(action)
        label = self._presenter.label_of(action.label_id)
        words = counted(
            action.count, marked("1 copy labelled as {name}"), marked("{n} copies labelled as {name}")
        )
        self._context.toasts.show(
            words.format(n=number(action.count), name=label.name if label else ""),
            kind="done",
            action=tr("Undo"),
            on_action=lambda: self._undo(project, action.id),
        )
        self._presenter.refresh()

    def _undo(self, project: Project, action_id: int) -> None:
        session = self._context.session
        if project is self._project:
            session.track(
                project.annotations.undo(session.annotator, only=action_id),
                on_success=self._undone,
                on_failure=self._presenter.failed.emit,
            )

    def _undone(self, action: Action | None) -> None:
        if action is None:
            say_not_the_last(self._context)
        self._presenter.look_anew()
