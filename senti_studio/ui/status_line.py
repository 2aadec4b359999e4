"""The status bar: facts of the page or the running job at the left, device and memory at the right."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QLabel, QStatusBar, QToolButton, QWidget

from senti_studio.ui import formats
from senti_studio.ui.context import UiContext
from senti_studio.ui.fonts import font
from senti_studio.ui.i18n import tr
from senti_studio.ui.icons import icon, pixmap
from senti_studio.ui.people.annotator_chip import AnnotatorChip
from senti_studio.ui.widgets.styles import text_label


class StatusLine(QStatusBar):
    """`job_clicked` when the user wants to see the running job."""

    job_clicked = Signal()

    def __init__(self, context: UiContext, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self.setSizeGripEnabled(False)
        self.setFixedHeight(28)
        self.job = QToolButton()
        self.job.setFont(font("small"))
        self.job.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.job.setIconSize(QSize(14, 14))
        self.job.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.job.clicked.connect(self.job_clicked)
        self.job.hide()
        self.left = text_label(size="small")
        self._chip = QLabel()
        self.right = text_label(size="small")
        box = QWidget()
        row = QHBoxLayout(box)
        row.setContentsMargins(16, 0, 16, 0)
        row.setSpacing(8)
        row.addWidget(self.job)
        row.addWidget(self.left, 1)
        self.annotator = AnnotatorChip(context)
        row.addWidget(self.annotator)
        row.addWidget(self._chip)
        row.addWidget(self.right)
        self.addWidget(box, 1)
        context.machine.changed.connect(self.retranslate)
        context.theme.changed.connect(self.retranslate)

    @Slot(str)
    def show_text(self, text: str) -> None:
        self.left.setText(text)

    def show_job(self, text: str) -> None:
        """A running job (empty: none)."""
        self.job.setText(text)
        self.job.setAccessibleName(text)
        self.job.setVisible(bool(text))

    @Slot()
    def retranslate(self) -> None:
        theme = self._context.theme
        self.annotator.retranslate()
        self.job.setIcon(icon("train", theme, token="accent-text", size=14))
        self._chip.setPixmap(pixmap("chip", theme, size=14, scale=self.devicePixelRatioF()))
        device = self._context.machine.best
        self._chip.setVisible(device is not None)
        if device is None:
            self.right.setText("")
            return
        text = device.name or tr("Processor")
        if device.memory_total and device.memory_free:
            used = formats.size(device.memory_total - device.memory_free)
            text += " · " + tr("memory {used} / {total}").format(
                used=used, total=formats.size(device.memory_total)
            )
        self.right.setText(text)
