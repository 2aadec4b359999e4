"""Labelling, excluding and exporting the chosen rows: asks where there are many, and tells what was done."""

from __future__ import annotations

from PySide6.QtCore import QObject, Slot

from senti_studio.domain.comments import Source
from senti_studio.domain.journal import LABEL_SET_VERBS, Action, Verb
from senti_studio.domain.labels import Label
from senti_studio.ui.context import UiContext
from senti_studio.ui.dialogs import Choice
from senti_studio.ui.formats import number
from senti_studio.ui.i18n import counted, marked, tr
from senti_studio.ui.pages.data.changes import ASKS_ABOVE
from senti_studio.ui.pages.data.chooser import Chooser
from senti_studio.ui.pages.data.presenter import DataPresenter


class BulkActs(QObject):
    """What the bulk bar and the keys of the table do."""

    def __init__(
        self, context: UiContext, presenter: DataPresenter, chooser: Chooser, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._context = context
        self._presenter = presenter
        self._changes = presenter.changes
        self._chooser = chooser

    def label_chosen(self, place: int | None) -> None:
        """Gives the chosen rows the label at ``place`` (None: takes labels away); asks above 1,000."""
        facts, count = self._presenter.facts, self._chooser.count
        if facts is None or not count or (place is not None and place >= len(facts.labels)):
            return
        ids = self._chooser.ids()
        label_id = None if place is None else facts.labels[place].id
        if place is None:
            title = tr("Take the labels of {n} rows away?").format(n=number(count))
            choice = tr("Clear labels of {n} rows").format(n=number(count))
        else:
            name = facts.labels[place].name
            title = tr("Label {n} rows as {name}?").format(n=number(count), name=name)
            choice = tr("Label {n} rows").format(n=number(count))
        self._ask(title, choice, count, lambda: self._changes.label(ids, label_id))

    @Slot(bool)
    def exclude_chosen(self, on: bool) -> None:
        """Leaves the chosen rows out of training, or takes them in again."""
        count = self._chooser.count
        if not count:
            return
        ids = self._chooser.ids()
        title = tr("Exclude {n} rows from training?") if on else tr("No longer exclude {n} rows?")
        choice = tr("Exclude {n} rows") if on else tr("No longer exclude")
        self._ask(
            title.format(n=number(count)),
            choice.format(n=number(count)),
            count,
            lambda: self._changes.exclude(ids, on),
        )

    def _ask(self, title: str, choice: str, count: int, act: object) -> None:
        assert callable(act)
        if count <= ASKS_ABOVE:
            act()
            return
        self._context.dialogs.ask(
            title,
            tr("One undo takes all of it back."),
            [Choice(tr("Cancel")), Choice(choice, "primary")],
            lambda chosen: act() if chosen == 1 else None,
            focus=0,
        )

    @Slot(object)
    def tell(self, action: Action) -> None:
        """A toast with what was done, and the way back."""
        n = number(action.count)
        if action.verb in (Verb.UNDO, Verb.REDO):
            words = counted(action.count, marked("Undone: 1 row"), marked("Undone: {n} rows"))
            if action.verb is Verb.REDO:
                words = counted(action.count, marked("Redone: 1 row"), marked("Redone: {n} rows"))
            if action.of in LABEL_SET_VERBS:
                words = (
                    tr("Undone: change of labels")
                    if action.verb is Verb.UNDO
                    else tr("Redone: change of labels")
                )
                self._context.session.look_now()
            self._context.toasts.show(words.format(n=n), kind="done")
            return
        label = self._presenter.label_of(action.label_id)
        text = _done_words(action, label).format(n=n, name=label.name if label else "")
        if action.stopped:
            text = tr("Stopped") + " · " + text
        key = self._context.actions.key("edit.undo")
        self._context.toasts.show(text, kind="done", action=tr("Undo"), on_action=self._changes.undo, key=key)

    @Slot(object, bool)
    def tell_moved(self, source: Source, removed: bool) -> None:
        """A toast with the way back, when a file was taken out."""
        if removed:
            one = marked("{name} with 1 comment removed")
            text = counted(source.row_count, one, marked("{name} with {n} comments removed"))
            self._context.toasts.show(
                text.format(name=source.name, n=number(source.row_count)),
                kind="done",
                action=tr("Undo"),
                on_action=lambda: self._changes.restore_source(source),
            )


def _done_words(action: Action, label: Label | None) -> str:
    """What an action did, with places for the number of rows and the name of the label."""
    if action.verb is Verb.EXCLUDE:
        words = marked("1 row excluded from training"), marked("{n} rows excluded from training")
    elif action.verb is Verb.RESTORE:
        words = marked("1 row is no longer excluded"), marked("{n} rows are no longer excluded")
    elif label:
        words = marked("1 row labelled as {name}"), marked("{n} rows labelled as {name}")
    else:
        words = marked("Label of 1 row taken away"), marked("Labels of {n} rows taken away")
    return counted(action.count, *words)
