"""Dialogs of the window: one for errors, one for questions. None of them runs an event loop of its own."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QObject, Qt, Slot
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLabel, QPlainTextEdit, QVBoxLayout, QWidget

from senti_studio.errors import UserError
from senti_studio.messages import message
from senti_studio.ui.fonts import font
from senti_studio.ui.i18n import current_language, tr
from senti_studio.ui.icons import pixmap
from senti_studio.ui.theme import Theme
from senti_studio.ui.widgets.buttons import Button, button
from senti_studio.ui.widgets.collapsible import Collapsible
from senti_studio.ui.widgets.styles import text_label

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Choice:
    """A button of a dialog: its text and kind (plain | primary | danger)."""

    text: str
    kind: str = "plain"


class MessageDialog(QDialog):
    """Icon, title, text, optional next step and details, buttons at the lower right; Esc chooses nothing."""

    def __init__(self, theme: Theme, parent: QWidget | None, *, icon: str, token: str, title: str) -> None:
        super().__init__(parent)
        self._theme = theme
        self.chosen = -1
        self.setWindowTitle(title)
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setMinimumWidth(460)
        self.setMaximumWidth(640)
        outer = QHBoxLayout(self)
        outer.setContentsMargins(24, 20, 24, 20)
        outer.setSpacing(16)
        picture = QLabel()
        picture.setPixmap(pixmap(icon, theme, token=token, size=22, scale=self.devicePixelRatioF()))
        outer.addWidget(picture, 0, Qt.AlignmentFlag.AlignTop)
        self.column = QVBoxLayout()
        self.column.setSpacing(8)
        outer.addLayout(self.column, 1)
        self.title = text_label(title, size="label", bold=True, wrap=True)
        self.column.addWidget(self.title)
        self.buttons: list[Button] = []

    def add_text(self, text: str, *, bold: bool = False, role: str = "second") -> None:
        if text:
            label = text_label(text, role="" if bold else role, bold=bold, wrap=True)
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            self.column.addWidget(label)

    def add_details(self, details: str) -> None:
        """Folded technical details with a copy button."""
        fold = Collapsible(tr("Technical details"), theme=self._theme)
        fold.body.setContentsMargins(0, 0, 0, 0)
        field = QPlainTextEdit(details)
        field.setReadOnly(True)
        field.setFont(font("mono"))
        field.setFixedHeight(160)
        copy = button(tr("Copy"), theme=self._theme, kind="quiet", icon="copy")
        copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(details))
        fold.body.addWidget(field)
        fold.body.addWidget(copy, 0, Qt.AlignmentFlag.AlignRight)
        fold.toggled.connect(lambda _: self.adjustSize())
        self.column.addWidget(fold)

    def add_buttons(self, choices: Sequence[Choice], *, focus: int | None = None) -> None:
        """The filled button stands at the right end; ``focus`` is the safe choice when it is another one."""
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addStretch(1)
        self.column.addSpacing(8)
        self.column.addLayout(row)
        for index, choice in enumerate(choices):
            made = button(choice.text, theme=self._theme, kind=choice.kind)
            made.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            made.clicked.connect(lambda _=False, which=index: self._choose(which))
            row.addWidget(made)
            self.buttons.append(made)
        primary = next((i for i, c in enumerate(choices) if c.kind == "primary"), len(choices) - 1)
        target = self.buttons[primary if focus is None else focus]
        target.setDefault(True)
        target.setFocus()

    @Slot(int)
    def _choose(self, index: int) -> None:
        self.chosen = index
        self.accept()


class Dialogs(QObject):
    """Opens dialogs over ``window``; several errors of one kind at a time show once."""

    def __init__(self, window: QWidget, theme: Theme) -> None:
        super().__init__(window)
        self.window = window
        self._theme = theme
        self._errors: dict[str, MessageDialog] = {}

    @property
    def open_errors(self) -> list[MessageDialog]:
        return list(self._errors.values())

    def error(self, error: BaseException, *, details: str = "") -> MessageDialog:
        """Shows what happened and what to do; our own bugs come with details to copy."""
        code: str = "INTERNAL"
        params: Mapping[str, object] = {"detail": f"{type(error).__name__}: {error}"}
        if isinstance(error, UserError):
            code, params = error.code, error.params
        elif isinstance(error, PermissionError):
            code, params = "NO_PERMISSION", {"path": error.filename or "?"}
        else:
            _log.error("shown to the user", exc_info=error)
            details = details or "".join(traceback.format_exception(error))
        return self.failure(code, params, details=details)

    def failure(
        self,
        code: str,
        params: Mapping[str, object],
        *,
        details: str = "",
        acts: Sequence[tuple[str, Callable[[], object]]] = (),
    ) -> MessageDialog:
        """As `error`, for a code that came from another process; ``acts``: buttons beside *Close* and what
        they do, the likeliest last."""
        words = message(code, params, current_language())
        already = self._errors.get(words.what)
        if already is not None:
            already.raise_()
            return already
        dialog = MessageDialog(self._theme, self.window, icon="error", token="danger", title=words.what)
        if words.next_step:
            dialog.add_text(tr("What you can do"), bold=True)
            dialog.add_text(words.next_step)
        if details:
            dialog.add_details(details)
        kinds = ["plain"] * len(acts) + ["primary"]
        texts = [tr("Close"), *(text for text, _ in acts)]
        dialog.add_buttons([Choice(text, kind) for text, kind in zip(texts, kinds, strict=True)])
        self._errors[words.what] = dialog

        def finished() -> None:
            self._errors.pop(words.what, None)
            if dialog.chosen > 0:
                acts[dialog.chosen - 1][1]()

        dialog.finished.connect(lambda _: finished())
        dialog.open()
        return dialog

    def ask(
        self,
        title: str,
        text: str,
        buttons: Sequence[Choice | str],
        on_choice: Callable[[int], None],
        *,
        icon: str = "help",
        focus: int | None = None,
    ) -> MessageDialog:
        """Asks; ``on_choice`` gets the index of the button, -1 for Esc. ``focus``: the safe choice."""
        dialog = MessageDialog(self._theme, self.window, icon=icon, token="text2", title=title)
        dialog.add_text(text)
        dialog.add_buttons([Choice(b) if isinstance(b, str) else b for b in buttons], focus=focus)
        dialog.finished.connect(lambda _: on_choice(dialog.chosen))
        dialog.open()
        return dialog
