"""Of a run that is shown: how much of a comment it reads, and how many comments that cuts short."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QWidget

from senti_studio.domain.architectures import options_of
from senti_studio.domain.specs import TrainingSpec
from senti_studio.ui import formats
from senti_studio.ui.pages.train.history import RunHistory
from senti_studio.ui.widgets.elided import ElidedLabel
from senti_studio.ui.widgets.styles import set_style, text_label

MANY = 0.05
"""A larger share of comments that lose their middle is no trifle."""


class RunLengthLine(QWidget):
    """One line; nothing at all for what reads whole comments."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._title, self.words = text_label(role="hint", size="small"), ElidedLabel(size="small")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 4, 0, 0)
        row.setSpacing(8)
        row.addWidget(self._title)
        row.addWidget(self.words, 1)
        self.hide()

    def show_run(self, history: RunHistory) -> None:
        """What is known by now: the share is measured when the comments have been read."""
        spec = history.spec
        is_cut = spec is not None and "max_length" in options_of(spec.architecture)
        self.setVisible(is_cut)
        if spec is None or not is_cut:
            return
        self._title.setText(self.tr("Reads at most"))
        share = history.cut_share
        self.words.set_text(f"{self._length(spec, history)} · {self._cut(spec, share)}")
        self.words.setAccessibleName(f"{self._title.text()} {self.words.whole}")
        set_style(self.words, "role", "warn" if share is not None and share > MANY else "second")

    def _length(self, spec: TrainingSpec, history: RunHistory) -> str:
        read = history.read
        length = read.max_length if read is not None else spec.options.max_length
        if not length:
            return self.tr("automatic")
        return self.tr("{length} units").format(length=formats.number(length))

    def _cut(self, spec: TrainingSpec, share: float | None) -> str:
        if spec.options.windows and "windows" in options_of(spec.architecture):
            return self.tr("longer ones in windows")
        if share is None:
            return self.tr("cut: not known yet")
        return self.tr("{share} cut").format(share=formats.small_share(share))
