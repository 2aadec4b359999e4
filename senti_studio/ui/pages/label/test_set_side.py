"""The test set on the labelling page: offered once, and looked after in a dialog."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, Slot

from senti_studio.ui.context import UiContext
from senti_studio.ui.dialogs import Choice, MessageDialog
from senti_studio.ui.formats import number
from senti_studio.ui.i18n import counted, marked, tr
from senti_studio.ui.operations import run_operation
from senti_studio.ui.widgets.banner import Banner

if TYPE_CHECKING:
    from senti_studio.operations.test_set import TestSetFacts
    from senti_studio.storage.project import Project

OFFERED = "test_set.offered"


def at_once_words(count: int) -> str:
    """Why the figure is to be taken with care."""
    words = counted(
        count,
        marked(
            "1 of these labels was given to many comments in one stroke. ",
        ),
        marked("{n} of these labels were given to many comments in one stroke. "),
    ).format(n=number(count))
    return words + tr("They may make quality look better than it is.")


class TestSetSide(QObject):
    """Everything that takes time is done off the GUI thread; every change can be undone from its toast."""

    __test__ = False

    wanted = Signal()
    """The queue of the test set is to be shown."""
    changed = Signal()
    """Other comments are set aside now."""

    def __init__(self, context: UiContext, banner: Banner, parent: QObject) -> None:
        super().__init__(parent)
        self._context, self._banner = context, banner
        self._is_at_work = False
        self._is_put_off = False
        self._offered: TestSetFacts | None = None
        self.dialog: MessageDialog | None = None
        banner.primary.clicked.connect(self._set_aside)
        banner.secondary.clicked.connect(self._decline)
        banner.closed.connect(self._put_off)
        context.actions.bind("label.test_set", self.open, page="label")
        context.session.project_changed.connect(self._forget)

    # ---- the offer -----------------------------------------------------------------------------------------

    @Slot()
    def offer(self) -> None:
        """Offers to set comments aside: once, in a project that is large enough and has no test set."""
        if not self._is_put_off and not self._banner.isVisible():
            self._look(self._offer)

    def _offer(self, project: Project, facts: TestSetFacts) -> None:
        if facts.is_there or not facts.proposed or project.settings.get(OFFERED, False):
            return
        self._offered = facts
        self._show_offer()

    def retranslate(self) -> None:
        if self._banner.isVisible():
            self._show_offer()

    def _show_offer(self) -> None:
        facts = self._offered
        if facts is None:
            return
        title = tr("Set {n} random comments aside, so that quality can be told honestly?")
        text = tr(
            "They wait in the queue “Test set”, no other queue shows them and nothing learns from them. You "
            "label them when you like."
        )
        self._banner.show_message(
            title.format(n=number(facts.proposed)),
            text,
            primary=tr("Set {n} aside").format(n=number(facts.proposed)),
            secondary=tr("No, thanks"),
            kind="good",
        )

    @Slot()
    def _decline(self) -> None:
        self._banner.hide()
        if self._context.session.project is not None:
            self._context.session.project.settings.set(OFFERED, True)

    @Slot()
    def _put_off(self) -> None:
        self._is_put_off = True

    @Slot(object)
    def _forget(self, _project: object) -> None:
        self._banner.hide()
        self._is_put_off = self._is_at_work = False

    # ---- the dialog ----------------------------------------------------------------------------------------

    @Slot()
    def open(self) -> None:
        """Shows what is set aside and what can be done about it."""
        self._look(self._show)

    def _show(self, _project: Project, facts: TestSetFacts) -> None:
        acts: list[tuple[Choice, Callable[[], object]]] = [(Choice(tr("Close")), lambda: None)]
        if facts.is_there:
            counts = facts.counts
            text = tr(
                "{n} random comments are set aside, {labelled} of them are labelled. No other queue shows "
                "them and nothing learns from them, so they tell honestly how good suggestions and models "
                "are."
            ).format(n=number(counts.total), labelled=number(counts.labelled))
            if facts.at_once:
                text += "\n\n" + at_once_words(facts.at_once)
            acts.append((Choice(tr("Use no test set"), "danger"), self._remove))
            acts.append((Choice(tr("Draw another one")), self._set_aside))
            if facts.later:
                more = tr("Add some of {n} later comments").format(n=number(facts.later))
                acts.append((Choice(more), self._extend))
            acts.append((Choice(tr("Label them"), "primary"), self.wanted.emit))
        elif facts.proposed:
            text = tr(
                "No comments are set aside. Quality is cross-validated so far: told on your labels, each "
                "judged by a model that has not learnt from it; but these comments need not stand for all of "
                "them."
            )
            label = tr("Set {n} aside").format(n=number(facts.proposed))
            acts.append((Choice(label, "primary"), self._set_aside))
        else:
            text = tr("The project is too small for a test set that says anything.")

        def chosen(which: int) -> None:
            if which >= 0:
                acts[which][1]()

        self.dialog = self._context.dialogs.ask(
            tr("Test set"),
            text,
            [choice for choice, _ in acts],
            chosen,
            icon="info",
        )

    # ---- acts ----------------------------------------------------------------------------------------------

    def _look(self, show: Callable[[Project, TestSetFacts], None]) -> None:
        project = self._context.session.project
        if project is None:
            return

        def work() -> TestSetFacts:
            from senti_studio.operations.test_set import facts

            return facts(project)

        def take(found: TestSetFacts) -> None:
            if project is self._context.session.project:
                show(project, found)

        run_operation(self, work, on_success=take)

    @Slot()
    def _set_aside(self) -> None:
        def work(project: Project) -> int:
            from senti_studio.operations.test_set import set_aside

            return set_aside(project)

        self._do(work, lambda count: tr("{n} comments are set aside").format(n=number(count)))

    def _extend(self) -> None:
        def work(project: Project) -> int:
            from senti_studio.operations.test_set import extend

            return extend(project)

        self._do(work, lambda count: tr("{n} more comments are set aside").format(n=number(count)))

    def _remove(self) -> None:
        def work(project: Project) -> int:
            from senti_studio.operations.test_set import remove

            return len(remove(project))

        self._do(work, lambda count: tr("{n} comments are set aside no longer").format(n=number(count)))

    def _do(self, work: Callable[[Project], int], words: Callable[[int], str]) -> None:
        project = self._context.session.project
        if project is None or self._is_at_work:
            return
        self._is_at_work = True
        self._banner.hide()

        def change() -> tuple[frozenset[int], int]:
            return project.test_sets.current(), work(project)

        def done(found: tuple[frozenset[int], int]) -> None:
            self._is_at_work = False
            if project is not self._context.session.project:
                return
            before, count = found
            self._context.toasts.show(
                words(count),
                kind="done",
                action=tr("Undo"),
                on_action=partial(self._put_back, project, before),
            )
            self._tell()

        run_operation(self, change, on_success=done, on_failure=self._failed)

    def _put_back(self, project: Project, ids: frozenset[int]) -> None:
        def work() -> None:
            from senti_studio.operations.test_set import put_back

            put_back(project, ids)

        if project is self._context.session.project:
            run_operation(self, work, on_success=lambda _: self._tell())

    def _tell(self) -> None:
        self.changed.emit()
        self._context.assistant.learn()

    def _failed(self, error: Exception) -> None:
        self._is_at_work = False
        self._context.dialogs.error(error)
