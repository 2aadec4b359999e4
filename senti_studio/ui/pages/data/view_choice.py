"""Saved views and the choice of columns: what the tabs and the column menu of the data page do."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Slot

from senti_studio.domain.comments import CommentFilter
from senti_studio.domain.saved_views import SavedView
from senti_studio.ui.context import UiContext
from senti_studio.ui.i18n import tr
from senti_studio.ui.models.comment_table import Column
from senti_studio.ui.pages.data.chooser import Chooser
from senti_studio.ui.pages.data.filter_panel import columns_of
from senti_studio.ui.pages.data.parts import DataParts
from senti_studio.ui.pages.data.presenter import DataPresenter
from senti_studio.ui.pages.data.saved import SavedViews


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
        saved.changed.connect(lambda: tabs.set_views(saved.views, saved.current))
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
