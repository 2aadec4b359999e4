"""The labelling page: one comment large, one key labels it, saves it and shows the next."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QCoreApplication, QEvent, Qt, Slot
from PySide6.QtGui import QHideEvent, QInputMethodEvent, QKeyEvent
from PySide6.QtWidgets import QWidget

from senti_studio.ui.context import UiContext
from senti_studio.ui.formats import number
from senti_studio.ui.i18n import tr
from senti_studio.ui.pages.label.bulk_labels import BulkLabels
from senti_studio.ui.pages.label.copies import Copies
from senti_studio.ui.pages.label.empty import after_empty, words_for
from senti_studio.ui.pages.label.filter_menu import FilterMenu
from senti_studio.ui.pages.label.guide_desk import GuideDesk
from senti_studio.ui.pages.label.independent import Independent
from senti_studio.ui.pages.label.keys import PageKeys, Press, Verb, keys_for, press_of, press_of_text
from senti_studio.ui.pages.label.layout import NARROW_BELOW, LabelLayout
from senti_studio.ui.pages.label.past import Past, words_of_left_out
from senti_studio.ui.pages.label.presenter import LabelPresenter
from senti_studio.ui.pages.label.progress_side import ProgressSide
from senti_studio.ui.pages.label.queue_choice import LISTS, Choice, view_of
from senti_studio.ui.pages.label.queue_view import REVIEW_TABS, Kind, Tab, View
from senti_studio.ui.pages.label.ranked_queue import RankedQueue
from senti_studio.ui.pages.label.reading_aids import ReadingAids
from senti_studio.ui.pages.label.review.panel import ReviewPanel
from senti_studio.ui.pages.label.similar_desk import SimilarDesk
from senti_studio.ui.pages.label.spelling import Spelling
from senti_studio.ui.pages.label.suggesting import Suggesting
from senti_studio.ui.pages.label.test_set_side import TestSetSide

if TYPE_CHECKING:
    from senti_studio.storage.project import Project

_WORD_S = 0.8
"""Who types a word pauses for less between two keys."""


class LabelPage(LabelLayout):
    """Keys go to the page itself; a text field gets the focus only when asked for, and Esc leaves it."""

    def __init__(self, context: UiContext, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        self.setAttribute(Qt.WidgetAttribute.WA_InputMethodEnabled, False)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.presenter = LabelPresenter(context.session, self)
        self.progress = ProgressSide(context, self.presenter, self.status, self)
        self.spelling = Spelling(self)
        self.keys = PageKeys()
        self._deaf_until = 0.0
        self.reading = ReadingAids(self)
        self.guiding = GuideDesk(self)
        self.resembling = SimilarDesk(self)
        self.independent = Independent(context, self.name, self)
        self.review = ReviewPanel(context, self.presenter, self)
        self.stack.addWidget(self.review)
        self.filter.setMenu(FilterMenu(context, self.presenter, self._change_view, self))
        self._connect()
        self._bind()
        self.bulk = BulkLabels(context, self.presenter, self.bulk_bar, self)
        self.copies = Copies(context, self.presenter, self.copies_bar, self)
        self.past = Past(context, self.presenter, self.strip, self)
        self.suggesting = Suggesting(context, self.presenter, self)
        self.test_set = TestSetSide(context, self.offer, self)
        self.test_set.wanted.connect(lambda: self._choose_queue(Choice.TEST_SET))
        self.test_set.changed.connect(self.presenter.refill)
        self.ranking = RankedQueue(context, self.presenter.feed, self)
        self.ranking.changed.connect(self._show_ranked)
        self.ranking.ready.connect(self.presenter.refill)
        self.progress.ceiling_changed.connect(self.suggesting.set_ceiling)

    def _connect(self) -> None:
        presenter, feed = self.presenter, self.presenter.feed
        feed.comment_changed.connect(self._show_comment)
        presenter.written.connect(self._show_written)
        presenter.held_back.connect(self._tell_saving)
        feed.queue_changed.connect(self._show_queue)
        presenter.counts_changed.connect(self._show_counts)
        presenter.history_changed.connect(self._show_history)
        presenter.failure_changed.connect(self._show_failure)
        presenter.labels_replaced.connect(self._show_labels)
        presenter.chosen.connect(self._flash)
        presenter.failed.connect(self.context.dialogs.error)
        presenter.told.connect(self._tell)
        self.independent.changed.connect(self._show_independent)
        self.spelling.changed.connect(self._show_hint)
        self.review.counts_changed.connect(lambda: self.status.show_lists(self.review.counts()))
        self.search.searched.connect(lambda words: self._change_view(search=words))
        self.search.left.connect(self._take_focus)
        self.nothing.primary.clicked.connect(self._leave_empty)
        self.labels.chosen.connect(presenter.label)
        self.labels.skipped.connect(presenter.skip)
        self.labels.flagged.connect(presenter.flag)
        self.labels.noted.connect(self._begin_note)
        self.comment.previous_wanted.connect(lambda: feed.move(-1))
        self.comment.next_wanted.connect(lambda: feed.move(1))
        self.comment.next_open_wanted.connect(lambda: feed.move_open(1))
        self.comment.note_written.connect(presenter.write_note)
        self.comment.note_left.connect(self._take_focus)
        self.comment.note_early.connect(self._tell_saving)
        self.comment.note_taken.connect(self._go_on_without_note)
        self.comment.size_wanted.connect(self._keep_size)
        self.strip.comment_wanted.connect(feed.jump)
        self.strip.undo_wanted.connect(presenter.undo)
        self.strip.redo_wanted.connect(presenter.redo)
        self.strip.retry_wanted.connect(presenter.retry)
        self.status.tab_wanted.connect(self._choose_tab)
        self.status.queue_wanted.connect(self._choose_queue)
        self.order.wanted.connect(self._choose_queue)

    def _bind(self) -> None:
        presenter, feed = self.presenter, self.presenter.feed
        slots: dict[str, Callable[[], object]] = {
            "edit.undo": presenter.undo,
            "edit.redo": presenter.redo,
            "edit.search": self.search.begin,
            "label.skip": presenter.skip,
            "label.previous": lambda: feed.move(-1),
            "label.next": lambda: feed.move(1),
            "label.next_unlabelled": lambda: feed.move_open(1),
            "label.previous_unlabelled": lambda: feed.move_open(-1),
            "label.undo": presenter.undo,
            "label.flag": presenter.flag,
            "label.note": self._begin_note,
            "label.search": self.search.begin,
            "label.page_down": lambda: self.comment.text.page(1),
            "label.page_up": lambda: self.comment.text.page(-1),
        }
        for name, slot in slots.items():
            self.context.actions.bind(name, slot, page=self.name)
        self.context.actions.keys_changed.connect(self._use_keys)

    @Slot()
    def _use_keys(self) -> None:
        """Reads the keys anew: for the keyboard, the buttons and their tooltips."""
        self.keys = keys_for(self.context.actions, self.presenter.labels)
        self.show_keys(self.keys)
        self.review.use_keys(self.keys, self.context.actions.key)

    # ---- the page ------------------------------------------------------------------------------------------

    def retranslate(self) -> None:
        self.header.set_title(tr("Label"))
        self.order.retranslate()
        self.search.setPlaceholderText(tr("Search comments"))
        self.search.setAccessibleName(tr("Search comments"))
        self.filter.setText(tr("Filter"))
        self.shortcuts.setText(tr("Shortcuts"))
        shown = (
            self.status,
            self.strip,
            self.comment,
            self.columns,
            self.labels,
            self.shares,
            self.copies_bar,
        )
        for part in (
            *shown,
            self.suggesting,
            self.bulk,
            self.guiding,
            self.review,
            self.resembling,
            self.test_set,
        ):
            part.retranslate()
        self._show_hint()
        self._show_ranked()
        self._show_comment()
        self._show_counts()
        self._show_history()

    def open_project(self, project: Project | None) -> None:
        self.search.show_words("")
        self.comment.drop_note()  # `hand_over` kept it, if it was to be kept
        self.presenter.open(project)
        self.independent.open(project)
        self.presenter.feed.look_as(self.independent.own)
        for part in (self.reading, self.progress, self.guiding, self.review, self.resembling):
            part.open(project)
        if self.isVisible():
            self.presenter.activate()
        self._show_list(self.presenter.feed.view.tab)
        self.order.show_view(self.presenter.feed.view)

    def on_shown(self, argument: object = None) -> None:
        """``argument`` is a comment id to go to, a `View`, or None."""
        view = argument if isinstance(argument, View) else None
        comment_id = argument if isinstance(argument, int) else None
        tab = view.tab if view is not None else Tab.OPEN if comment_id is not None else None
        self.presenter.activate(None if tab in REVIEW_TABS else view, comment_id)
        if tab is not None:
            self._show_list(tab)
        self._show_view()
        self.context.assistant.begin()
        self.test_set.offer()
        self._take_focus()

    def on_hidden(self) -> None:
        self.comment.finish_note()
        self.presenter.feed.keep_place()

    def shut_down(self) -> None:
        self.progress.shut_down()
        self.ranking.close()
        super().shut_down()

    def hand_over(self) -> None:
        self.comment.finish_note()
        self.presenter.feed.keep_place()

    def hideEvent(self, event: QHideEvent) -> None:
        self.presenter.feed.keep_place()
        super().hideEvent(event)

    @Slot()
    def _take_focus(self) -> None:
        self.setFocus(Qt.FocusReason.OtherFocusReason)

    # ---- keys ----------------------------------------------------------------------------------------------

    @Slot()
    def _begin_note(self) -> None:
        """A note belongs to the comment that the keys mean, which may still wait for the disk to be seen."""
        if self.presenter.comment is not None:
            self.comment.write_note(self.presenter.comment)
        if self.presenter.is_writing:
            self._tell_saving()

    @Slot(float)
    def _go_on_without_note(self, seconds: float) -> None:
        """The note was taken away: the rest of a word that is just being typed is no decision."""
        if seconds < _WORD_S:
            self._deaf_until = time.monotonic() + _WORD_S
        self._take_focus()

    def _is_rest_of_note(self) -> bool:
        if time.monotonic() > self._deaf_until:
            return False
        self._deaf_until = time.monotonic() + _WORD_S
        return True

    @Slot()
    def _tell_saving(self) -> None:
        self.hint.setText(tr("Still saving the last one…"))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if self._is_rest_of_note():
            return
        if self.spelling.is_open and self._spell(event):
            return
        press = press_of(event, self.keys)
        if press is not None and not (event.isAutoRepeat() and not self._repeats(press)) and self._act(press):
            return
        if event.key() == Qt.Key.Key_Escape:
            self.resembling.close_popup()
            self.guiding.close_drawer()
            self._take_focus()
        else:
            super().keyPressEvent(event)

    def inputMethodEvent(self, event: QInputMethodEvent) -> None:
        """The page asks for no input method; should one commit a digit all the same, it labels too."""
        press = press_of_text(event.commitString(), self.keys)
        if press is not None and not self._is_rest_of_note():
            self._act(press)
        event.accept()

    def _repeats(self, press: Press) -> bool:
        return press.verb is Verb.ACT and self.context.actions.repeats(press.action)

    def _act(self, press: Press) -> bool:
        """Does what a key means; False when there is nobody to do it."""
        if self.review.act(press):
            return True
        if press.verb is Verb.ACT:
            return self.context.actions.run(press.action, page=self.name)
        if press.verb is Verb.LABEL:
            self.presenter.label(press.index)
        elif press.verb is Verb.LABEL_ALL:
            self.bulk.label_all(press.index)
        elif press.verb is Verb.LETTER:
            self.spelling.begin(press.letter, self.presenter.labels)
            self._choose_spelled()
        return True

    def _spell(self, event: QKeyEvent) -> bool:
        """Feeds a key to the first letters that are being typed; True when it was one of them."""
        if not self.spelling.take(event):
            return False
        self._choose_spelled()
        return True

    def _choose_spelled(self) -> None:
        found = self.spelling.found
        if found is None:
            return
        self.spelling.end()
        places = [place for place, label in enumerate(self.presenter.labels) if label.id == found]
        if places:
            (self.review.choose if self.review.is_on else self.presenter.label)(places[0])

    # ---- queue ---------------------------------------------------------------------------------------------

    @Slot(object)
    def _choose_tab(self, tab: Tab) -> None:
        if not self._show_list(tab):
            self._set_view(self.order.view_of_tab(tab, self.presenter.feed.view))
        self._take_focus()

    def _show_list(self, tab: Tab) -> bool:
        """Shows the list that belongs to a tab, or the queues again; False for a tab of a queue."""
        is_list = self.review.show_tab(tab)
        for part in (self.order, self.search, self.filter, self.hide_suggestions):
            part.setEnabled(not is_list)
        self.status.show_tab(tab)
        self.order.show_view(self.presenter.feed.view, self.review.tab)
        self._show_ranked()
        self._show_comment()
        return is_list

    @Slot(object)
    def _choose_queue(self, choice: Choice) -> None:
        if choice in LISTS:
            self._choose_tab(LISTS[choice])
            return
        if choice is Choice.DISPUTED:
            self._show_view()  # the box goes on to name what is in view behind the dialog
            self._take_focus()
            self.context.actions.action("label.adjudicate").trigger()
            return
        comment = self.presenter.comment
        self._set_view(view_of(choice, self.presenter.feed.view, comment.id if comment else None))
        self._take_focus()

    def _change_view(self, **changes: Any) -> None:
        self._set_view(dataclasses.replace(self.presenter.feed.view, **changes))
        if changes.keys() & {"own", "share_ids"}:
            self.presenter.refresh()  # the counts are those of somebody else, or of other comments

    def _set_view(self, view: View) -> None:
        self.presenter.feed.set_view(view)
        self._show_view()

    @Slot()
    def _show_independent(self) -> None:
        """Another person labels, or the labels of others are to be hidden or shown."""
        self._change_view(own=self.independent.own)
        self._show_hint()

    @Slot()
    def _show_ranked(self) -> None:
        self.ranked.setText("" if self.review.is_on else self.ranking.words)

    def _show_view(self) -> None:
        view = self.presenter.feed.view
        self.status.show_tab(self.review.tab or view.tab)
        self.order.show_view(view, self.review.tab)
        self.status.show_aside(self.presenter.aside, only=view.kind is Kind.TEST_SET)
        self._show_ranked()
        if not self.search.hasFocus() and self.search.text().strip() != view.search:
            self.search.show_words(view.search)
        narrowed = len(view.source_ids) + len(view.label_ids) + len(view.share_ids)
        self.filter.setText(f"{tr('Filter')} {narrowed}" if narrowed else tr("Filter"))

    def fit(self) -> None:
        super().fit()
        self.review.fit(narrow=self.width() < NARROW_BELOW)

    # ---- showing -------------------------------------------------------------------------------------------

    @Slot()
    def _show_comment(self) -> None:
        """What was decided may not be lost once the next comment is seen: it is shown after the commit."""
        if self.presenter.is_writing:
            return
        comment, feed = self.presenter.comment, self.presenter.feed
        self.presenter.painted_id = comment.id if comment is not None else None
        is_empty = comment is None and not feed.is_filling
        self.stack.setCurrentIndex(2 if self.review.is_on else 1 if is_empty else 0)
        if comment is None or self.review.is_on:
            self.comment.take_note()
        if comment is None:
            self._show_nothing()
        else:
            self.comment.show_comment(comment, self.presenter.label_of(comment.label_id))
            self.labels.flag.setChecked(comment.flagged)
        self.columns.show_comment(comment)
        self.labels.set_current(comment.label_id if comment else None)
        self.labels.set_enabled(not self.presenter.is_blocked)
        self.suggesting.show()
        self._show_history()

    @Slot()
    def _show_written(self) -> None:
        """Shows and paints the next comment now, before anything else that waits for the event loop."""
        self._show_comment()
        self._show_hint()
        QCoreApplication.sendPostedEvents(self.window(), QEvent.Type.UpdateRequest.value)

    @Slot()
    def _show_queue(self) -> None:
        self._show_view()
        if self.presenter.comment is None:
            self._show_comment()
        self._show_facts()

    @Slot()
    def _show_counts(self) -> None:
        only = self.presenter.feed.view.kind is Kind.TEST_SET
        self.status.show_aside(self.presenter.aside, only=only)
        self.status.show_counts(self.presenter.counts)
        self.shares.show_counts(self.presenter.counts, self.presenter.labels)
        self.fit()
        if self.presenter.comment is None:
            self._show_nothing()  # an empty project is known by its counts
        self.status.show_pace(self.presenter.pace)
        self._show_facts()

    def _show_facts(self) -> None:
        feed = self.presenter.feed
        queue = tr("Queue of {n}").format(n=number(feed.queue.size))
        session = tr("{n} in this session").format(n=number(self.presenter.pace.decided))
        self.status_changed.emit(f"{queue}  |  {session}")

    @Slot()
    def _show_history(self) -> None:
        comment = self.presenter.comment
        self.strip.show_items(self.presenter.history, self.presenter.labels, comment.id if comment else None)
        self.strip.undo.setEnabled(self.presenter.can_undo)
        self.strip.redo.setEnabled(self.presenter.can_redo)
        self.context.actions.set_enabled("edit.undo", self.presenter.can_undo, page=self.name)
        self.context.actions.set_enabled("edit.redo", self.presenter.can_redo, page=self.name)

    @Slot()
    def _show_failure(self) -> None:
        self.strip.show_failure(self.presenter.failure)
        self.labels.set_enabled(not self.presenter.is_blocked)
        self._show_history()

    @Slot()
    def _show_labels(self) -> None:
        self.spelling.end()  # what was typed may mean another one now
        self.labels.set_labels(self.presenter.labels)
        self._use_keys()
        self.fit()
        self._show_counts()

    @Slot(int)
    def _flash(self, place: int) -> None:
        self.labels.buttons[place].flash(self.context.settings.flash_ms)

    @Slot()
    def _show_hint(self) -> None:
        if self.spelling.is_open:
            self.hint.setText(tr("First letters: {typed}").format(typed=self.spelling.typed))
        else:
            self.hint.setText(
                tr("Labelling independently: labels of others and suggestions are hidden")
                if self.independent.own
                else tr("Input method: switched off on this page, digits work at once")
            )

    @Slot(str, int)
    def _tell(self, what: str, count: int) -> None:
        if what == "labels":
            self.context.toasts.show(tr("The change of the labels was taken back or made again"))
            return
        if what == "gone":
            self.context.toasts.show(tr("Another window has removed this comment: its label is not kept"))
            return
        self.context.toasts.show(words_of_left_out(count))

    @Slot(int)
    def _keep_size(self, size: int) -> None:
        self.context.settings.comment_size = size

    # ---- nothing to show -----------------------------------------------------------------------------------

    def _show_nothing(self) -> None:
        feed = self.presenter.feed
        was_there = len(feed.queue) > 0 or self.bulk.emptied == feed.view
        words = words_for(feed.view, has_comments=not self._has_no_comments(), was_there=was_there)
        self.nothing.set_texts(*words)
        self.nothing.secondary.setVisible(bool(words[3]))

    def _has_no_comments(self) -> bool:
        counts = self.presenter.counts
        return self.context.session.project is None or (counts is not None and counts.total == 0)

    def _leave_empty(self) -> None:
        view = self.presenter.feed.view
        if self._has_no_comments():
            self.go_to.emit("import", None)
        elif view.is_narrowed:
            self.search.show_words("")
            nothing: frozenset[int] = frozenset()
            self._change_view(search="", source_ids=nothing, label_ids=nothing, share_ids=nothing)
        else:
            self._set_view(after_empty(view))
        self._take_focus()
