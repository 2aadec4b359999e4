"""The cheat sheet on ?: every key of the action list in two columns, with a field that filters."""

from __future__ import annotations

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QDialog, QGridLayout, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from senti_studio.ui.action_table import PAGE_TITLES, ActionSpec
from senti_studio.ui.context import UiContext
from senti_studio.ui.i18n import tr
from senti_studio.ui.widgets.buttons import button
from senti_studio.ui.widgets.keycap import KeyCap, key_text
from senti_studio.ui.widgets.search_field import SearchField
from senti_studio.ui.widgets.styles import line, text_label

COLUMNS = 2


class CheatSheet(QDialog):
    """Shows the keys as they are, also while it is open; Esc closes it."""

    def __init__(self, context: UiContext) -> None:
        super().__init__(context.dialogs.window)
        self._context = context
        self.setWindowTitle(tr("Keyboard shortcuts"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self.resize(760, 560)
        self.search = SearchField(theme=context.theme, width=220)
        self.search.set_hint(tr("Find an action"))
        self.search.textChanged.connect(self._fill)
        head = QHBoxLayout()
        head.setContentsMargins(24, 12, 16, 12)
        head.addWidget(text_label(tr("Keyboard shortcuts"), size="label", bold=True))
        head.addStretch(1)
        head.addWidget(self.search)
        close = button(theme=context.theme, kind="quiet", icon="x", name=tr("Close"))
        close.clicked.connect(self.reject)
        head.addWidget(close)
        self._area = QScrollArea()
        self._area.setWidgetResizable(True)
        foot = text_label(
            tr("These keys work with a Chinese input method switched on too."), role="hint", size="small"
        )
        foot.setContentsMargins(24, 10, 24, 10)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(head)
        layout.addWidget(line())
        layout.addWidget(self._area, 1)
        layout.addWidget(line())
        layout.addWidget(foot)
        context.actions.keys_changed.connect(self._fill)
        self._fill()
        self._area.setFocus()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self.search.text():
            self.search.clear()
            return
        super().keyPressEvent(event)

    @property
    def shown(self) -> list[str]:
        """The ids of the actions that the filter lets through."""
        return [spec.id for _, specs in self._sections() for spec in specs]

    def _sections(self) -> list[tuple[str, list[ActionSpec]]]:
        wanted = self.search.text().strip().lower()
        sections: dict[str, list[ActionSpec]] = {}
        for spec in self._context.actions.specs:
            if not spec.key:
                continue
            if wanted in f"{tr(spec.title)} {key_text(spec.key)}".lower():
                sections.setdefault(spec.page, []).append(spec)
        return [
            (tr(PAGE_TITLES[page]) if page else tr("Everywhere"), specs) for page, specs in sections.items()
        ]

    @Slot()
    def _fill(self) -> None:
        inner = QWidget()
        inner.setObjectName("scrolled")
        columns = QHBoxLayout(inner)
        columns.setContentsMargins(24, 12, 24, 12)
        columns.setSpacing(32)
        boxes = [QVBoxLayout() for _ in range(COLUMNS)]
        for box in boxes:
            box.setSpacing(8)
        lengths = [0] * COLUMNS
        for title, specs in self._sections():
            shortest = lengths.index(min(lengths))
            lengths[shortest] += len(specs) + 2
            boxes[shortest].addWidget(text_label(title, role="hint", size="small"))
            boxes[shortest].addLayout(self._rows(specs))
            boxes[shortest].addSpacing(20)
        for box in boxes:
            box.addStretch(1)
            columns.addLayout(box, 1)
        self._area.setWidget(inner)

    def _rows(self, specs: list[ActionSpec]) -> QGridLayout:
        grid = QGridLayout()
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setVerticalSpacing(8)
        grid.setHorizontalSpacing(16)
        grid.setColumnMinimumWidth(0, 112)
        grid.setColumnStretch(1, 1)
        for row, spec in enumerate(specs):
            grid.addWidget(KeyCap(spec.key, self._context.theme), row, 0, Qt.AlignmentFlag.AlignLeft)
            grid.addWidget(text_label(tr(spec.title)), row, 1)
        return grid
