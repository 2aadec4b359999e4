"""The last decisions, newest at the right end; only what is committed. Red when a save failed."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPoint, QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import (
    QFontMetrics,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
    QResizeEvent,
)
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy, QToolTip, QVBoxLayout, QWidget

from senti_studio.domain.journal import HistoryItem, Verb
from senti_studio.domain.labels import Label
from senti_studio.messages import message
from senti_studio.ui.fonts import font
from senti_studio.ui.formats import number, when
from senti_studio.ui.i18n import current_language, tr
from senti_studio.ui.icons import pixmap
from senti_studio.ui.pages.label.saving import SaveFailure
from senti_studio.ui.theme import Theme
from senti_studio.ui.widgets.buttons import button
from senti_studio.ui.widgets.marks import paint_mark
from senti_studio.ui.widgets.styles import set_style, text_label

CARD_WIDTH, CARD_HEIGHT, GAP = 144, 56, 8
_ICONS = {
    Verb.SKIP: "skip",
    Verb.UNSKIP: "skip",
    Verb.FLAG: "flag",
    Verb.UNFLAG: "flag",
    Verb.NOTE: "note",
    Verb.CLEAR: "x",
    Verb.KEEP: "check",
    Verb.ADJUDICATE: "check",
    Verb.MERGE_PROJECT: "import",
}


def verb_text(verb: Verb) -> str:
    """What a card says of a decision that is no label."""
    return {
        Verb.SKIP: tr("Skipped"),
        Verb.UNSKIP: tr("Not skipped"),
        Verb.FLAG: tr("Flagged"),
        Verb.UNFLAG: tr("Flag removed"),
        Verb.NOTE: tr("Note"),
        Verb.CLEAR: tr("Label removed"),
        Verb.KEEP: tr("Label is right"),
        Verb.ADJUDICATE: tr("Decided"),
        Verb.MERGE_PROJECT: tr("Merged"),
    }.get(verb, "")


class HistoryCards(QWidget):
    """As many cards as fit; click, or ← → and Enter, goes back to the comment of one."""

    wanted = Signal(int)
    """Comment id."""
    fitted = Signal()
    """Another number of cards may be in view."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._items: Sequence[HistoryItem] = ()
        self._labels: dict[int, Label] = {}
        self._current: int | None = None
        self._chosen = 0
        self._state: object = None
        self._pictures: dict[object, QPixmap] = {}
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setMouseTracking(True)
        self.setFixedHeight(CARD_HEIGHT)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.update)

    def sizeHint(self) -> QSize:
        return QSize(5 * (CARD_WIDTH + GAP), CARD_HEIGHT)

    def minimumSizeHint(self) -> QSize:
        return QSize(CARD_WIDTH, CARD_HEIGHT)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.fitted.emit()

    def show_items(self, items: Sequence[HistoryItem], labels: Sequence[Label], current: int | None) -> None:
        """``items`` newest first; ``current`` is the comment in view."""
        if all(item.comment_id != current for item in items):
            current = None
        state = (tuple(item.action_id for item in items), tuple(labels), current)
        if state == self._state:
            return  # another comment is in view: no reason to paint all cards again
        self._state = state
        self._items = items
        self._labels = {label.id: label for label in labels}
        self._current = current
        self._chosen = min(self._chosen, max(0, len(items) - 1))
        self.setAccessibleName(tr("History"))
        self.setAccessibleDescription(self._words(items[0]) if items else "")
        self.update()

    def shown(self) -> list[HistoryItem]:
        """The cards in view, left to right: the newest is the last one."""
        count = max(1, (self.width() + GAP) // (CARD_WIDTH + GAP))
        return list(reversed(self._items[:count]))

    def _words(self, item: HistoryItem) -> str:
        label = self._labels.get(item.label_id or 0)
        what = label.name if item.verb is Verb.LABEL and label else verb_text(item.verb)
        if item.count > 1:
            what += f" × {number(item.count)}"
        return f"{what}  {when(item.at)}\n{item.text}"

    def _rect(self, place: int) -> QRectF:
        return QRectF(place * (CARD_WIDTH + GAP), 0, CARD_WIDTH, CARD_HEIGHT)

    def _at(self, position: QPoint) -> HistoryItem | None:
        for place, item in enumerate(self.shown()):
            if self._rect(place).contains(position):
                return item
        return None

    def mousePressEvent(self, event: QMouseEvent) -> None:
        item = self._at(event.position().toPoint())
        if item is not None:
            self.wanted.emit(item.comment_id)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        found = self._at(event.position().toPoint())
        self.setCursor(Qt.CursorShape.PointingHandCursor if found else Qt.CursorShape.ArrowCursor)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Left:
            self._chosen = min(self._chosen + 1, max(0, len(self.shown()) - 1))
        elif event.key() == Qt.Key.Key_Right:
            self._chosen = max(0, self._chosen - 1)
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self._items:
            self.wanted.emit(self._items[self._chosen].comment_id)
        else:
            super().keyPressEvent(event)
            return
        self.update()

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent):
            item = self._at(event.pos())
            if item is not None:
                QToolTip.showText(event.globalPos(), self._words(item), self)
                return True
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(event.rect(), self._theme.colour("surface2"))
        shown = self.shown()
        pictures: dict[object, QPixmap] = {}
        for place, item in enumerate(shown):
            newest = place == len(shown) - 1
            focused = self.hasFocus() and place == len(shown) - 1 - self._chosen
            chosen = focused or item.comment_id == self._current
            label = self._labels.get(item.label_id or 0)
            key = (
                item,
                label,
                newest,
                chosen,
                self._theme.mode,
                current_language(),
                self.devicePixelRatioF(),
            )
            found = self._pictures.get(key)
            picture = found or self._card_picture(item, newest=newest, chosen=chosen)
            pictures[key] = picture
            painter.drawPixmap(self._rect(place).topLeft(), picture)
        self._pictures = pictures

    def _card_picture(self, item: HistoryItem, *, newest: bool, chosen: bool) -> QPixmap:
        """A card rarely changes (chosen, newest no more): it is painted once for each look."""
        ratio = self.devicePixelRatioF()
        picture = QPixmap(round(CARD_WIDTH * ratio), round(CARD_HEIGHT * ratio))
        picture.setDevicePixelRatio(ratio)
        picture.fill(self._theme.colour("surface2"))
        painter = QPainter(picture)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_card(painter, QRectF(0, 0, CARD_WIDTH, CARD_HEIGHT), item, newest=newest, chosen=chosen)
        painter.end()
        return picture

    def _paint_card(
        self, painter: QPainter, rect: QRectF, item: HistoryItem, *, newest: bool, chosen: bool
    ) -> None:
        theme = self._theme
        edge = theme.colour("accent") if chosen or newest else theme.colour("border")
        painter.setPen(QPen(edge, 2 if chosen else 1))
        painter.setBrush(theme.colour("surface"))
        painter.drawRoundedRect(rect.adjusted(1, 1, -1, -1), 8, 8)
        inner = rect.adjusted(12, 8, -10, -6)
        top = QRectF(inner.left(), inner.top(), inner.width(), 18)
        label = self._labels.get(item.label_id or 0)
        if item.verb is Verb.LABEL and label is not None:
            paint_mark(painter, QRectF(top.left(), top.center().y() - 4.5, 9, 9), label.appearance, theme)
            painter.setPen(theme.label_colours(label.appearance).text)
            words = label.name
        else:
            picture = pixmap(_ICONS.get(item.verb, "info"), theme, size=12, scale=self.devicePixelRatioF())
            painter.drawPixmap(QPoint(int(top.left()) - 1, int(top.center().y()) - 6), picture)
            painter.setPen(theme.colour("text2"))
            words = verb_text(item.verb)
        if item.count > 1:
            words += f" × {number(item.count)}"
        self._line(painter, top.adjusted(15, 0, 0, 0), words, bold=True)
        painter.setPen(theme.colour("text2"))
        text = " ".join(item.text.split()) or tr("(blank comment)")
        self._line(painter, QRectF(inner.left(), inner.top() + 21, inner.width(), 18), text, bold=False)

    def _line(self, painter: QPainter, rect: QRectF, text: str, *, bold: bool) -> None:
        face = font("small", bold=bold)
        painter.setFont(face)
        cut = QFontMetrics(face).elidedText(text, Qt.TextElideMode.ElideRight, int(rect.width()))
        painter.drawText(rect, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, cut)


class HistoryStrip(QFrame):
    """History, undo and redo; in its red state the reason, and a button to try again."""

    comment_wanted = Signal(int)
    undo_wanted = Signal()
    redo_wanted = Signal()
    retry_wanted = Signal()
    past_wanted = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("historyStrip")
        self._theme = theme
        self._failure: SaveFailure | None = None
        self.setFixedHeight(80)
        row = QHBoxLayout(self)
        row.setContentsMargins(24, 0, 24, 0)
        row.setSpacing(16)
        self._title = text_label(bold=True)
        self._count = text_label(role="hint", size="small")
        names = QVBoxLayout()
        names.setSpacing(0)
        names.addStretch(1)
        names.addWidget(self._title)
        names.addWidget(self._count)
        self.past = button(theme=theme, kind="quiet", icon="clock")
        self.past.set_dense()
        set_style(self.past, "flush", "true")
        self.past.clicked.connect(lambda: self.past_wanted.emit())
        names.addWidget(self.past, 0, Qt.AlignmentFlag.AlignLeft)
        names.addStretch(1)
        row.addLayout(names)
        self.cards = HistoryCards(theme)
        self.cards.wanted.connect(self.comment_wanted)
        self.cards.fitted.connect(self._show_count)
        row.addWidget(self.cards, 1)
        self._build_failure(row)
        self.undo = button(theme=theme, icon="undo", key="Ctrl+Z")
        self.redo = button(theme=theme, icon="redo", key="Ctrl+Y")
        keys = QVBoxLayout()
        keys.setSpacing(4)
        keys.addStretch(1)
        for made, signal in ((self.undo, self.undo_wanted), (self.redo, self.redo_wanted)):
            made.set_dense()
            made.clicked.connect(lambda _=False, send=signal: send.emit())
            keys.addWidget(made)
        keys.addStretch(1)
        row.addLayout(keys)
        theme.changed.connect(self.refresh_theme)
        self.refresh_theme()
        self.retranslate()

    def _build_failure(self, row: QHBoxLayout) -> None:
        self._what = text_label(role="error", bold=True, wrap=True)
        self._step = text_label(role="error", size="small", wrap=True)
        self._why = QWidget()
        column = QVBoxLayout(self._why)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addStretch(1)
        column.addWidget(self._what)
        column.addWidget(self._step)
        column.addStretch(1)
        self.retry = button(theme=self._theme, kind="danger", icon="refresh")
        self.retry.clicked.connect(lambda: self.retry_wanted.emit())
        row.addWidget(self._why, 1)
        row.addWidget(self.retry)
        self._why.hide()
        self.retry.hide()

    def retranslate(self) -> None:
        self.past.setText(tr("All…"))
        self.past.setToolTip(tr("Everything that was done, and the way back to any moment"))
        self.undo.setText(tr("Undo"))
        self.redo.setText(tr("Redo"))
        self.retry.setText(tr("Try again"))
        self.show_failure(self._failure)

    def refresh_theme(self) -> None:
        ground = "danger-soft" if self._failure else "surface2"
        edge = "danger-line" if self._failure else "border"
        self.setStyleSheet(
            f"QFrame#historyStrip {{ background: {self._theme.hex(ground)}; border: none;"
            f" border-top: 1px solid {self._theme.hex(edge)}; }}"
        )

    def show_items(self, items: Sequence[HistoryItem], labels: Sequence[Label], current: int | None) -> None:
        """``items`` newest first."""
        self.cards.show_items(items, labels, current)
        self._show_count()

    @Slot()
    def _show_count(self) -> None:
        shown = len(self.cards.shown())
        if self._failure is None:
            self._count.setText(tr("last {n}").format(n=shown) if shown else tr("nothing yet"))

    def show_failure(self, failure: SaveFailure | None) -> None:
        """Red, with the reason; None is the normal state."""
        self._failure = failure
        failing = failure is not None
        self.cards.setVisible(not failing)
        self._why.setVisible(failing)
        self.retry.setVisible(failing)
        self.undo.setVisible(not failing)
        self.redo.setVisible(not failing)
        set_style(self._title, "role", "error" if failing else "")
        if failure is None:
            self._title.setText(tr("History"))
        else:
            words = message(failure.code, failure.params, current_language())
            self._title.setText(tr("Not saved"))
            self._count.setText(tr("{n} comments").format(n=number(len(failure.waiting))))
            self._what.setText(words.what)
            self._step.setText(words.next_step)
        self.refresh_theme()
