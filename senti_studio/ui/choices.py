"""Language and theme as combo boxes offer them, on the home page and in the settings."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QComboBox

from senti_studio.ui.i18n import marked, tr

LANGUAGE_CHOICES = (
    ("system", marked("Language: system")),
    ("zh_CN", "简体中文"),
    ("en", "English"),
)
THEME_CHOICES = (
    ("system", marked("Theme: system")),
    ("light", marked("Theme: light")),
    ("dark", marked("Theme: dark")),
)


def fill_choices(combo: QComboBox, choices: Sequence[tuple[str, str]], chosen: str) -> None:
    """Sets the entries (value, English text) in the current language; nothing is announced."""
    combo.blockSignals(True)
    combo.clear()
    for value, text in choices:
        combo.addItem(tr(text), value)
    combo.setCurrentIndex(max(0, combo.findData(chosen)))
    combo.blockSignals(False)
