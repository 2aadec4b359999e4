"""Progress of one job: name, per cent, rows, speed, time left, cancel; never a fake per cent."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QSizePolicy, QVBoxLayout, QWidget

from senti_studio.ui import formats
from senti_studio.ui.i18n import tr
from senti_studio.ui.theme import Theme
from senti_studio.ui.widgets.buttons import Button
from senti_studio.ui.widgets.styles import set_style, text_label


def progress_bar(*, thin: bool = False) -> QProgressBar:
    """A bar without words, 8 px high (4 thin); 0 … 1000."""
    bar = QProgressBar()
    bar.setRange(0, 1000)
    bar.setTextVisible(False)
    if thin:
        bar.setProperty("thin", "true")
    return bar


class JobProgress(QWidget):
    """Feed it `set_progress`; `cancelled` is sent by its button."""

    cancelled = Signal()

    def __init__(self, title: str = "", *, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.title = text_label(title, bold=True)
        self.hint = text_label(role="hint", size="small")
        self.cancel = Button(tr("Cancel"), theme=theme)
        self.cancel.set_dense()
        self.cancel.clicked.connect(self.cancelled)
        self.bar = progress_bar()
        self.per_cent = text_label(bold=True)
        self.rows = text_label(role="second", size="small")
        self.left = text_label(role="second", size="small")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        for widgets in (
            (self.title, self.hint, None, self.cancel),
            (self.bar, self.per_cent),
            (self.rows, None, self.left),
        ):
            row = QHBoxLayout()
            row.setSpacing(8)
            for widget in widgets:
                if widget is None:
                    row.addStretch(1)
                else:
                    row.addWidget(widget, 1 if widget is self.bar else 0)
            layout.addLayout(row)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.set_progress(None)

    def retranslate(self) -> None:
        self.cancel.setText(tr("Cancel"))

    def set_title(self, title: str, hint: str = "") -> None:
        self.title.setText(title)
        self.hint.setText(hint)
        self.bar.setAccessibleName(title)

    def set_progress(
        self,
        done: float | None,
        total: float | None = None,
        *,
        rows_per_s: float = 0.0,
        eta: float | None = None,
    ) -> None:
        """``done`` of ``total`` rows; None or no total = the bar goes to and fro."""
        if done is None or not total:
            self.bar.setRange(0, 0)
            self.per_cent.setText("")
            self.rows.setText("" if done is None else tr("{n} rows").format(n=formats.number(done)))
            self.left.setText("")
            return
        self.bar.setRange(0, 1000)
        self.bar.setValue(round(1000 * min(1.0, done / total)))
        self.per_cent.setText(formats.percent(min(1.0, done / total), decimals=0))
        counts = tr("{done} / {total} rows").format(done=formats.number(done), total=formats.number(total))
        if rows_per_s > 0:
            counts += " · " + tr("{n} rows/s").format(n=formats.number(round(rows_per_s)))
        self.rows.setText(counts)
        self.left.setText(formats.time_left(eta))

    def set_paused(self, paused: bool) -> None:
        set_style(self.bar, "state", "paused" if paused else "")
