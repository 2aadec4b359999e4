"""Step 1: choose files, or drop them; several wait in a queue and come one after the other."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDropEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from senti_studio.ui import formats
from senti_studio.ui.context import UiContext
from senti_studio.ui.icons import icon
from senti_studio.ui.widgets.banner import Banner
from senti_studio.ui.widgets.buttons import button
from senti_studio.ui.widgets.styles import text_label

_LISTED = 5


class DropZone(QFrame):
    """A dashed frame that takes files; it becomes accent-coloured while files hover over it."""

    dropped = Signal(list)

    def __init__(self, context: UiContext, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = context.theme
        self._hovered = False
        self.setAcceptDrops(True)
        context.theme.changed.connect(self.update)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Local files only."""
        if any(url.isLocalFile() for url in event.mimeData().urls()):
            event.acceptProposedAction()
            self._hovered = True
            self.update()

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        """Back to the calm frame."""
        self._hovered = False
        self.update()

    def dropEvent(self, event: QDropEvent) -> None:
        """Hands the paths on."""
        self._hovered = False
        self.update()
        paths = [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
        if paths:
            event.acceptProposedAction()
            self.dropped.emit(paths)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Surface and dashed border."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(self._theme.colour("accent-soft" if self._hovered else "surface"))
        pen = QPen(self._theme.colour("accent" if self._hovered else "border-ctl"), 1, Qt.PenStyle.DashLine)
        painter.setPen(pen)
        painter.drawRoundedRect(self.rect().adjusted(1, 1, -2, -2), 8, 8)


class FileStep(QWidget):
    """The drop zone with its button, the queue below, the problem of the last file above."""

    choose_asked = Signal()
    leave_out_asked = Signal()
    """The first file of the list is not wanted after all."""
    dropped = Signal(list)

    def __init__(self, context: UiContext, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self.problem = Banner(theme=context.theme, kind="error", parent=self)
        self.zone = DropZone(context, self)
        self.zone.dropped.connect(self.dropped)
        self._picture = QLabel(self.zone)
        self._title = text_label(size="label", bold=True)
        self._text = text_label(role="second", wrap=True)
        self._text.setFixedWidth(560)
        self.choose = button(" ", kind="primary", icon="folder", theme=context.theme)
        self.choose.clicked.connect(self.choose_asked)
        self.list = text_label(role="second", wrap=True)
        self.list.setFixedWidth(560)
        self.leave_out = button(" ", kind="quiet", theme=context.theme)
        self.leave_out.clicked.connect(self.leave_out_asked)
        self.leave_out.hide()
        self._lay_out()
        self.refresh_theme()

    def _lay_out(self) -> None:
        inside = QVBoxLayout(self.zone)
        inside.setSpacing(8)
        inside.addStretch(2)
        centre = Qt.AlignmentFlag.AlignHCenter
        for part in (self._picture, self._title, self._text):
            inside.addWidget(part, 0, centre)
        self._text.setAlignment(centre | Qt.AlignmentFlag.AlignTop)
        row = QHBoxLayout()
        row.addStretch()
        row.addWidget(self.choose)
        row.addStretch()
        inside.addSpacing(8)
        inside.addLayout(row)
        inside.addSpacing(8)
        inside.addWidget(self.list, 0, centre)
        inside.addWidget(self.leave_out, 0, centre)
        inside.addStretch(3)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 16, 24, 16)
        layout.setSpacing(16)
        layout.addWidget(self.problem)
        layout.addWidget(self.zone, 1)

    def retranslate(self) -> None:
        """All texts."""
        self._title.setText(self.tr("Choose the files with your comments"))
        self._text.setText(
            self.tr(
                "CSV, TSV, TXT, Excel (.xlsx), JSON, JSONL or Parquet, "
                "also exports of Label Studio and doccano; drop files or a folder here, or choose them. "
                "You will see how each file is read before anything is written."
            )
        )
        self._text.setMinimumHeight(max(0, self._text.heightForWidth(560)))
        self.choose.setText(self.tr("Choose files…"))

    def refresh_theme(self) -> None:
        """Tints the picture."""
        self._picture.setPixmap(icon("import", self._context.theme, token="text3", size=48).pixmap(48, 48))

    def show_list(self, paths: Sequence[Path], *, is_first_open: bool) -> None:
        """Names of the files in the list; ``is_first_open``: the first of them is the one at work."""
        names = "、".join(path.name for path in paths[:_LISTED])
        if len(paths) > _LISTED:
            names += "…"
        text = self.tr("Files in the list: {count} ({names})")
        self.list.setText(text.format(count=formats.number(len(paths)), names=names) if paths else "")
        self.list.setToolTip("\n".join(path.name for path in paths[:200]))
        self.list.setAlignment(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop)
        self.list.setMinimumHeight(max(0, self.list.heightForWidth(560)) if paths else 0)
        self.leave_out.setVisible(is_first_open)
        if is_first_open:
            metrics = self.fontMetrics()
            name = metrics.elidedText(paths[0].name, Qt.TextElideMode.ElideMiddle, 240)
            self.leave_out.setText(self.tr("Take {name} off the list").format(name=name))
