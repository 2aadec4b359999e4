"""What the page shows while labels are looked through: likely mistakes, or contradicting pairs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from senti_studio.domain.assisting import Quality, Suspects
from senti_studio.domain.journal import Action
from senti_studio.ui.context import UiContext
from senti_studio.ui.formats import number
from senti_studio.ui.i18n import tr
from senti_studio.ui.pages.label.comment_card import CommentCard
from senti_studio.ui.pages.label.keys import PageKeys, Press, Verb, keycaps
from senti_studio.ui.pages.label.presenter import LabelPresenter
from senti_studio.ui.pages.label.queue_view import Tab
from senti_studio.ui.pages.label.review import wording
from senti_studio.ui.pages.label.review.finding import Finder
from senti_studio.ui.pages.label.review.frozen_list import Kind, Outcome
from senti_studio.ui.pages.label.review.pair_card import PairCard
from senti_studio.ui.pages.label.review.reviewing import Reviewing
from senti_studio.ui.pages.label.review.side_card import SideCard
from senti_studio.ui.pages.label.review.start_page import StartPage
from senti_studio.ui.widgets.buttons import button
from senti_studio.ui.widgets.progress import progress_bar
from senti_studio.ui.widgets.styles import text_label

if TYPE_CHECKING:
    from senti_studio.storage.project import Project

KINDS = {Tab.MISTAKES: Kind.MISTAKES, Tab.PAIRS: Kind.PAIRS}
_SIDE, _NARROW_SIDE = 416, 340
_BUTTONS = ("label.accept", "label.left", "label.right", "label.keep", "label.skip")


class _View(QWidget):
    """The widgets for one kind: an item with its answers, or the page before and after."""

    def __init__(self, reviewing: Reviewing, context: UiContext) -> None:
        super().__init__()
        self.reviewing = reviewing
        self._context = context
        theme, size = context.theme, context.settings.comment_size
        self.side = SideCard(reviewing.kind, theme)
        self.comment = CommentCard(theme, size)
        self.comment.next_open.hide()
        self.comment.legend.hide()
        self.pair = PairCard(theme, size)
        self.start = StartPage(theme)
        self.progress = text_label(bold=True)
        self.bar = progress_bar()
        self.bar.setFixedWidth(160)
        self.checked = text_label(role="hint", size="small")
        self.new = button(theme=theme, kind="quiet", icon="refresh")
        self.new.set_dense()
        self.new.clicked.connect(lambda: reviewing.forget())
        self._build()
        self._connect()

    def _build(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(12)
        for widget in (self.progress, self.bar, self.checked):
            head.addWidget(widget)
        head.addStretch(1)
        head.addWidget(self.new)
        shown = self.comment if self.reviewing.kind is Kind.MISTAKES else self.pair
        self.side.setFixedWidth(_SIDE)
        work = QHBoxLayout()
        work.setSpacing(16)
        work.addWidget(shown, 1)
        work.addWidget(self.side)
        item = QWidget()
        column = QVBoxLayout(item)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addLayout(head)
        column.addLayout(work, 1)
        self.stack = QStackedWidget()
        self.stack.addWidget(item)
        self.stack.addWidget(self.start)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self.stack)

    def _connect(self) -> None:
        reviewing, side = self.reviewing, self.side
        reviewing.moved.connect(self.show_all)
        reviewing.changed.connect(self.show_all)
        reviewing.chosen.connect(self._flash)
        reviewing.finder.changed.connect(self._show_start)
        side.chosen.connect(reviewing.choose)
        side.accepted.connect(self.accept)
        side.kept.connect(reviewing.keep)
        side.put_off.connect(reviewing.later)
        side.side_taken.connect(reviewing.take_side)
        self.pair.labelled.connect(reviewing.give_one)
        self.comment.previous_wanted.connect(lambda: reviewing.move(-1))
        self.comment.next_wanted.connect(lambda: reviewing.move(1))
        self.comment.size_wanted.connect(self._keep_size)
        self.start.again_wanted.connect(reviewing.begin_again)
        self.start.stop_wanted.connect(reviewing.finder.cancel)

    def retranslate(self) -> None:
        self.new.setText(tr("New list…"))
        for part in (self.side, self.comment, self.pair):
            part.retranslate()
        self.show_all()

    def fit(self, *, narrow: bool) -> None:
        """A narrow window gives the buttons less room."""
        self.side.setFixedWidth(_NARROW_SIDE if narrow else _SIDE)
        self.pair.set_narrow(narrow)
        self.comment.show_keys(not narrow)

    def turn(self, by: int) -> None:
        self.comment.text.page(by)
        self.pair.page(by)

    @Slot()
    def accept(self) -> None:
        """Takes the suggested label, unless the item has only just come and is not painted yet."""
        if self.side.is_suggestion_seen:
            self.reviewing.accept()

    @Slot()
    def show_all(self) -> None:
        reviewing = self.reviewing
        item, comments = reviewing.item, reviewing.comments()
        is_shown = item is not None and len(comments) == len(item.ids) and not reviewing.finder.is_looking
        self.stack.setCurrentIndex(0 if is_shown else 1)
        if item is None or not is_shown:
            self._show_start()
            return
        labels = [reviewing.label(each.label_id) for each in comments]
        if len(comments) == 1:
            self.comment.show_comment(comments[0], labels[0])
        else:
            self.pair.show_pair(comments, labels)
        now = labels[0] if len(comments) == 1 else None
        self.side.show_item(now, reviewing.label(item.suggested), item.probability)
        self.side.set_enabled(not reviewing.is_blocked)
        self.side.accept.setEnabled(not reviewing.is_blocked and reviewing.label(item.suggested) is not None)
        self.progress.setText(wording.progress(reviewing))
        self.bar.setRange(0, len(reviewing.items))
        self.bar.setValue(len(reviewing.items) - reviewing.count(Outcome.OPEN))
        listed = reviewing.listed
        checked = tr("of {n} labels checked").format(n=number(listed.looked_at)) if listed else ""
        self.checked.setText(checked)

    @Slot()
    def _show_start(self) -> None:
        if self.reviewing.finder.is_looking:
            self.stack.setCurrentIndex(1)
        if self.stack.currentIndex() == 1:
            self.start.show_state(self.reviewing)

    @Slot(int)
    def _flash(self, place: int) -> None:
        self.side.buttons[place].flash(self._context.settings.flash_ms)

    @Slot(int)
    def _keep_size(self, size: int) -> None:
        self._context.settings.comment_size = size
        self.pair.set_size(size)


class ReviewPanel(QStackedWidget):
    """`counts_changed` when the numbers on the tabs are others."""

    counts_changed = Signal()

    def __init__(self, context: UiContext, presenter: LabelPresenter, parent: QWidget) -> None:
        super().__init__(parent)
        self.tab: Tab | None = None
        self._presenter = presenter
        self._project: Project | None = None
        self.finder = Finder(context.assistant, self)
        self.lists: dict[Tab, Reviewing] = {}
        self._context = context
        self._views: dict[Tab, _View] = {}
        for tab, kind in KINDS.items():
            reviewing = Reviewing(kind, context.session, presenter, self.finder, self)
            reviewing.moved.connect(self.counts_changed)
            presenter.history_changed.connect(reviewing.measure_if_through)
            context.session.labels_changed.connect(reviewing.read_again)
            context.session.comments_changed.connect(reviewing.read_again)
            self.lists[tab] = reviewing
        presenter.walked.connect(self._go_back)
        presenter.failure_changed.connect(self._show_failure)
        presenter.labels_replaced.connect(self._show_labels)
        self._keys = PageKeys()
        self._key_of: Callable[[str], str] = context.actions.key
        self._is_narrow = False

    @property
    def views(self) -> dict[Tab, _View]:
        """The widgets of all tabs."""
        return {tab: self._view(tab) for tab in KINDS}

    def _view(self, tab: Tab) -> _View:
        """The widgets of one tab: made when they are first needed, the page comes into view sooner so."""
        view = self._views.get(tab)
        if view is None:
            view = self._views[tab] = _View(self.lists[tab], self._context)
            view.start.look_wanted.connect(lambda most: self.look(tab, most))
            self.addWidget(view)
            view.fit(narrow=self._is_narrow)
            self._print_keys(view)
            self._give_labels(view)
            view.retranslate()
        return view

    # ---- the page ------------------------------------------------------------------------------------------

    def minimumSizeHint(self) -> QSize:
        """Out of view it asks for no room."""
        return super().minimumSizeHint() if self.is_on else QSize(0, 0)

    @property
    def is_on(self) -> bool:
        """Whether one of its tabs is in view."""
        return self.tab is not None

    @property
    def reviewing(self) -> Reviewing | None:
        return self.lists[self.tab] if self.tab is not None else None

    def open(self, project: Project | None) -> None:
        self._project = project
        self.finder.forget()
        for reviewing in self.lists.values():
            reviewing.open(project)

    def show_tab(self, tab: Tab) -> bool:
        """Shows what belongs to a tab; False when the tab is not of this panel."""
        self.tab = tab if tab in KINDS else None
        self.updateGeometry()
        if self.tab is not None:
            view = self._view(self.tab)
            self.setCurrentWidget(view)
            view.show_all()
        return self.is_on

    def retranslate(self) -> None:
        for view in self._views.values():
            view.retranslate()

    def fit(self, *, narrow: bool) -> None:
        self._is_narrow = narrow
        for view in self._views.values():
            view.fit(narrow=narrow)

    def counts(self) -> dict[Tab, int | None]:
        """What stands on the tabs: how many are undecided, None without a list."""
        return {
            tab: reviewing.count(Outcome.OPEN) if reviewing.listed is not None else None
            for tab, reviewing in self.lists.items()
        }

    def use_keys(self, keys: PageKeys, key_of: Callable[[str], str]) -> None:
        """Prints the keys as they are now on the buttons."""
        self._keys, self._key_of = keys, key_of
        for view in self._views.values():
            self._print_keys(view)

    def _print_keys(self, view: _View) -> None:
        key_of = self._key_of
        view.side.set_keys(keycaps(self._keys), [key_of(name) for name in _BUTTONS])
        view.comment.set_way_keys(key_of("label.previous"), key_of("label.next"), "")

    # ---- asking --------------------------------------------------------------------------------------------

    def look(self, tab: Tab, most: int) -> None:
        """Has all labels checked. One look finds both kinds: the other list is renewed too, unless somebody
        is in the middle of it."""
        project = self._project

        def take(found: Suspects, before: Quality | None) -> None:
            if project is not self._project:
                return
            for which, reviewing in self.lists.items():
                if which is tab or reviewing.count(Outcome.OPEN) == 0:
                    reviewing.take_found(found, most, before)

        self.finder.look(most, take)

    # ---- keys ----------------------------------------------------------------------------------------------

    def act(self, press: Press) -> bool:
        """Does what a key means for the item in view; False when the key is none of its business."""
        if self.tab is None:
            return False
        view = self._view(self.tab)
        reviewing = view.reviewing
        if press.verb is Verb.LABEL:
            reviewing.choose(press.index)
            return True
        if press.verb is not Verb.ACT:
            return press.verb is Verb.LABEL_ALL  # there is no filter here whose results it could mean
        does: dict[str, Callable[[], object]] = {
            "label.skip": reviewing.later,
            "label.accept": view.accept if reviewing.item is not None else view.start.press,
            "label.keep": reviewing.keep,
            "label.left": lambda: reviewing.take_side(0),
            "label.right": lambda: reviewing.take_side(1),
            "label.previous": lambda: reviewing.move(-1),
            "label.next": lambda: reviewing.move(1),
            "label.next_unlabelled": reviewing.later,
            "label.flag": lambda: None,
            "label.note": lambda: None,
            "label.page_down": lambda: view.turn(1),
            "label.page_up": lambda: view.turn(-1),
        }
        if press.action not in does:
            return False
        does[press.action]()
        return True

    def choose(self, place: int) -> None:
        """A label that was spelled by its first letters."""
        if self.reviewing is not None:
            self.reviewing.choose(place)

    # ---- what happened elsewhere ---------------------------------------------------------------------------

    @Slot(object)
    def _go_back(self, action: Action) -> None:
        for reviewing in self.lists.values():
            reviewing.go_back_to(action)

    @Slot()
    def _show_failure(self) -> None:
        failure = self._presenter.failure
        ids: Sequence[int] = [each.comment_id for each in failure.waiting] if failure else ()
        for reviewing in self.lists.values():
            if ids:
                reviewing.show_failed(ids)
            else:
                reviewing.read_again()

    @Slot()
    def _show_labels(self) -> None:
        for view in self._views.values():
            self._give_labels(view)
            view.show_all()

    def _give_labels(self, view: _View) -> None:
        view.side.set_labels(self._presenter.labels, keycaps(self._keys))
        view.pair.set_labels(self._presenter.labels)
