"""Colours of the window: tokens from ``resources/themes/tokens.json``, as palette and style sheet at once."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

from PySide6.QtCore import QObject, Qt, QTemporaryDir, Signal
from PySide6.QtGui import QColor, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication

from senti_studio.resources import resource

CHOICES = ("system", "light", "dark")

_BORROWED = {
    "outline-up": "pos",
    "outline-down": "neg",
    "outline-diamond": "purple",
    "star": "brown",
    "right": "purple",
    "left": "sky",
    "outline-circle": "neu",
    "outline-square": "brown",
    "outline-pentagon": "sky",
    "outline-star": "brown",
    "outline-right": "purple",
    "outline-left": "sky",
}
"""Looks that have no colours of their own."""
_SHEET_ICONS = {
    "check": ("check", "on-accent", 2.6),
    "minus": ("minus", "on-accent", 2.6),
    "check-off": ("check", "disabled", 2.6),
    "down": ("down", "text2", 1.8),
    "down-off": ("down", "disabled", 1.8),
    "up": ("up", "text2", 1.8),
    "right": ("right", "text2", 1.8),
    "sort-up": ("up", "text2", 2.0),
    "sort-down": ("down", "text2", 2.0),
    "x": ("x", "text2", 1.8),
}
_ROLE = QPalette.ColorRole
_PALETTE = {
    _ROLE.Window: "bg",
    _ROLE.WindowText: "text",
    _ROLE.Base: "surface",
    _ROLE.AlternateBase: "surface2",
    _ROLE.Text: "text",
    _ROLE.Button: "surface",
    _ROLE.ButtonText: "text",
    _ROLE.BrightText: "danger",
    _ROLE.ToolTipBase: "surface",
    _ROLE.ToolTipText: "text",
    _ROLE.PlaceholderText: "text3",
    _ROLE.Highlight: "accent-soft",
    _ROLE.HighlightedText: "text",
    _ROLE.Link: "accent-text",
    _ROLE.LinkVisited: "accent-text",
    _ROLE.Light: "surface",
    _ROLE.Midlight: "hover",
    _ROLE.Mid: "border",
    _ROLE.Dark: "border-btn",
    _ROLE.Shadow: "border-ctl",
    _ROLE.Accent: "accent",
}


@dataclass(frozen=True, slots=True)
class LabelColours:
    """``mark`` for shapes and bars, ``text`` on ``soft`` for chips."""

    mark: QColor
    text: QColor
    soft: QColor


class Theme(QObject):
    """Light or dark, following the system or chosen; `changed` comes after palette and style sheet."""

    changed = Signal()

    def __init__(self, app: QApplication, choice: str = "system", parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._app = app
        self._tokens: dict[str, dict[str, str]] = json.loads(
            resource("themes", "tokens.json").read_text("utf-8")
        )
        self._sheet = resource("themes", "window.qss").read_text("utf-8")
        self._pictures = QTemporaryDir()
        self._colours: dict[str, QColor] = {}
        self.choice = choice
        self.mode = "light"
        app.styleHints().colorSchemeChanged.connect(self._follow_system)
        self.set_choice(choice)

    def set_choice(self, choice: str) -> None:
        """``system`` | ``light`` | ``dark``; takes effect at once."""
        self.choice = choice if choice in CHOICES else "system"
        self._apply(self.choice if self.choice != "system" else self._system_mode())

    def colour(self, token: str) -> QColor:
        """The colour of a token of UI.md; raises KeyError for an unknown one."""
        found = self._colours.get(token)
        if found is None:
            found = self._colours[token] = QColor(self._tokens[self.mode][token])
        return found

    def hex(self, token: str) -> str:
        return self._tokens[self.mode][token]

    def label_token(self, appearance: str) -> str:
        """The token of the mark of such a label."""
        base = _BORROWED.get(appearance, appearance)
        return base if base in self._tokens[self.mode] else "neu"

    def label_colours(self, appearance: str) -> LabelColours:
        """Colours of a `domain.labels.Label.appearance`; looks beyond the sixth borrow those of others."""
        base = self.label_token(appearance)
        return LabelColours(self.colour(base), self.colour(f"{base}-text"), self.colour(f"{base}-soft"))

    @property
    def is_dark(self) -> bool:
        return self.mode == "dark"

    def _system_mode(self) -> str:
        dark = self._app.styleHints().colorScheme() == Qt.ColorScheme.Dark
        return "dark" if dark else "light"

    def _follow_system(self) -> None:
        if self.choice == "system":
            self._apply(self._system_mode())

    def _apply(self, mode: str) -> None:
        self.mode = mode
        self._colours.clear()
        # Exchanging a style sheet takes four times as long as taking it away and setting the other one.
        self._app.setStyleSheet("")
        if wants_high_contrast():
            self._app.setPalette(QPalette())
        else:
            self._app.setPalette(self._palette())
            self._app.setStyleSheet(self._style_sheet())
        self.changed.emit()

    def _palette(self) -> QPalette:
        palette = QPalette()
        for where, token in _PALETTE.items():
            palette.setColor(where, self.colour(token))
        for where in (_ROLE.WindowText, _ROLE.Text, _ROLE.ButtonText):
            palette.setColor(QPalette.ColorGroup.Disabled, where, self.colour("disabled"))
        return palette

    def _style_sheet(self) -> str:
        tokens = self._tokens[self.mode]

        def value(match: re.Match[str]) -> str:
            kind, name = match.group(1), match.group(2)
            return self._picture(name) if kind == "icon" else tokens[name]

        return re.sub(r"@(token|icon)\(([a-z0-9-]+)\)", value, self._sheet)

    def _picture(self, name: str) -> str:
        """A tinted copy of an icon as a file: style sheets can show files only."""
        icon, token, width = _SHEET_ICONS[name]
        path = self._pictures.filePath(f"{self.mode}-{name}.svg")
        text = resource("icons", f"{icon}.svg").read_text("utf-8")
        text = text.replace("currentColor", self.hex(token)).replace(
            'stroke-width="1.6"', f'stroke-width="{width}"'
        )
        with open(path, "w", encoding="utf-8") as file:  # noqa: PTH123 - a path of Qt's
            file.write(text)
        return f'url("{path}")'


def wants_high_contrast() -> bool:
    """Whether the system shows a high-contrast theme: then its own palette is used, untouched."""
    hints = QGuiApplication.styleHints()
    preference = getattr(hints, "accessibility", None)
    if preference is None:
        return False
    try:
        return bool(hints.accessibility().contrastPreference() == Qt.ContrastPreference.HighContrast)
    except AttributeError:
        return False
