"""Saved views and the choice of columns: what the tabs and the column menu of the data page do."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Slot

from senti_studio.domain.comments import CommentFilter
from senti_studio.domain.saved_views import SavedView
from senti_studio.errors import UserError
from senti_studio.ui.context import UiContext
from senti_studio.ui.i18n import tr
from senti_studio.ui.models.comment_table import Column
from senti_studio.ui.operations import Operation, run_operation
from senti_studio.ui.pages.data.chooser import Chooser
from senti_studio.ui.pages.data.filter_panel import columns_of
from senti_studio.ui.pages.data.parts import DataParts
from senti_studio.ui.pages.data.presenter import PATTERN_ERRORS, DataPresenter
from senti_studio.ui.pages.data.saved import SavedViews

if TYPE_CHECKING:
    from senti_studio.storage.project import Project

_log = logging.getLogger(__name__)


class ViewChoice(QObject):
    """Shows saved views, keeps the present one under a name, and shows or hides columns."""

    def __init__(
        self,
        context: UiContext,
        presenter: DataPresenter,
        parts: DataParts,
        chooser: Chooser,
        parent: QObject,
        *,
        show_filter: Callable[[CommentFilter], None],
    ) -> None:
        """``show_filter`` puts a filter into the fields of the page without asking for its rows."""
        super().__init__(parent)
        self._context = context
        self._presenter = presenter
        self._parts = parts
        self._chooser = chooser
        self._show_filter = show_filter
        self.saved = saved = SavedViews(context.session, self)
        tabs = parts.tabs
        self._counts: dict[str, int] = {}
        self._counted: dict[str, CommentFilter] = {}
        self._counting: Operation[dict[str, int]] | None = None
        self._turn = 0
        saved.changed.connect(self._views_changed)
        presenter.view_changed.connect(self._begin_view)
        presenter.filled.connect(self.count)
        presenter.facts_changed.connect(self._age)
        tabs.chosen.connect(self.show_view)
        tabs.save_wanted.connect(lambda name: saved.save(self._view_now(name)))
        tabs.replaced.connect(lambda name: saved.save(self._view_now(name)))
        tabs.renamed.connect(saved.rename)
        tabs.removed.connect(self._remove_view)
        parts.columns.clicked.connect(self._open_columns)
        parts.column_menu.changed.connect(self._show_columns)

    @Slot(object)
    def show_view(self, view: SavedView | None) -> None:
        """A saved view, or all comments (None)."""
        shown = view or SavedView("")
        self.saved.current = view.name if view else None
        self._show_filter(shown.wanted)
        if view is not None:
            hidden = frozenset(column for column in Column if column.name in shown.hidden)
            self._parts.column_menu.show_choice(hidden, shown.columns)
            self._show_columns()
        self._presenter.show(shown.wanted, shown.order, keep=self._chooser.carry())
        self.mark()

    @Slot()
    def _views_changed(self) -> None:
        self._parts.tabs.set_views(self.saved.views, self.saved.current)
        self.mark()
        self.count()

    @Slot()
    def _begin_view(self) -> None:
        self._turn += 1  # the rows of the table come first
        self.mark()

    @Slot()
    def mark(self) -> None:
        """Highlights the tab of the filter in view, none where no view has it."""
        views, wanted = self.saved.views, self._presenter.filter
        same = [place for place, view in enumerate(views, 1) if view.wanted == wanted]
        named = [place for place in same if views[place - 1].name == self.saved.current]
        if wanted.is_empty and not named:
            same = [0]
        place = next(iter((*named, *same)), None)
        self.saved.current = views[place - 1].name if place else None
        self._parts.tabs.mark(place)

    @Slot()
    def _age(self) -> None:
        """Labels or comments changed: the numbers of the views are those of before."""
        self._counted.clear()
        self.count()

    @Slot()
    def count(self) -> None:
        """Counts the rows of the views off the GUI thread, once the table has its own."""
        project, presenter = self._context.session.project, self._presenter
        views = {view.name: view.wanted for view in self.saved.views}
        self._counts = {name: n for name, n in self._counts.items() if name in views}
        left = {name: wanted for name, wanted in views.items() if self._counted.get(name) != wanted}
        self._parts.tabs.show_counts(self._counts)
        if project is None or not left or presenter.is_filling:
            return
        self._turn += 1
        turn = self._turn

        def counted(found: dict[str, int]) -> None:
            if self._turn != turn:
                return
            for name in left:
                self._counts.pop(name, None)
            self._counts |= found
            self._counted |= left
            self._parts.tabs.show_counts(self._counts)

        if self._counting is not None:
            self._counting.drop()
        self._counting = run_operation(
            self,
            lambda: _count(project, left, lambda: self._turn != turn),
            on_success=counted,
            on_failure=lambda error: _log.warning("the saved views were not counted: %s", error),
        )

    def _view_now(self, name: str) -> SavedView:
        menu = self._parts.column_menu
        hidden = tuple(column.name for column in sorted(menu.hidden))
        return SavedView(name, self._presenter.filter, self._presenter.order, hidden, menu.extra)

    @Slot(str)
    def _remove_view(self, name: str) -> None:
        gone = self.saved.remove(name)
        if gone is not None:
            self._context.toasts.show(
                tr("View “{name}” deleted").format(name=name),
                kind="done",
                action=tr("Undo"),
                on_action=lambda: self.saved.save(gone),
            )

    @Slot()
    def _open_columns(self) -> None:
        facts, button = self._presenter.facts, self._parts.columns
        names = columns_of(facts) if facts else []
        self._parts.column_menu.set_columns(self._parts.table.table.headers, names)
        self._parts.column_menu.open_at(button.mapToGlobal(button.rect().bottomLeft()))

    @Slot()
    def _show_columns(self) -> None:
        menu = self._parts.column_menu
        self._chooser.carry()
        self._parts.table.show_columns(menu.hidden, menu.extra)


def _count(project: Project, views: Mapping[str, CommentFilter], stop: Callable[[], bool]) -> dict[str, int]:
    """Rows of each view; a pattern that cannot be searched has no number."""
    found: dict[str, int] = {}
    for name, wanted in views.items():
        try:
            count = sum(len(part) for part in project.comments.ids(wanted, stop=stop))
        except UserError as error:
            if error.code not in PATTERN_ERRORS:
                raise
        else:
            found[name] = count
    return found
