"""The widgets of the data page, put together; what they do is wired in `view`."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QIntValidator
from PySide6.QtWidgets import QComboBox, QFrame, QHBoxLayout, QLineEdit, QStackedWidget, QVBoxLayout, QWidget

from senti_studio.domain.comments import SearchMode
from senti_studio.ui.i18n import tr
from senti_studio.ui.models.comment_table import Column
from senti_studio.ui.pages.data.active_filter import ActiveFilter
from senti_studio.ui.pages.data.balance import BalanceBar
from senti_studio.ui.pages.data.bulk_bar import BulkBar, BulkProgress
from senti_studio.ui.pages.data.column_menu import ColumnMenu
from senti_studio.ui.pages.data.delegate import CommentDelegate
from senti_studio.ui.pages.data.filter_panel import FilterPanel
from senti_studio.ui.pages.data.panel_fold import PanelFold
from senti_studio.ui.pages.data.presenter import DataPresenter
from senti_studio.ui.pages.data.preview import CommentPopup
from senti_studio.ui.pages.data.table import CommentTableView
from senti_studio.ui.pages.data.view_tabs import ViewTabs
from senti_studio.ui.pages.data.wording import mode_name
from senti_studio.ui.pages.page import PageHeader
from senti_studio.ui.theme import Theme
from senti_studio.ui.widgets.buttons import button
from senti_studio.ui.widgets.comment_search import CommentSearch
from senti_studio.ui.widgets.empty_state import EmptyState
from senti_studio.ui.widgets.progress import progress_bar
from senti_studio.ui.widgets.styles import line, text_label


class DataParts:
    """Built once by `DataPage`; `stack` goes into its body."""

    def __init__(self, page: QWidget, header: PageHeader, presenter: DataPresenter, theme: Theme) -> None:
        self.total = text_label(role="second")
        self.search = CommentSearch(theme)
        self.search.setMinimumWidth(190)
        self.search.setMaximumWidth(336)
        self.mode = QComboBox()
        self.mode.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.statistics = button(theme=theme, icon="eval")
        self.columns = button(theme=theme, icon="table")
        self.column_menu = ColumnMenu(page)
        self.export = button(theme=theme, icon="export")
        self.import_files = button(theme=theme, kind="primary", icon="import")
        header.add(self.total)
        header.add(self.search, 1)
        header.add(self.mode)
        header.stretch()
        header.add(self.statistics)
        header.add(self.columns)
        header.add(self.export)
        header.add(self.import_files)
        self.panel = FilterPanel(theme)
        self.active = ActiveFilter(theme)
        self.tabs = ViewTabs(theme)
        self.delegate = CommentDelegate(
            theme, label_of=presenter.label_of, source_of=presenter.source_of, parent=page
        )
        self.table = CommentTableView(presenter.model, self.delegate, theme)
        self.no_hits = EmptyState("search", primary=("", lambda: None), theme=theme)
        self.no_hits.primary.set_kind("plain")
        self.table_stack = QStackedWidget()
        self.table_stack.addWidget(self.table)
        self.table_stack.addWidget(self.no_hits)
        self.slow = progress_bar(thin=True)
        self.slow.setRange(0, 0)
        stays = self.slow.sizePolicy()
        stays.setRetainSizeWhenHidden(True)  # the table must not jump when the bar comes and goes
        self.slow.setSizePolicy(stays)
        self.slow.hide()
        self.bulk = BulkBar(theme)
        self.bulk.hide()
        self.nothing = EmptyState(
            "table", primary=("", lambda: None), secondary=("", lambda: None), theme=theme
        )
        self.stack = QStackedWidget()
        self.stack.addWidget(self._work(page, theme))
        self.stack.addWidget(self.nothing)
        self.popup = CommentPopup(theme, page)

    def _work(self, page: QWidget, theme: Theme) -> QWidget:
        right = QWidget()
        column = QVBoxLayout(right)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self.job = BulkProgress(theme)
        self.job.hide()
        for widget in (
            *(self._top_row(page, theme), self.active, self.table_stack),
            *(line(), self.job, self.bulk),
        ):
            column.addWidget(widget, 1 if widget is self.table_stack else 0)
        work = QWidget()
        rows = QVBoxLayout(work)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(0)
        rows.addWidget(self.tabs)
        columns = QHBoxLayout()
        columns.setSpacing(0)
        columns.addWidget(self.panel)
        columns.addWidget(right, 1)
        rows.addLayout(columns, 1)
        self.fold = PanelFold(self.panel, self.tabs.filter, columns, work)
        return work

    def _top_row(self, page: QWidget, theme: Theme) -> QFrame:
        """The class balance, and the way to a row."""
        self.balance = BalanceBar(theme)
        self.sorting = text_label(role="second", size="small")
        self.sorting.hide()
        self.go_label = text_label(role="second", size="small")
        self.go_field = QLineEdit()
        self.go_field.setFixedWidth(96)
        self.go_field.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.go_field.setValidator(QIntValidator(1, 999_999_999, page))
        self.go_field.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        top = QFrame()
        top.setObjectName("pageHeader")
        top.setFixedHeight(57)
        rows = QVBoxLayout(top)
        rows.setContentsMargins(0, 0, 0, 1)
        rows.setSpacing(0)
        row = QHBoxLayout()
        row.setContentsMargins(0, 0, 16, 0)
        row.setSpacing(8)
        row.addWidget(self.balance, 1)
        row.addWidget(self.sorting)
        row.addWidget(self.go_label)
        row.addWidget(self.go_field)
        rows.addLayout(row, 1)
        rows.addWidget(self.slow)
        return top

    def retranslate(self) -> None:
        self.search.setPlaceholderText(tr("Search comments, two characters are enough"))
        self.search.setAccessibleName(tr("Search comments"))
        self.export.setText(tr("Export…"))
        self.columns.setText(tr("Columns"))
        self.statistics.setText(tr("Statistics"))
        place = max(0, self.mode.currentIndex())
        self.mode.blockSignals(True)
        self.mode.clear()
        for mode in SearchMode:
            self.mode.addItem(mode_name(mode), mode)
        self.mode.setCurrentIndex(place)
        self.mode.blockSignals(False)
        self.mode.setAccessibleName(tr("How to search"))
        self.mode.setToolTip(tr("Text as it stands; all of several words; or a regular expression"))
        self.tabs.retranslate()
        self.job.retranslate()
        self.import_files.setText(tr("Import files…"))
        self.go_label.setText(tr("Go to row"))
        self.go_field.setAccessibleName(tr("Go to row"))
        self.go_field.setToolTip(
            tr("The number in the column “Row”: the row in its file (Ctrl+G). Enter again: the next file.")
        )
        self.table.setAccessibleName(tr("Comments"))
        self.table.table.headers = (
            "",
            tr("Row"),
            tr("Comment"),
            tr("Given label"),
            tr("Prediction"),
            tr("Source file"),
            tr("Characters"),
            tr("Copies"),
            tr("Labelled at"),
        )
        hint = tr("Comments of the same text; after ≈ those that say nearly the same. A click shows them.")
        self.table.table.header_hints = {Column.COPIES: hint}
        self.table.columns.viewport().update()
        self.panel.retranslate()
        self.bulk.retranslate()
        words = tr("No comments yet"), tr("Import a CSV file of comments."), tr("Import files…")
        self.nothing.set_texts(*words, tr("Load sample comments"))
