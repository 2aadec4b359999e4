"""Writing the guidelines: Markdown at the left, how it looks at the right, earlier versions, files."""

from __future__ import annotations

import functools
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt, QTimer, QUrl, Signal, Slot
from PySide6.QtGui import QTextDocument
from PySide6.QtWidgets import (
    QDialog,
    QFileDialog,
    QHBoxLayout,
    QMenu,
    QPlainTextEdit,
    QSplitter,
    QTextBrowser,
    QVBoxLayout,
    QWidget,
)

from senti_studio.domain.guidelines import MOST_CHARACTERS, GuideVersion
from senti_studio.paths import data_folder
from senti_studio.ui.context import UiContext
from senti_studio.ui.fonts import font
from senti_studio.ui.formats import number, when
from senti_studio.ui.i18n import tr
from senti_studio.ui.operations import run_operation
from senti_studio.ui.pages.label.guide_rows import without_pictures
from senti_studio.ui.widgets.buttons import button
from senti_studio.ui.widgets.styles import text_label

_PATIENCE_MS = 200
_LONGEST_SHOWN = 10_000
"""Characters of the preview: Qt's time for Markdown grows with the square of some texts."""
_START = 60
"""Characters of an earlier version that its menu entry shows."""


class Preview(QTextBrowser):
    """Markdown as it will look; fetches no pictures, opens no addresses, takes HTML as text."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setOpenLinks(False)
        self.setFont(font("list"))
        self.setAccessibleName(tr("Preview"))

    def show_text(self, text: str) -> None:
        place = self.verticalScrollBar().value()
        if len(text) > _LONGEST_SHOWN:
            text = text[:_LONGEST_SHOWN] + "…"
        words = without_pictures(text)
        self.document().setMarkdown(words, QTextDocument.MarkdownFeature.MarkdownNoHTML)
        self.verticalScrollBar().setValue(place)

    def loadResource(self, kind: int, name: QUrl | str) -> Any:
        """Nothing is ever loaded."""
        return None


class GuideEditor(QDialog):
    """Sends `taken` with the text when the user saves it; Esc asks nothing of a text that did not change."""

    taken = Signal(str)

    def __init__(
        self, context: UiContext, text: str, earlier: tuple[GuideVersion, ...], parent: QWidget
    ) -> None:
        super().__init__(parent)
        self._context = context
        self._before = text
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(tr("Guidelines"))
        self.resize(960, 620)
        self.field = QPlainTextEdit()
        self.field.setFont(font("list"))
        self.field.setPlainText(text)
        self.field.setTabChangesFocus(True)
        self.field.setAccessibleName(tr("Guidelines"))
        self.preview = Preview()
        halves = QSplitter()
        halves.addWidget(self.field)
        halves.addWidget(self.preview)
        halves.setChildrenCollapsible(False)
        halves.setSizes([480, 480])
        hint = tr(
            "Markdown. A heading with the name of a label begins its section; list items there are examples. "
            "Everything else is shown in the note."
        )
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 16, 24, 16)
        layout.setSpacing(12)
        layout.addWidget(text_label(hint, role="second", wrap=True))
        layout.addWidget(halves, 1)
        self.told = text_label(role="error", wrap=True)
        self.told.hide()
        layout.addWidget(self.told)
        layout.addLayout(self._acts(earlier))
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.setInterval(_PATIENCE_MS)
        self._later.timeout.connect(self._show)
        self.field.textChanged.connect(self._later.start)
        self._show()
        self.field.setFocus()

    def _acts(self, earlier: tuple[GuideVersion, ...]) -> QHBoxLayout:
        theme = self._context.theme
        self.earlier = button(tr("Earlier versions"), theme=theme, icon="clock")
        self.versions = QMenu(self)
        for version in earlier:
            at = datetime.fromtimestamp(version.at / 1000, UTC)
            words = " ".join(version.text[: 4 * _START].split())[:_START].replace("&", "&&")
            action = self.versions.addAction(f"{when(at)}  {version.by}  {words}")
            action.triggered.connect(functools.partial(self._bring_back, version.text))
        self.earlier.setMenu(self.versions)
        self.earlier.setEnabled(bool(earlier))
        self.bring_in = button(tr("Import…"), theme=theme, icon="import")
        self.bring_in.clicked.connect(self._choose_file)
        self.take_out = button(tr("Export…"), theme=theme, icon="export")
        self.take_out.clicked.connect(self._choose_target)
        self.save = button(tr("Save"), theme=theme, kind="primary")
        self.save.clicked.connect(self._save)
        cancel = button(tr("Cancel"), theme=theme)
        cancel.clicked.connect(self.reject)
        row = QHBoxLayout()
        row.setSpacing(8)
        for made in (self.earlier, self.bring_in, self.take_out):
            row.addWidget(made)
        row.addStretch(1)
        row.addWidget(cancel)
        row.addWidget(self.save)
        return row

    @property
    def text(self) -> str:
        return self.field.toPlainText()

    @Slot()
    def _show(self) -> None:
        self.preview.show_text(self.text)
        over = len(self.text) - MOST_CHARACTERS
        words = tr("{n} characters too many: shorten the text to save it.")
        self.told.setText(words.format(n=number(over)))
        self.told.setVisible(over > 0)
        self.save.setEnabled(over <= 0)

    def _replace(self, text: str) -> None:
        """Puts another text into the field; the field's own Ctrl+Z brings the old one back."""
        cursor = self.field.textCursor()
        cursor.select(cursor.SelectionType.Document)
        cursor.insertText(text)

    def _bring_back(self, text: str) -> None:
        self._replace(text)

    @Slot()
    def _save(self) -> None:
        self._show()
        if self.save.isEnabled():
            self.taken.emit(self.text)
            self.accept()

    def reject(self) -> None:
        """Asks before a text that was changed is thrown away."""
        if self.text == self._before:
            super().reject()
            return
        self._context.dialogs.ask(
            tr("Throw the changes away?"),
            tr("What you wrote since opening this window would be lost."),
            [tr("Go on writing"), tr("Throw away")],
            lambda chosen: self._throw_away() if chosen == 1 else None,
            focus=0,
        )

    def _throw_away(self) -> None:
        super().reject()

    # ---- files ---------------------------------------------------------------------------------------------

    @Slot()
    def _choose_file(self) -> None:
        path, _ = QFileDialog.getOpenFileName(
            self, tr("Import guidelines"), str(data_folder()), tr("Markdown or text (*.md *.markdown *.txt)")
        )
        if path:
            self.read_file(Path(path))

    def read_file(self, path: Path) -> None:
        """Puts the text of a file into the field."""

        def work() -> str:
            from senti_studio.operations.guidelines import read_guideline_file

            return read_guideline_file(path)

        run_operation(self, work, on_success=self._replace)

    @Slot()
    def _choose_target(self) -> None:
        start = data_folder() / f"{tr('Guidelines')}.md"
        path, _ = QFileDialog.getSaveFileName(
            self, tr("Export guidelines"), str(start), tr("Markdown (*.md)")
        )
        if path:
            self.write_file(Path(path))

    def write_file(self, path: Path) -> None:
        """Writes what stands in the field."""
        text = self.text

        def work() -> None:
            from senti_studio.operations.guidelines import write_guideline_file

            write_guideline_file(path, text)

        def done(_: None) -> None:
            self._context.toasts.show(tr("Guidelines written to {path}").format(path=path), kind="done")

        run_operation(self, work, on_success=done)
