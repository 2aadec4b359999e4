"""Before the start: how the labelled comments are split, and how many there are of each class."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPainterPath, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QComboBox, QSizePolicy, QWidget

from senti_studio.ui import formats
from senti_studio.ui.fonts import font
from senti_studio.ui.i18n import counted, marked
from senti_studio.ui.pages.train.plan_view import PARTS, PlanView
from senti_studio.ui.theme import Theme
from senti_studio.ui.widgets.card import Card
from senti_studio.ui.widgets.marks import paint_mark
from senti_studio.ui.widgets.scrolled import scrolled_on_card
from senti_studio.ui.widgets.styles import line, text_label

_PARTS = {
    "train": (marked("Training part"), marked("learns from these"), "accent"),
    "valid": (marked("Validation part"), marked("measures progress"), "accent-line"),
    "test": (marked("Test part"), marked("never seen in training"), "border-ctl"),
}
_ROW = 34
_HEADER_GAPS = 16 + 12 + 4 * 8 + 2
"""Margins, spaces and frame of the header."""


class SplitBar(QWidget):
    """One bar in three pieces with their numbers."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._plan = PlanView()
        self.setFixedHeight(80)

    def show_plan(self, plan: PlanView) -> None:
        self._plan = plan
        self._describe()
        self.update()

    def _describe(self) -> None:
        self.setAccessibleName(self.tr("Split"))
        words = [f"{self.tr(_PARTS[part][0])} {self._number(part)}" for part in PARTS]
        self.setAccessibleDescription(", ".join(words))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        rows = {part: self._plan.rows.get(part, 0) for part in PARTS}
        total = sum(rows.values())
        outline = QPainterPath()
        outline.addRoundedRect(QRectF(0, 4, self.width(), 16), 8, 8)
        painter.fillPath(outline, self._theme.colour("sunken"))
        painter.setClipPath(outline)
        x = 0.0
        for part in PARTS:
            width = self.width() * rows[part] / total if total else 0.0
            painter.fillRect(QRectF(x, 4, max(0.0, width - 2), 16), self._theme.colour(_PARTS[part][2]))
            x += width
        painter.setClipping(False)
        column = self.width() / len(PARTS)
        for index, part in enumerate(PARTS):
            self._paint_words(painter, index * column, column, part, rows[part], total)

    def _number(self, part: str) -> str:
        """Nothing is not 0: while hundreds of thousands of labels are counted nobody knows yet."""
        return formats.number(self._plan.rows.get(part, 0)) if self._plan.rows else formats.MISSING

    def _paint_words(
        self, painter: QPainter, x: float, width: float, part: str, rows: int, total: int
    ) -> None:
        title, words, token = _PARTS[part]
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._theme.colour(token))
        painter.drawRoundedRect(QRectF(x, 40, 10, 10), 3, 3)
        painter.setFont(font("ui", bold=True))
        painter.setPen(self._theme.colour("text"))
        number = f" {self._number(part)}"
        room = int(width - 22) - painter.fontMetrics().horizontalAdvance(number)
        text = painter.fontMetrics().elidedText(self.tr(title), Qt.TextElideMode.ElideRight, room) + number
        painter.drawText(QRectF(x + 18, 35, width - 22, 20), Qt.AlignmentFlag.AlignVCenter, text)
        painter.setFont(font("small"))
        painter.setPen(self._theme.colour("text3"))
        share = formats.percent(rows / total) if total else formats.MISSING
        second = f"{share} · {self.tr(words)}"
        if painter.fontMetrics().horizontalAdvance(second) > width - 22:
            second = self.tr(words)  # how large the share is the bar shows, too
        second = painter.fontMetrics().elidedText(second, Qt.TextElideMode.ElideRight, int(width - 22))
        painter.drawText(QRectF(x + 18, 56, width - 22, 20), Qt.AlignmentFlag.AlignVCenter, second)


class ClassBars(QWidget):
    """A bar for each class; every bar carries its word and number."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._plan = PlanView()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_plan(self, plan: PlanView) -> None:
        self._plan = plan
        self.setAccessibleName(self.tr("Classes"))
        self.setAccessibleDescription(
            ", ".join(f"{each.name} {formats.number(plan.by_label.get(each.key, 0))}" for each in plan.labels)
        )
        self.setFixedHeight(self.sizeHint().height())
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(400, max(1, len(self._plan.labels)) * _ROW)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        counts = [self._plan.by_label.get(label.key, 0) for label in self._plan.labels]
        total = sum(counts)
        for index, label in enumerate(self._plan.labels):
            middle = index * _ROW + _ROW / 2
            paint_mark(painter, QRectF(0, middle - 5, 10, 10), label.appearance, self._theme)
            painter.setFont(font("ui"))
            painter.setPen(self._theme.colour("text"))
            name = painter.fontMetrics().elidedText(label.name, Qt.TextElideMode.ElideMiddle, 110)
            painter.drawText(QRectF(18, middle - 10, 114, 20), Qt.AlignmentFlag.AlignVCenter, name)
            room = self.width() - 136 - 130
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self._theme.colour("sunken"))
            painter.drawRoundedRect(QRectF(136, middle - 5, room, 10), 5, 5)
            if counts[index]:
                painter.setBrush(self._theme.label_colours(label.appearance).mark)
                painter.drawRoundedRect(
                    QRectF(136, middle - 5, max(10.0, room * counts[index] / total), 10), 5, 5
                )
            share = formats.percent(counts[index] / total) if total else formats.MISSING
            painter.setPen(self._theme.colour("text2"))
            place = QRectF(self.width() - 120, middle - 10, 112, 20)
            flags = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight
            painter.drawText(place, flags, f"{formats.number(counts[index])} · {share}")


class PlanCard(Card):
    """Stands where the plots will be; `group_chosen` with the column that keeps comments together."""

    group_chosen = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self._split, self._classes = SplitBar(theme), ClassBars(theme)
        self._plan = PlanView()
        self.group = self._make_group()
        self.body.setContentsMargins(16, 20, 16, 16)
        self.body.setSpacing(12)
        self.body.addWidget(self._split)
        self.together = text_label(role="second", size="small", wrap=True)
        self.body.addWidget(self.together)
        self.body.addWidget(line())
        self._title = text_label(bold=True)
        self._note = text_label(role="hint", size="small", wrap=True)
        self.body.addSpacing(4)
        self.body.addWidget(self._title)
        self.body.addWidget(scrolled_on_card(self._classes), 1)
        self.body.addWidget(self._note)

    def _make_group(self) -> QComboBox:
        """Beside identical texts: what else keeps comments on one side."""
        group = QComboBox()
        group.setObjectName("group_column")
        group.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        group.setMinimumContentsLength(8)
        group.setMaximumWidth(180)
        group.activated.connect(lambda _: self.group_chosen.emit(self.group_column))
        self._group_title = text_label(role="hint", size="small")
        self._group_title.setBuddy(group)
        self.header.addWidget(self._group_title)
        self.header.addWidget(group)
        return group

    @property
    def group_column(self) -> str:
        """The original column whose comments stay together; "" for none."""
        return str(self.group.currentData() or "")

    def set_group_column(self, column: str) -> None:
        """Chooses without sending `group_chosen`; a column that is not there is added, so that it is seen."""
        self._fill_group(column)

    def _fill_group(self, chosen: str) -> None:
        names = [*self._plan.columns, *([chosen] if chosen and chosen not in self._plan.columns else [])]
        self.group.clear()
        self.group.addItem(self.tr("none"), "")
        for name in names:
            self.group.addItem(name, name)
        self.group.setCurrentIndex(max(0, self.group.findData(chosen)))
        self.group.setEnabled(len(names) > 0)

    def _write_together(self) -> None:
        """What would have leaked."""
        text = counted(
            self._plan.avoided,
            marked("Drawn row by row, about one row would have had a relative on the other side."),
            marked("Drawn row by row, about {n} rows would have had a relative on the other side."),
        )
        self.together.setText(text.format(n=formats.number(self._plan.avoided)) if self._plan.avoided else "")
        self.together.setVisible(bool(self._plan.avoided))

    def clear(self) -> None:
        """Another project: to count a million comments takes a while, and nothing of the old one stands here
        meanwhile."""
        self.set_group_column("")
        self.show_plan(PlanView())

    def show_plan(self, plan: PlanView) -> None:
        if plan.problem is not None and not plan.columns:
            plan = replace(plan, columns=self._plan.columns)
        self._plan = plan
        if list(plan.columns) != [self.group.itemData(n) for n in range(1, self.group.count())]:
            self._fill_group(self.group_column)
        self._write_together()
        self._split.show_plan(plan)
        self._classes.show_plan(plan)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_header()

    def _fit_header(self) -> None:
        """The words beside the title give way to what can be chosen, whole."""
        others = (self.title_label, self._group_title, self.group)
        taken = sum(min(each.sizeHint().width(), each.maximumWidth()) for each in others)
        room = self.width() - taken - _HEADER_GAPS
        self.subtitle_label.setVisible(self.subtitle_label.sizeHint().width() <= room)

    def retranslate(self) -> None:
        self.set_title(self.tr("What is learnt from"), self.tr("copies stay on one side"))
        self._group_title.setText(self.tr("Also keep together by"))
        self.group.setAccessibleName(self.tr("What else stays on one side"))
        self._fill_group(self.group_column)
        self._title.setText(self.tr("Classes"))
        self._note.setText(
            self.tr("The curves of loss and accuracy appear here as soon as training has started.")
        )
        self.show_plan(self._plan)
        self._fit_header()

    def refresh_theme(self) -> None:
        self._split.update()
        self._classes.update()
