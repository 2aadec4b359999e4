"""The right end of the menu bar: name of the project, and whether the last change is on the disk."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from PySide6.QtCore import QSize, Qt, QTimer, Slot
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QToolButton, QWidget

from senti_studio.messages import message
from senti_studio.ui import formats
from senti_studio.ui.context import UiContext
from senti_studio.ui.fonts import font
from senti_studio.ui.i18n import current_language, tr
from senti_studio.ui.icons import icon, pixmap
from senti_studio.ui.widgets.styles import text_label

SLOW_MS = 200
"""Saving that takes longer than this is told."""


class SaveState(QWidget):
    """✓ 已保存 14:05:12 · 正在保存… · ⚠ 没有保存：… (a click opens the dialog)."""

    def __init__(self, context: UiContext, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("menuCorner")
        self._context = context
        self._failure: tuple[str, dict[str, Any]] | None = None
        self._saved_at: datetime | None = None
        self._is_saving = False
        self._picture = QLabel()
        self._name = text_label(bold=True)
        self._state = QToolButton()
        self._state.setFont(font("small"))
        self._shown = ("", "")
        self._state.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self._state.setIconSize(QSize(14, 14))
        self._state.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._state.clicked.connect(self._explain)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 12, 0)
        layout.setSpacing(8)
        layout.addWidget(self._picture)
        layout.addWidget(self._name)
        layout.addSpacing(8)
        layout.addWidget(self._state)
        self._slow = QTimer(self)
        self._slow.setSingleShot(True)
        self._slow.setInterval(SLOW_MS)
        self._slow.timeout.connect(self._is_slow)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Preferred)
        session = context.session
        session.project_changed.connect(self._open)
        session.saving.connect(self._saving)
        session.saved.connect(self._saved)
        session.save_failed.connect(self._failed)
        session.unsaved_changed.connect(self._unsaved_changed)
        context.theme.changed.connect(self.retranslate)
        self._open(None)

    @property
    def text(self) -> str:
        """What is written there now."""
        return self._state.text()

    @Slot(object)
    def _open(self, project: Any) -> None:
        self._slow.stop()
        self._failure, self._saved_at, self._is_saving = None, None, False
        self._name.setText(project.name if project is not None else "")
        self._name.setToolTip(str(project.folder) if project is not None else "")
        self._picture.setVisible(project is not None)
        self._state.setVisible(project is not None)
        self.retranslate()

    @Slot()
    def _saving(self) -> None:
        # a label is saved within a blink: a word that comes and goes with every key would only disturb
        if not self._slow.isActive():
            self._slow.start()

    @Slot()
    def _is_slow(self) -> None:
        self._is_saving = True
        self.retranslate()

    @Slot(object)
    def _saved(self, at: datetime) -> None:
        self._slow.stop()
        self._saved_at, self._is_saving = at, False
        if self._context.session.unsaved is None:  # else one change is on the disk, and others still are not
            self._failure = None
        self.retranslate()

    @Slot()
    def _unsaved_changed(self) -> None:
        unsaved = self._context.session.unsaved
        self._failure = None if unsaved is None else (unsaved.code, dict(unsaved.params))
        self.retranslate()

    @Slot(str, object)
    def _failed(self, code: str, params: dict[str, Any]) -> None:
        self._slow.stop()
        self._failure, self._is_saving = (code, params), False
        self.retranslate()

    @Slot()
    def _explain(self) -> None:
        if self._failure is not None:
            self._context.dialogs.failure(*self._failure)

    @Slot()
    def retranslate(self) -> None:
        theme = self._context.theme
        self._picture.setPixmap(pixmap("file", theme, token="text", scale=self.devicePixelRatioF()))
        name, token = "check", "accent-text"
        if self._failure is not None:
            name, token = "alert", "danger"
            what = message(*self._failure, current_language()).what
            text = tr("Not saved: {reason}").format(reason=what)
        elif self._is_saving:
            text = tr("Saving…")
        elif self._saved_at is not None:
            text = tr("Saved {time}").format(time=formats.clock(self._saved_at))
        else:
            text = tr("Everything is saved")
        if text == self._state.text() and self._shown == (name, theme.mode):
            return
        self._shown = (name, theme.mode)
        self._state.setText(text)
        self._state.setIcon(icon(name, theme, token=token, size=14))
