"""What the view is narrowed by, as chips to take away one by one; and what is wrong with a search."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPoint, QRect, QSize, Qt, Signal
from PySide6.QtWidgets import QFrame, QLayout, QLayoutItem, QPushButton, QVBoxLayout, QWidget

from senti_studio.domain.comments import CommentFilter, Source
from senti_studio.domain.labels import Label
from senti_studio.ui.fonts import font
from senti_studio.ui.i18n import tr
from senti_studio.ui.icons import icon
from senti_studio.ui.pages.data.wording import parts_of
from senti_studio.ui.theme import Theme
from senti_studio.ui.widgets.styles import line, text_label

_LONGEST = 28


class FlowLayout(QLayout):
    """Left to right, then on the next line."""

    def __init__(self, parent: QWidget | None = None, gap: int = 6) -> None:
        super().__init__(parent)
        self._gap = gap
        self._items: list[QLayoutItem] = []

    def addItem(self, arg__1: QLayoutItem) -> None:
        self._items.append(arg__1)

    def count(self) -> int:
        return len(self._items)

    def itemAt(self, index: int) -> QLayoutItem | None:
        return self._items[index] if 0 <= index < len(self._items) else None

    def takeAt(self, index: int) -> QLayoutItem | None:
        return self._items.pop(index) if 0 <= index < len(self._items) else None

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, arg__1: int) -> int:
        return self._place(QRect(0, 0, arg__1, 0), move=False)

    def setGeometry(self, arg__1: QRect) -> None:
        super().setGeometry(arg__1)
        self._place(arg__1, move=True)

    def sizeHint(self) -> QSize:
        return self.minimumSize()

    def minimumSize(self) -> QSize:
        size = QSize()
        for item in self._items:
            size = size.expandedTo(item.minimumSize())
        return size

    def _place(self, rect: QRect, *, move: bool) -> int:
        x, y, height = rect.x(), rect.y(), 0
        for item in self._items:
            size = item.sizeHint()
            if x > rect.x() and x + size.width() > rect.right() + 1:
                x, y, height = rect.x(), y + height + self._gap, 0
            if move:
                item.setGeometry(QRect(QPoint(x, y), size))
            x += size.width() + self._gap
            height = max(height, size.height())
        return y + height - rect.y()


class ActiveFilter(QFrame):
    """`changed` carries the filter that is left; not in view while nothing is asked for."""

    changed = Signal(object)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._shown: tuple[object, ...] = ()
        self.chips: list[QPushButton] = []
        self.problem = text_label(role="error", wrap=True)
        self.problem.hide()
        self._row = QWidget()
        self._flow = FlowLayout(self._row)
        inner = QVBoxLayout()
        inner.setContentsMargins(16, 6, 16, 6)
        inner.setSpacing(4)
        inner.addWidget(self.problem)
        inner.addWidget(self._row)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addLayout(inner)
        outer.addWidget(line())
        theme.changed.connect(self._tint)
        self._tint()
        self.hide()

    def show_filter(
        self,
        wanted: CommentFilter,
        *,
        label_of: Callable[[int | None], Label | None],
        source_of: Callable[[int], Source | None],
    ) -> None:
        """One chip for each thing that is asked for."""
        parts = tuple(parts_of(wanted, label_of=label_of, source_of=source_of))
        if parts != self._shown:
            self._shown = parts
            for chip in self.chips:
                self._flow.removeWidget(chip)
                chip.hide()
                chip.deleteLater()
            self.chips = [self._chip(text, left) for text, left in parts]
            for chip in self.chips:
                self._flow.addWidget(chip)
                chip.show()
        self._row.setVisible(bool(parts))
        self._fit()

    def show_problem(self, text: str) -> None:
        """Says what is wrong with the search; nothing when empty."""
        self.problem.setText(text)
        self.problem.setVisible(bool(text))
        self._fit()

    def _fit(self) -> None:
        self._flow.invalidate()
        self.updateGeometry()
        self.setVisible(bool(self._shown) or not self.problem.isHidden())

    def _chip(self, text: str, left: CommentFilter) -> QPushButton:
        plain = " ".join(text.split())
        shown = plain if len(plain) <= _LONGEST else plain[: _LONGEST - 1] + "…"
        chip = QPushButton(shown.replace("&", "&&") + "\u2002")
        chip.setObjectName("filterChip")
        chip.setFont(font("small"))
        chip.setLayoutDirection(Qt.LayoutDirection.RightToLeft)  # the cross stands behind the words
        chip.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        chip.setCursor(Qt.CursorShape.PointingHandCursor)
        chip.setToolTip(tr("Remove “{text}”").format(text=plain))
        chip.setAccessibleName(tr("Remove “{text}”").format(text=plain))
        chip.setIcon(icon("x", self._theme, token="accent-text", size=12))
        chip.clicked.connect(lambda: self.changed.emit(left))
        return chip

    def _tint(self) -> None:
        theme = self._theme
        self.setStyleSheet(
            f"QPushButton#filterChip {{ background: {theme.hex('accent-soft')};"
            f" color: {theme.hex('accent-text')}; border: 1px solid {theme.hex('accent-line')};"
            " border-radius: 6px; padding: 1px 8px; min-height: 18px; max-height: 18px; }"
            "QPushButton#filterChip:hover, QPushButton#filterChip:focus"
            f" {{ border-color: {theme.hex('accent')}; }}"
        )
        for chip in self.chips:
            chip.setIcon(icon("x", theme, token="accent-text", size=12))
