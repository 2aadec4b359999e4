"""The cards under the status: confusion of the last evaluation, and the log."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from PySide6.QtCore import QPoint, QSize, Qt, Signal
from PySide6.QtGui import QGuiApplication, QResizeEvent
from PySide6.QtWidgets import QDialog, QHBoxLayout, QPlainTextEdit, QVBoxLayout, QWidget

from senti_studio.domain.labels import Label
from senti_studio.jobs.protocol import Event
from senti_studio.ui import formats
from senti_studio.ui.fonts import font
from senti_studio.ui.pages.train.history import RunHistory
from senti_studio.ui.pages.train.run_words import coverage_words, event_clock, event_words
from senti_studio.ui.theme import Theme
from senti_studio.ui.widgets.buttons import button
from senti_studio.ui.widgets.card import Card
from senti_studio.ui.widgets.confusion import ConfusionMatrix
from senti_studio.ui.widgets.elided import ElidedLabel
from senti_studio.ui.widgets.scrolled import scrolled_on_card
from senti_studio.ui.widgets.styles import text_label

LINES_SHOWN, MOST_LINES = 2, 12
"""So many lines of the log at least; more of them where there is room."""
MATRIX_HEIGHT, MATRIX_WIDTH = 150, 252
"""More classes than fit are scrolled."""


class MatrixCard(Card):
    """Confusion matrix of the newest evaluation; once the run has ended, of the step that is kept."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self.matrix = ConfusionMatrix(theme, compact=True)
        self._history: RunHistory | None = None
        self._labels: tuple[Label, ...] = ()
        self._shown: object = None
        self.body.setContentsMargins(16, 8, 16, 10)
        self.setMinimumWidth(MATRIX_WIDTH)  # the same without a matrix: its coming must not move the plots
        self._area = scrolled_on_card(self.matrix)
        self._empty = text_label(role="hint", size="small", wrap=True)
        self.body.addWidget(self._empty)
        self.body.addWidget(self._area)

    def show_run(self, history: RunHistory | None, labels: Sequence[Label]) -> None:
        """Shows an evaluation of a run; ``labels`` in the order of its classes."""
        self._history, self._labels = history, tuple(labels)
        self._shown = None
        self.refresh()

    def refresh(self) -> None:
        """Looks whether there is a newer evaluation."""
        event = None
        if self._history is not None:
            history = self._history
            # At work there may be figures of the test part of the trial before: not what the plots show.
            event = history.last_valid if history.state.is_active else history.best_valid or history.last_test
        if event is self._shown and self._shown is not None:
            return
        self._shown = event
        fits = event is not None and len(event.confusion) == len(self._labels) > 0
        self._area.setVisible(fits)
        self._empty.setVisible(not fits)
        subtitle = ""
        if event is not None and fits:
            self.matrix.show_matrix(self._labels, event.confusion)
            self._area.setFixedHeight(min(self.matrix.sizeHint().height() + 2, MATRIX_HEIGHT))
            words = (
                self.tr("step {step} · {rows} rows")
                if event.split == "valid"
                else self.tr("step {step} · {rows} rows of the test part")
            )
            subtitle = words.format(
                step=formats.number(event.step), rows=formats.number(sum(map(sum, event.confusion)))
            )
        self.set_title(self.tr("Confusion matrix"), subtitle)

    def retranslate(self) -> None:
        self._empty.setText(self.tr("Appears with the first evaluation."))
        self.matrix.retranslate()
        self._shown = None
        self.refresh()


class LogCard(Card):
    """The last lines of the log; all of them on demand."""

    all_wanted = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self._history: RunHistory | None = None
        self._count = -1
        self.all_button = button(theme=theme, kind="quiet")
        self.all_button.set_dense()
        self.all_button.clicked.connect(self.all_wanted)
        self.header.addWidget(self.all_button)
        self.body.setContentsMargins(16, 8, 16, 8)
        self.body.setSpacing(0)
        self._lines = [
            (text_label(role="hint", size="small"), ElidedLabel(role="second", size="small"))
            for _ in range(MOST_LINES)
        ]
        self._rows = [QWidget() for _ in self._lines]
        self._line_height = self._lines[0][0].fontMetrics().lineSpacing() + 2
        for holder, (clock, words) in zip(self._rows, self._lines, strict=True):
            row = QHBoxLayout(holder)
            row.setContentsMargins(0, 0, 0, 0)
            row.setSpacing(8)
            row.addWidget(clock)
            row.addWidget(words, 1)
            holder.setFixedHeight(self._line_height)
            self.body.addWidget(holder)
        self._show_rows(LINES_SHOWN)
        self.body.addStretch(1)

    def _show_rows(self, count: int) -> None:
        self._shown = count
        for place, holder in enumerate(self._rows):
            holder.setVisible(place < count)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """More lines in a high card; its least height is that of the few."""
        super().resizeEvent(event)
        top = self._rows[0].mapTo(self, QPoint(0, 0)).y()
        room = event.size().height() - top - self.body.contentsMargins().bottom()
        count = max(LINES_SHOWN, min(MOST_LINES, room // self._line_height))
        if count != self._shown:
            self._show_rows(count)
            self._count = -1
            self.refresh()

    def minimumSizeHint(self) -> QSize:
        """That of the few lines, however many are shown: what asks for the room that it was given never
        gives it back."""
        margins = self.body.contentsMargins()
        inner = margins.top() + margins.bottom() + LINES_SHOWN * self._line_height
        bar = max(self._bar.minimumHeight(), self._bar.sizeHint().height())
        return QSize(super().minimumSizeHint().width(), 3 + bar + inner)  # frame and line: 3

    def show_run(self, history: RunHistory | None) -> None:
        self._history = history
        self._count = -1
        self.refresh()

    def refresh(self) -> None:
        """Writes the last lines again when there are new ones."""
        log = list(self._history.log)[-40:] if self._history is not None else []
        count = len(self._history.log) if self._history is not None else 0
        if count == self._count and count < 1000:
            return
        self._count = count
        lines = _lines_of(log)[-self._shown :]
        for index, (clock, place) in enumerate(self._lines):
            at, text = lines[index] if index < len(lines) else ("", "")
            clock.setText(at)
            place.set_text(text)

    def retranslate(self) -> None:
        self.set_title(self.tr("Log"))
        self.all_button.setText(self.tr("All"))
        self._count = -1
        self.refresh()


def _lines_of(log: Iterable[Event]) -> list[tuple[str, str]]:
    """When and what; a stage that is told again and again is one line."""
    lines: list[tuple[str, str]] = []
    for event in log:
        for words in (coverage_words(event), event_words(event)):
            if words and not (lines and lines[-1][1] == words):
                lines.append((event_clock(event), words))
    return lines


def log_text(history: RunHistory, worker_log: str) -> str:
    """The whole log as text: what happened, then what the process wrote."""
    lines = [f"{clock}  {words}" for clock, words in _lines_of(history.log)]
    if worker_log.strip():
        lines += ["", "— worker.log —", worker_log.rstrip()]
    return "\n".join(lines)


class LogDialog(QDialog):
    """All lines, to read and to copy."""

    def __init__(self, title: str, text: str, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self.setWindowTitle(title)
        self.resize(720, 480)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 20, 24, 20)
        layout.setSpacing(12)
        layout.addWidget(text_label(title, size="label", bold=True))
        self.field = QPlainTextEdit(text)
        self.field.setReadOnly(True)
        self.field.setFont(font("mono"))
        self.field.setAccessibleName(title)
        layout.addWidget(self.field, 1)
        row = QHBoxLayout()
        row.setSpacing(8)
        copy = button(self.tr("Copy"), theme=theme, icon="copy")
        copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(text))
        close = button(self.tr("Close"), theme=theme, kind="primary")
        close.clicked.connect(self.accept)
        row.addStretch(1)
        row.addWidget(copy)
        row.addWidget(close)
        layout.addLayout(row)
