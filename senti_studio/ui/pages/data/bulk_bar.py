"""What can be done with the chosen rows; in view only while some are chosen."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QFrame, QHBoxLayout, QMenu, QWidget

from senti_studio.domain.labels import Label
from senti_studio.ui.fonts import font
from senti_studio.ui.formats import number
from senti_studio.ui.i18n import counted, marked, tr
from senti_studio.ui.pages.label.keys import key_of
from senti_studio.ui.theme import Theme
from senti_studio.ui.widgets.buttons import button
from senti_studio.ui.widgets.keycap import keycap_width, paint_keycap
from senti_studio.ui.widgets.marks import paint_mark
from senti_studio.ui.widgets.progress import progress_bar
from senti_studio.ui.widgets.styles import line, text_label

_SHOWN = 4


class GiveButton(QAbstractButton):
    """A small label button: key, shape, word."""

    def __init__(self, label: Label, key: str, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._key = key
        self.label = label
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAccessibleName(f"{key} {label.name}")
        self.setFixedSize(self.sizeHint())

    def sizeHint(self) -> QSize:
        words = min(120, QFontMetrics(font("ui")).horizontalAdvance(self.label.name))
        return QSize(8 + keycap_width(self._key) + 8 + 10 + 6 + words + 12, 32)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        theme = self._theme
        ground = (
            "sunken" if self.isDown() or not self.isEnabled() else "hover" if self.underMouse() else "surface"
        )
        painter.setPen(
            QPen(theme.colour("accent" if self.hasFocus() else "border-btn"), 2 if self.hasFocus() else 1)
        )
        painter.setBrush(theme.colour(ground))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 6, 6)
        wide = keycap_width(self._key)
        paint_keycap(painter, QRectF(8, 6, wide, 20), self._key, theme)
        left = 8 + wide + 8
        paint_mark(painter, QRectF(left, 11, 10, 10), self.label.appearance, theme)
        painter.setFont(font("ui"))
        painter.setPen(theme.colour("text" if self.isEnabled() else "disabled"))
        room = QRectF(left + 16, 0, self.width() - left - 22, 32)
        name = QFontMetrics(font("ui")).elidedText(
            self.label.name, Qt.TextElideMode.ElideRight, int(room.width())
        )
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, name)


class BulkBar(QFrame):
    """56 px; sends what was clicked."""

    label_wanted = Signal(int)
    clear_wanted = Signal()
    all_wanted = Signal()
    none_wanted = Signal()
    exclude_wanted = Signal(bool)
    export_wanted = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("pageHeader")
        self._theme = theme
        self._labels: Sequence[Label] = ()
        self._state = (0, 0, False)
        self.setFixedHeight(56)
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 0, 16, 0)
        row.setSpacing(8)
        self.count = text_label(bold=True)
        self.all = button(theme=theme, kind="link")
        self.all.clicked.connect(lambda: self.all_wanted.emit())
        bar = line(vertical=True)
        bar.setFixedHeight(20)
        self._give = text_label(role="second")
        self._places = QHBoxLayout()
        self._places.setSpacing(8)
        self.more = button(theme=theme)
        self.more.setMenu(QMenu(self))
        self.clear = button(theme=theme)
        self.clear.clicked.connect(lambda: self.clear_wanted.emit())
        self.exclude = button(theme=theme)
        self.exclude.setMenu(QMenu(self))
        self._leave_out = self.exclude.menu().addAction("")
        self._take_in = self.exclude.menu().addAction("")
        self._leave_out.triggered.connect(lambda: self.exclude_wanted.emit(True))
        self._take_in.triggered.connect(lambda: self.exclude_wanted.emit(False))
        self.export = button(theme=theme, icon="export")
        self.export.clicked.connect(lambda: self.export_wanted.emit())
        self.none = button(theme=theme, kind="quiet", key="Esc")
        self.none.clicked.connect(lambda: self.none_wanted.emit())
        for widget in (self.count, self.all, bar, self._give):
            row.addWidget(widget)
        row.addLayout(self._places)
        row.addWidget(self.more)
        row.addWidget(self.clear)
        row.addWidget(self.exclude)
        row.addWidget(self.export)
        row.addStretch(1)
        row.addWidget(self.none)
        self.buttons: list[GiveButton] = []

    def retranslate(self) -> None:
        self._give.setText(tr("Label as"))
        self.more.setText(tr("More labels"))
        self.clear.setText(tr("Clear labels"))
        self.exclude.setText(tr("Exclude"))
        self._leave_out.setText(tr("Exclude from training"))
        self._take_in.setText(tr("No longer exclude"))
        self.export.setText(tr("Export selection"))
        self.none.setText(tr("Unselect"))
        self.show_selection(*self._state)

    def set_labels(self, labels: Sequence[Label]) -> None:
        if labels == self._labels:
            return
        self._labels = labels
        for old in self.buttons:
            self._places.removeWidget(old)
            old.deleteLater()
        self.buttons = []
        for place, label in enumerate(labels[:_SHOWN]):
            made = GiveButton(label, key_of(place), self._theme)
            made.clicked.connect(lambda _=False, which=place: self.label_wanted.emit(which))
            self._places.addWidget(made)
            self.buttons.append(made)
        menu = self.more.menu()
        menu.clear()
        for place, label in enumerate(labels[_SHOWN:], _SHOWN):
            action = menu.addAction(f"{key_of(place)}  {label.shape} {label.name}".replace("&", "&&"))
            action.triggered.connect(lambda _=False, which=place: self.label_wanted.emit(which))
        self.more.setVisible(len(labels) > _SHOWN)

    def show_selection(self, count: int, total: int, is_all: bool) -> None:
        """``count`` of ``total`` rows are chosen; ``is_all`` = whatever the view holds."""
        self._state = (count, total, is_all)
        text = counted(count, marked("1 row selected"), marked("{n} rows selected"))
        if is_all and count > 1:
            text = tr("All {n} rows selected")
        self.count.setText(text.format(n=number(count)))
        self.all.setText(tr("Select all {n} rows").format(n=number(total)))
        self.all.setVisible(not is_all)

    def set_busy(self, busy: bool) -> None:
        for widget in (*self.buttons, self.more, self.clear, self.exclude):
            widget.setEnabled(not busy)


class BulkProgress(QFrame):
    """40 px: how far a change of many rows is, and a way to stop it."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("pageHeader")
        self.setFixedHeight(44)
        self.words = text_label(role="second")
        self.bar = progress_bar()
        self.stop = button(theme=theme)
        self.stop.set_dense()
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 0, 16, 0)
        row.setSpacing(12)
        row.addWidget(self.words)
        row.addWidget(self.bar, 1)
        row.addWidget(self.stop)

    def retranslate(self) -> None:
        self.stop.setText(tr("Stop"))

    def show_progress(self, done: int, total: int, *, can_stop: bool) -> None:
        """Rows changed so far."""
        self.bar.setRange(0, max(1, total))
        self.bar.setValue(done)
        words = tr("{done} of {total} rows").format(done=number(done), total=number(total))
        self.words.setText(words)
        self.stop.setVisible(can_stop)
        self.setVisible(True)
