"""The right side of the home page: five steps, this computer, language and theme."""

from __future__ import annotations

import shutil

from PySide6.QtCore import QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import (
    QComboBox,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QSizePolicy,
    QSpacerItem,
    QVBoxLayout,
    QWidget,
)

from senti_studio.paths import data_folder
from senti_studio.ui import formats
from senti_studio.ui.choices import LANGUAGE_CHOICES, THEME_CHOICES, fill_choices
from senti_studio.ui.context import UiContext
from senti_studio.ui.i18n import marked, tr
from senti_studio.ui.icons import pixmap
from senti_studio.ui.theme import Theme
from senti_studio.ui.widgets.styles import set_style, text_label

STEPS = (
    (
        "import",
        marked("Import data"),
        marked("CSV, Excel, JSON and more. Encoding is decided for you, bad bytes listed, ids stay text."),
    ),
    (
        "tag",
        marked("Label by keyboard"),
        marked("1, 2, 3 labels a comment and goes on to the next. Undo at any time."),
    ),
    (
        "train",
        marked("Train a model"),
        marked("LSTM or GRU, with live curves. Stop at any time and keep the best."),
    ),
    (
        "eval",
        marked("Evaluate and correct"),
        marked("Click a cell of the confusion matrix to see its comments, correct labels, train again."),
    ),
    (
        "classify",
        marked("Classify and export"),
        marked("Classify new files. What is exported opens in Excel at once."),
    ),
)
TIGHT = 10 * 1024**3
WIDTH, LEAST_WIDTH, WIDE_ENOUGH = 432, 300, 320


def _giving_way(height: int) -> QSpacerItem:
    """Room that a low window needs for other things."""
    return QSpacerItem(0, height, QSizePolicy.Policy.Minimum, QSizePolicy.Policy.Maximum)


class StepIcon(QWidget):
    """40 × 40 square with the icon, and the line that leads down to the next step."""

    def __init__(self, icon: str, theme: Theme, *, last: bool) -> None:
        super().__init__()
        self._icon_name = icon
        self._theme = theme
        self._last = last
        self.setFixedWidth(40)
        theme.changed.connect(self.update)

    def sizeHint(self) -> QSize:
        return QSize(40, 60)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(self._theme.colour("accent-line"), 1))
        painter.setBrush(self._theme.colour("accent-soft"))
        painter.drawRoundedRect(QRectF(0.5, 0.5, 39, 39), 8, 8)
        ratio = self.devicePixelRatioF()
        painter.drawPixmap(
            11, 11, pixmap(self._icon_name, self._theme, token="accent-text", size=18, scale=ratio)
        )
        if not self._last:
            painter.setPen(QPen(self._theme.colour("border-btn"), 1))
            painter.drawLine(20, 46, 20, self.height() - 6)


class MachineCard(QFrame):
    """This computer: processor or graphics card, disk."""

    def __init__(self, context: UiContext) -> None:
        super().__init__()
        self._context = context
        self.setProperty("card", "sunken")
        self._picture = QLabel()
        self._title = text_label(bold=True)
        self._rows = [(text_label(role="hint"), text_label(), text_label(size="small")) for _ in range(3)]
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(self._picture)
        head.addWidget(self._title)
        head.addStretch(1)
        grid = QGridLayout()
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(4)
        for number, labels in enumerate(self._rows):
            for column, label in enumerate(labels):
                side = Qt.AlignmentFlag.AlignRight if column == 2 else Qt.AlignmentFlag.AlignLeft
                grid.addWidget(label, number, column, side)
        grid.setColumnMinimumWidth(0, 64)
        grid.setColumnStretch(1, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 12, 16, 12)
        layout.setSpacing(8)
        layout.addLayout(head)
        layout.addLayout(grid)
        context.machine.changed.connect(self.retranslate)
        context.theme.changed.connect(self.retranslate)

    def resizeEvent(self, event: QResizeEvent) -> None:
        # Where it is narrow the facts stay readable; what they mean is said in the tip.
        for _, _, note in self._rows:
            note.setVisible(event.size().width() >= WIDE_ENOUGH)
        super().resizeEvent(event)

    @Slot()
    def retranslate(self) -> None:
        theme, machine = self._context.theme, self._context.machine
        self._picture.setPixmap(pixmap("chip", theme, token="text", scale=self.devicePixelRatioF()))
        self._title.setText(tr("This computer"))
        cards = [device for device in machine.devices if device.is_graphics_card]
        processors = [device for device in machine.devices if not device.is_graphics_card]
        unknown = tr("looking…")
        graphics = unknown if not machine.is_known else (cards[0].name if cards else tr("none"))
        advice = (tr("trains fast") if cards else tr("the processor trains")) if machine.is_known else ""
        self._fill(0, tr("Graphics card"), graphics, advice, bool(cards))
        name = processors[0].name if processors else unknown
        memory = formats.size(processors[0].memory_total) if processors and processors[0].memory_total else ""
        self._fill(1, tr("Processor"), name, memory, False)
        free = shutil.disk_usage(data_folder()).free
        enough = tr("enough") if free > TIGHT else tr("getting tight")
        self._fill(2, tr("Disk"), tr("{size} free").format(size=formats.size(free)), enough, free > TIGHT)
        self.setAccessibleName(self._title.text())

    def _fill(self, row: int, name: str, value: str, note: str, good: bool) -> None:
        labels = self._rows[row]
        for label, text in zip(labels, (name, value, note), strict=True):
            label.setText(text)
        labels[1].setToolTip(f"{value}  {note}".strip())
        labels[1].setMinimumWidth(40)
        set_style(labels[2], "role", "good" if good else "hint")


class SidePanel(QFrame):
    """`language_chosen` and `theme_chosen` carry the stored value."""

    language_chosen = Signal(str)
    theme_chosen = Signal(str)

    def __init__(self, context: UiContext) -> None:
        super().__init__()
        self._context = context
        self.setProperty("card", "side")
        self.setMinimumWidth(LEAST_WIDTH)
        self.setMaximumWidth(WIDTH)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(32, 20, 32, 12)
        layout.setSpacing(0)
        layout.addSpacerItem(_giving_way(24))
        self._title = text_label(size="label", bold=True)
        layout.addWidget(self._title)
        layout.addSpacing(20)
        self._steps: list[tuple[QLabel, QLabel]] = []
        for number, (icon, _, _) in enumerate(STEPS, start=1):
            layout.addLayout(self._step(number, icon))
        self.machine = MachineCard(context)
        layout.addWidget(self.machine)
        layout.addSpacing(16)
        self.language = QComboBox()
        self.theme = QComboBox()
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self.language)
        row.addWidget(self.theme)
        row.addStretch(1)
        layout.addLayout(row)
        layout.addStretch(1)
        self.language.activated.connect(lambda _: self.language_chosen.emit(self.language.currentData()))
        self.theme.activated.connect(lambda _: self.theme_chosen.emit(self.theme.currentData()))

    def set_wide(self, wide: bool) -> None:
        """``wide``: it has the whole width of the page."""
        self.setMaximumWidth(16_777_215 if wide else WIDTH)

    def _step(self, number: int, icon: str) -> QHBoxLayout:
        digit = text_label(str(number), role="good", bold=True)
        title, text = text_label(bold=True), text_label(role="second", wrap=True)
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(digit)
        head.addWidget(title, 1)
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addLayout(head)
        words.addWidget(text)
        words.addSpacing(8)
        words.addSpacerItem(_giving_way(16))
        row = QHBoxLayout()
        row.setSpacing(16)
        row.addWidget(StepIcon(icon, self._context.theme, last=number == len(STEPS)))
        row.addLayout(words, 1)
        self._steps.append((title, text))
        return row

    def sizeHint(self) -> QSize:
        return QSize(WIDTH, super().sizeHint().height())

    def retranslate(self) -> None:
        self._title.setText(tr("Five steps"))
        for (title, text), (_, head, words) in zip(self._steps, STEPS, strict=True):
            title.setText(tr(head))
            text.setText(tr(words))
        self.show_choices()
        self.language.setAccessibleName(tr("Language"))
        self.theme.setAccessibleName(tr("Theme"))
        self.machine.retranslate()

    def show_choices(self) -> None:
        """The settings as they are now; the menu changes them as well."""
        settings = self._context.settings
        fill_choices(self.language, LANGUAGE_CHOICES, settings.language)
        fill_choices(self.theme, THEME_CHOICES, settings.theme)
