"""A card: white surface, thin border, radius 8, optional header of 40 px."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from senti_studio.ui.widgets.styles import line, set_style, text_label


class Card(QFrame):
    """``header`` (title, grey subtitle, then what you add) above ``body`` (margins 16/12).

    Without a title there is no header row until `set_title` is called with one.
    """

    def __init__(self, title: str = "", subtitle: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("card", "true")
        outer = QVBoxLayout(self)
        outer.setContentsMargins(1, 1, 1, 1)
        outer.setSpacing(0)
        self._bar = QWidget()
        self._bar.setObjectName("cardHeader")
        self._bar.setMinimumHeight(39)
        self._bar.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.header = QHBoxLayout(self._bar)
        self.header.setContentsMargins(16, 0, 12, 0)
        self.header.setSpacing(8)
        self.title_label = text_label(bold=True)
        self.subtitle_label = text_label(role="hint", size="small")
        self.header.addWidget(self.title_label)
        self.header.addWidget(self.subtitle_label)
        self.header.addStretch(1)
        self._line = line()
        outer.addWidget(self._bar)
        outer.addWidget(self._line)
        # A widget of its own takes all spare height; a bare layout would leave some of it to the header.
        inner = QWidget()
        self.body = QVBoxLayout(inner)
        self.body.setContentsMargins(16, 12, 16, 12)
        self.body.setSpacing(8)
        outer.addWidget(inner, 1)
        self.set_title(title, subtitle)

    def set_title(self, title: str, subtitle: str = "") -> None:
        """Replaces the texts of the header."""
        self.title_label.setText(title)
        self.subtitle_label.setText(subtitle)
        self.subtitle_label.setVisible(bool(subtitle))
        self._bar.setVisible(bool(title))
        self._line.setVisible(bool(title))
        if title:
            self.setAccessibleName(title)

    def set_look(self, look: str) -> None:
        """``true`` (plain) | ``chosen`` | ``sunken`` | ``warn`` | ``error`` | ``good``."""
        set_style(self, "card", look)


class ChoiceCard(Card):
    """A card that can be chosen with the mouse or the keyboard; use `clicked` of its inner button group."""

    def __init__(self, title: str = "", subtitle: str = "", parent: QWidget | None = None) -> None:
        super().__init__(title, subtitle, parent)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def set_chosen(self, chosen: bool) -> None:
        self.set_look("chosen" if chosen else "true")
