"""Settings of the program; every change takes effect at once."""

from __future__ import annotations

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QFormLayout,
    QHBoxLayout,
    QLineEdit,
    QSpinBox,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from senti_studio.ui.choices import LANGUAGE_CHOICES, THEME_CHOICES, fill_choices
from senti_studio.ui.context import UiContext
from senti_studio.ui.i18n import Language, tr
from senti_studio.ui.keys_page import KeysPage
from senti_studio.ui.pages.label import copies
from senti_studio.ui.widgets.buttons import button
from senti_studio.ui.widgets.segmented import Segmented
from senti_studio.ui.widgets.styles import text_label

_STACK_HEIGHT = 420
"""Pixels; enough for either side, so that the dialog keeps its size."""


class SettingsDialog(QDialog):
    """Language, theme, annotator, flash of the label buttons, size of the comment, question at closing; then
    the keys."""

    def __init__(self, context: UiContext, language: Language) -> None:
        super().__init__(context.dialogs.window)
        self._context = context
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setMinimumWidth(600)
        settings = context.settings
        self.title = text_label(size="title")
        self.language = QComboBox()
        self.theme = QComboBox()
        self.annotator = QLineEdit(context.session.annotator)
        self.flash = _number(0, 500, 50, settings.flash_ms, " ms")
        self.comment_size = _number(16, 28, 1, settings.comment_size, " px")
        self.on_close = QComboBox()
        self.copies = QComboBox()
        self.copies.setEnabled(context.session.project is not None)
        self.ask_again = QCheckBox()
        self.ask_again.setChecked(settings.ask_again)
        self.labels = {
            name: text_label(role="second")
            for name in ("language", "theme", "annotator", "flash", "size", "close", "copies", "again")
        }
        self._hint = text_label(role="hint", size="small", wrap=True)
        form = QFormLayout()
        form.setHorizontalSpacing(24)
        form.setVerticalSpacing(12)
        fields: tuple[QWidget, ...] = (
            self.language,
            self.theme,
            self.annotator,
            self.flash,
            self.comment_size,
            self.on_close,
            self.copies,
            self.ask_again,
        )
        for label, field in zip(self.labels.values(), fields, strict=True):
            label.setBuddy(field)
            form.addRow(label, field)
        self.done_button = button(theme=context.theme, kind="primary")
        self.done_button.setDefault(True)
        self.done_button.clicked.connect(self.accept)
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(self.done_button)
        general = QWidget()
        column = QVBoxLayout(general)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(16)
        column.addLayout(form)
        column.addWidget(self._hint)
        column.addStretch(1)
        self._keys: KeysPage | None = None
        self.stack = QStackedWidget()
        self.stack.setMinimumHeight(_STACK_HEIGHT)
        self.stack.addWidget(general)
        self.sides = Segmented(("", ""), theme=context.theme)
        self.sides.changed.connect(self._show_side)
        head = QHBoxLayout()
        head.addWidget(self.title)
        head.addStretch(1)
        head.addWidget(self.sides)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 20, 24, 20)
        layout.setSpacing(16)
        layout.addLayout(head)
        layout.addWidget(self.stack, 1)
        layout.addLayout(row)
        self.retranslate()
        self.language.activated.connect(self._set_language)
        self.theme.activated.connect(self._set_theme)
        self.annotator.editingFinished.connect(self._set_annotator)
        self.flash.valueChanged.connect(lambda value: setattr(settings, "flash_ms", value))
        self.comment_size.valueChanged.connect(lambda value: setattr(settings, "comment_size", value))
        self.on_close.activated.connect(lambda _: setattr(settings, "on_close", self.on_close.currentData()))
        self.copies.activated.connect(self._set_copies)
        self.ask_again.toggled.connect(lambda on: setattr(settings, "ask_again", on))
        language.changed.connect(self.retranslate)

    @property
    def keys(self) -> KeysPage:
        """The other side: made when it is first asked for, as its hundred rows take a while."""
        if self._keys is None:
            self._keys = KeysPage(self._context)
            self.stack.addWidget(self._keys)
        return self._keys

    @Slot(int)
    def _show_side(self, side: int) -> None:
        if side:
            self.stack.setCurrentWidget(self.keys)
        else:
            self.stack.setCurrentIndex(0)

    @Slot()
    def retranslate(self) -> None:
        settings = self._context.settings
        self.setWindowTitle(tr("Settings"))
        self.title.setText(tr("Settings"))
        self.sides.set_texts((tr("General"), tr("Keys")))
        if self._keys is not None:
            self._keys.retranslate()
        words = (
            tr("Language"), tr("Theme"), tr("Your name"), tr("Label button stays filled"),
            tr("Size of the comment"), tr("Closing during a training"),
            tr("Comments of the same text"), tr("Agreement with yourself"),
        )  # fmt: skip
        for label, text in zip(self.labels.values(), words, strict=True):
            label.setText(text)
            buddy = label.buddy()
            if buddy is not None:
                buddy.setAccessibleName(text)
        fill_choices(self.language, LANGUAGE_CHOICES, settings.language)
        fill_choices(self.theme, THEME_CHOICES, settings.theme)
        fill_choices(
            self.on_close,
            (("ask", tr("Ask")), ("continue", tr("Go on in the background"))),
            settings.on_close,
        )
        project = self._context.session.project
        mode = project.settings.get(copies.KEY, copies.ASK) if project is not None else copies.ASK
        choices = (tr("Ask"), tr("Label them too, always"), tr("Each by itself"))
        fill_choices(self.copies, tuple(zip(copies.MODES, choices, strict=True)), mode)
        self.ask_again.setText(tr("Ask 3 in 100 of my own comments again, unannounced"))
        self._hint.setText(tr("Labels are stored under your name. Everything here takes effect at once."))
        self.done_button.setText(tr("Done"))

    @Slot()
    def _set_language(self) -> None:
        self._context.settings.language = self.language.currentData()

    @Slot()
    def _set_theme(self) -> None:
        self._context.settings.theme = self.theme.currentData()

    @Slot()
    def _set_copies(self) -> None:
        """Kept in the project: what the user answers in the line below a comment is changed here."""
        project = self._context.session.project
        if project is not None:
            project.settings.set(copies.KEY, self.copies.currentData())

    @Slot()
    def _set_annotator(self) -> None:
        session, name = self._context.session, self.annotator.text().strip()
        if name and name != session.annotator:
            session.choose_annotator(name)
        self.annotator.setText(session.annotator)


def _number(low: int, high: int, step: int, value: int, unit: str) -> QSpinBox:
    box = QSpinBox()
    box.setRange(low, high)
    box.setSingleStep(step)
    box.setValue(value)
    box.setSuffix(unit)
    return box
