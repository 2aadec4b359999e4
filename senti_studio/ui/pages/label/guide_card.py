"""The card with the guidelines of the project: folds, and gives way where the window has no room."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QLabel, QWidget

from senti_studio.domain.guidelines import Guide
from senti_studio.domain.labels import Label
from senti_studio.ui.i18n import tr
from senti_studio.ui.icons import pixmap
from senti_studio.ui.pages.label.guide_rows import GuideRows
from senti_studio.ui.theme import Theme
from senti_studio.ui.widgets.buttons import button
from senti_studio.ui.widgets.card import Card
from senti_studio.ui.widgets.keycap import KeyCap
from senti_studio.ui.widgets.scrolled import scrolled

FOLDED, LEAST, READABLE = 42, 110, 240
"""Height with the header alone, the least with which something can be read, and enough for most texts."""


class GuideCard(Card):
    """Header with the key, 编辑 and a fold mark; below, the rows scroll."""

    edit_wanted = Signal()
    fold_wanted = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self._theme = theme
        self.is_open, self.is_folded = True, False
        self._picture = QLabel()
        self.header.insertWidget(0, self._picture)
        self.key = KeyCap("G", theme)
        self.header.insertWidget(3, self.key)
        self.edit = button(theme=theme, kind="quiet")
        self.edit.set_dense()
        self.edit.clicked.connect(lambda: self.edit_wanted.emit())
        self.fold = button(theme=theme, kind="quiet", icon="down", name=" ")
        self.fold.set_dense()
        self.fold.clicked.connect(lambda: self.fold_wanted.emit())
        self.header.addWidget(self.edit)
        self.header.addWidget(self.fold)
        self.body.setContentsMargins(16, 10, 8, 10)
        self.rows = GuideRows(theme)
        self.area = scrolled(self.rows, focusable=False)
        self.body.addWidget(self.area)
        theme.changed.connect(self._tint)
        self._tint()
        self.retranslate()

    def minimumSizeHint(self) -> QSize:
        """None: it is hidden where there is no room for it, and must not push the labels away."""
        return QSize(super().minimumSizeHint().width(), 0)

    def retranslate(self) -> None:
        self.set_title(tr("Guidelines"))
        self._line.setVisible(not self.is_folded)
        self.edit.setText(tr("Edit"))
        self._name_fold()

    def show_guide(self, guide: Guide, labels: tuple[Label, ...]) -> None:
        self.rows.show_guide(guide, labels)

    def set_key(self, key: str) -> None:
        self.key.set_text(key)
        self.key.setVisible(bool(key))

    def set_open(self, on: bool) -> None:
        """What the user wants; folded, only the header stays."""
        self.is_open = on
        self._show_rows(on)

    def squeeze(self, on: bool) -> None:
        """Shows the header alone for as long as there is no room for more."""
        self._show_rows(self.is_open and not on)

    def _show_rows(self, on: bool) -> None:
        if on is not self.is_folded:
            return
        self.is_folded = not on
        self.area.setVisible(on)
        self._line.setVisible(on)
        inner = self.area.parentWidget()
        if inner is not None:
            inner.setVisible(on)
        self.setMaximumHeight(16_777_215 if on else FOLDED)
        self.fold.set_icon("down" if on else "right")
        self._name_fold()

    def _name_fold(self) -> None:
        name = tr("Fold the guidelines") if not self.is_folded else tr("Show the guidelines")
        self.fold.setAccessibleName(name)
        self.fold.setToolTip(name)

    def _tint(self) -> None:
        self._picture.setPixmap(
            pixmap("book", self._theme, token="text2", size=16, scale=self.devicePixelRatioF())
        )
        self._picture.setAlignment(Qt.AlignmentFlag.AlignCenter)
