"""Paints the rows of the comment table: one line each, never blank, hits of the search on a yellow ground."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, QPointF, QRectF, QSize, Qt, Slot
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPen, QPixmap
from PySide6.QtWidgets import QStyledItemDelegate, QStyleOptionViewItem

from senti_studio.domain.comments import CommentRow, SearchMode, Source
from senti_studio.domain.labels import Label
from senti_studio.ui.fonts import font
from senti_studio.ui.formats import MISSING, number, score, stamp
from senti_studio.ui.i18n import tr
from senti_studio.ui.icons import pixmap
from senti_studio.ui.models.comment_table import RIGHT, Column
from senti_studio.ui.pages.data.wording import copies_words
from senti_studio.ui.theme import Theme
from senti_studio.ui.widgets.chip import paint_chip
from senti_studio.ui.widgets.marks import paint_mark

_PAD = 8
_REMEMBERED = 4000
_STAMPS = 2000
_ROWS = 80
_LEFT = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
_RIGHT = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight

Index = QModelIndex | QPersistentModelIndex


UNSURE = 0.6
"""A prediction less sure than this stands out."""


def words_of(search: str, mode: SearchMode) -> tuple[str, ...]:
    """What of a search is shown in the texts; a regular expression is not."""
    if mode is SearchMode.REGEX:
        return ()
    return tuple(search.split()) if mode is SearchMode.WORDS else (search,) if search else ()


def hits_of(text: str, words: Sequence[str]) -> list[tuple[int, int]]:
    """As `hits_in`, of any of the words, in the order of the text."""
    return sorted(hit for word in words for hit in hits_in(text, word))


def hits_in(text: str, search: str) -> list[tuple[int, int]]:
    """(start, end) of every occurrence, ASCII letters in either case, without overlaps."""
    wanted, where = search.lower(), text.lower()
    if not wanted or len(where) != len(text):  # a few letters change length with their case
        where, wanted = text, search
    found, start = [], where.find(wanted) if wanted else -1
    while start >= 0:
        found.append((start, start + len(wanted)))
        start = where.find(wanted, start + len(wanted))
    return found


def one_line(text: str) -> str:
    """Line breaks and runs of blanks as one blank."""
    return " ".join(text.split())


def paint_checkbox(painter: QPainter, rect: QRectF, state: Qt.CheckState, theme: Theme) -> None:
    """A 16 px checkbox in the middle of ``rect``, as the style sheet draws them."""
    box = QRectF(round(rect.center().x()) - 8, round(rect.center().y()) - 8, 16, 16)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    on = state != Qt.CheckState.Unchecked
    painter.setPen(QPen(theme.colour("accent" if on else "border-ctl"), 1))
    painter.setBrush(theme.colour("accent" if on else "surface"))
    painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
    painter.setPen(QPen(theme.colour("on-accent"), 2, c=Qt.PenCapStyle.RoundCap, j=Qt.PenJoinStyle.RoundJoin))
    if state == Qt.CheckState.Checked:
        left, top = box.left(), box.top()
        painter.drawPolyline(
            [QPointF(left + 4, top + 8.5), QPointF(left + 7, top + 11.5), QPointF(left + 12, top + 5)]
        )
    elif state == Qt.CheckState.PartiallyChecked:
        middle = box.center().y() + 0.5
        painter.drawLine(QPointF(box.left() + 4.5, middle), QPointF(box.right() - 4.5, middle))
    painter.restore()


class CommentDelegate(QStyledItemDelegate):
    """Draws whole rows: what differs from row to row is written, what comes again and again (chips, sources,
    dates, boxes) is drawn once and stamped from then on. Cell by cell it would cost four times as much."""

    def __init__(
        self,
        theme: Theme,
        *,
        label_of: Callable[[int | None], Label | None],
        source_of: Callable[[int], Source | None],
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._label_of = label_of
        self._source_of = source_of
        self.words: tuple[str, ...] = ()
        """Shown on a yellow ground."""
        self.hovered = -1
        self._ui = font("ui")
        self._bold = font("ui", bold=True)
        self._metrics = QFontMetrics(self._ui)
        self._lines: dict[tuple[object, ...], str] = {}
        self._stamps: dict[tuple[object, ...], QPixmap] = {}
        self._inks: dict[str, QColor] = {}
        self._rows: OrderedDict[int, tuple[CommentRow, tuple[object, ...], QPixmap]] = OrderedDict()
        theme.changed.connect(self.forget)

    @Slot()
    def forget(self) -> None:
        """Other colours, words or labels: nothing that was drawn before is used again."""
        self._inks.clear()
        self._stamps.clear()
        self._rows.clear()

    @property
    def row_height(self) -> int:
        """32 px at the standard font size."""
        return max(32, self._metrics.height() + 12)

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(80, self.row_height)

    def paint_row(
        self,
        painter: QPainter,
        row: int,
        rect: QRectF,
        columns: Sequence[tuple[int, float, float]],
        comment: CommentRow | None,
        *,
        chosen: bool,
    ) -> None:
        """One row of the table; ``columns``: (column, left, width). Skeleton bars while it is being read.

        A row that looks as it did is stamped: while a search fills the table beside us, each of the many
        calls of drawing may have to wait for the interpreter.
        """
        if comment is None:
            self._draw_row(painter, row, rect, columns, None, chosen=chosen)
            return
        scale = painter.device().devicePixelRatioF()
        look = (chosen, row == self.hovered, self.words, tuple(columns), rect.width(), scale)
        known = self._rows.get(comment.id)
        if known is None or known[0] is not comment or known[1] != look:
            made = QPixmap(QSize(int(rect.width()), int(rect.height())) * scale)
            made.setDevicePixelRatio(scale)
            inner = QPainter(made)
            inner.translate(-rect.left(), -rect.top())
            self._draw_row(inner, row, rect, columns, comment, chosen=chosen)
            inner.end()
            known = self._rows[comment.id] = (comment, look, made)
            while len(self._rows) > _ROWS:
                self._rows.popitem(last=False)
        painter.drawPixmap(rect.topLeft(), known[2])

    def _draw_row(
        self,
        painter: QPainter,
        row: int,
        rect: QRectF,
        columns: Sequence[tuple[int, float, float]],
        comment: CommentRow | None,
        *,
        chosen: bool,
    ) -> None:
        ground = "accent-soft" if chosen else "hover" if row == self.hovered else "surface"
        painter.fillRect(rect, self._ink(ground))
        painter.fillRect(QRectF(rect.left(), rect.bottom() - 1, rect.width(), 1), self._ink("border"))
        top, height = rect.top(), rect.height() - 1
        for column, left, width in columns:
            if column == Column.CHECK:
                self._stamp_box(painter, left, top, width, height, chosen=chosen)
            elif comment is None:
                self._paint_skeleton(painter, QRectF(left, top, width, height), row, column)
            else:
                box = QRectF(left + _PAD, top, max(0.0, width - 2 * _PAD), height)
                self._paint_cell(painter, box, comment, column)

    def _ink(self, token: str) -> QColor:
        found = self._inks.get(token)
        if found is None:
            found = self._inks[token] = self._theme.colour(token)
        return found

    def _paint_skeleton(self, painter: QPainter, rect: QRectF, row: int, column: int) -> None:
        share = {int(Column.TEXT): 0.55 + (row * 37 % 40) / 100, int(Column.LABEL): 0.7}.get(column, 0.45)
        width = (rect.width() - 2 * _PAD) * min(share, 1.0)
        left = rect.right() - _PAD - width if column in RIGHT else rect.left() + _PAD
        painter.fillRect(QRectF(left, rect.center().y() - 5, width, 10), self._ink("sunken"))

    def _paint_cell(self, painter: QPainter, rect: QRectF, comment: CommentRow, column: int) -> None:
        if column == Column.TEXT:
            self._paint_text(painter, rect, comment)
        elif column == Column.LABEL:
            self._stamp_chip(painter, rect, self._label_of(comment.label_id))
        elif column == Column.ROW:
            self._write(painter, rect, number(comment.row), "text3", right=True)
        elif column == Column.LENGTH:
            self._write(painter, rect, number(comment.length), "text2", right=True)
        elif column == Column.SOURCE:
            source = self._source_of(comment.source_id)
            name = source.name.rsplit(".", 1)[0] if source else MISSING
            self._stamp_text(painter, rect, name, "text2")
        elif column == Column.TIME:
            self._stamp_text(painter, rect, stamp(comment.labelled_at) or MISSING, "text2")
        elif column == Column.COPIES:
            if comment.copies > 1:
                self._write(painter, rect, copies_words(comment), "text2", right=True)
            else:
                self._stamp_text(painter, rect, MISSING, "text2", right=True)
        elif column == Column.PREDICTION:
            self._paint_prediction(painter, rect, comment)
        else:
            self._paint_original(painter, rect, comment, column - len(Column))

    def _paint_original(self, painter: QPainter, rect: QRectF, comment: CommentRow, place: int) -> None:
        cell = comment.cells[place] if place < len(comment.cells) else None
        if cell is None:
            self._stamp_text(painter, rect, MISSING, "text3")
        elif cell:
            text = self._cut(comment.id, one_line(cell), int(rect.width()), Qt.TextElideMode.ElideRight)
            self._write(painter, rect, text, "text2")

    def _paint_prediction(self, painter: QPainter, rect: QRectF, comment: CommentRow) -> None:
        said = comment.predicted
        label = self._label_of(said.label_id) if said else None
        if said is None or label is None:
            self._stamp_text(painter, rect, MISSING, "text3")
            return
        is_sure = said.confidence >= UNSURE
        words = score(said.confidence, decimals=2)
        self._stamp_text(painter, rect, words, "text2" if is_sure else "warn", right=True, bold=not is_sure)
        self._stamp_mark(painter, rect, label)
        self._stamp_text(painter, rect.adjusted(16, 0, -36, 0), label.name, "text")

    def _paint_text(self, painter: QPainter, rect: QRectF, comment: CommentRow) -> None:
        text = one_line(comment.text)
        if not text:
            self._stamp_text(painter, rect, tr("(blank comment)"), "text3")
            return
        marks = (("flag", comment.flagged), ("skip", comment.skipped), ("minus", comment.excluded))
        for name, shown in marks:
            if shown:
                scale = painter.device().devicePixelRatioF()
                token = "warn" if name == "flag" else "text3"
                icon = pixmap(name, self._theme, token=token, size=14, scale=scale)
                painter.drawPixmap(int(rect.right()) - 14, int(rect.center().y()) - 7, icon)
                rect = rect.adjusted(0, 0, -20, 0)
        cut = self._cut(comment.id, text, int(rect.width()), Qt.TextElideMode.ElideRight)
        if self.words:
            self._paint_hits(painter, rect, cut)
        self._write(painter, rect, cut, "text3" if comment.excluded else "text")

    def _paint_hits(self, painter: QPainter, rect: QRectF, text: str) -> None:
        for start, end in hits_of(text, self.words):
            left = rect.left() + self._metrics.horizontalAdvance(text[:start])
            width = self._metrics.horizontalAdvance(text[:end]) - (left - rect.left())
            hit = QRectF(left, rect.center().y() - 10, width, 20).intersected(rect)
            painter.fillRect(hit, self._ink("warn-soft"))
            painter.fillRect(QRectF(hit.left(), hit.bottom() - 1, hit.width(), 1), self._ink("warn-line"))

    # ---- writing and stamping ------------------------------------------------------------------------------

    def _write(self, painter: QPainter, rect: QRectF, text: str, token: str, *, right: bool = False) -> None:
        """A text that fits, from the baseline: the quickest way that Qt has."""
        painter.setFont(self._ui)
        painter.setPen(self._ink(token))
        left = rect.right() - self._metrics.horizontalAdvance(text) if right else rect.left()
        base = rect.top() + (rect.height() + self._metrics.ascent() - self._metrics.descent()) / 2
        painter.drawText(QPointF(left, round(base)), text)

    def _stamp(
        self,
        painter: QPainter,
        rect: QRectF,
        key: tuple[object, ...],
        draw: Callable[[QPainter, QRectF], None],
    ) -> None:
        """What ``draw`` paints into a rectangle of this size, painted once for each ``key``."""
        scale = painter.device().devicePixelRatioF()
        whole = (*key, int(rect.width()), int(rect.height()), scale)
        found = self._stamps.get(whole)
        if found is None:
            if len(self._stamps) > _STAMPS:
                self._stamps.clear()
            found = QPixmap(QSize(max(1, int(rect.width())), max(1, int(rect.height()))) * scale)
            found.setDevicePixelRatio(scale)
            found.fill(Qt.GlobalColor.transparent)
            inner = QPainter(found)
            draw(inner, QRectF(0, 0, int(rect.width()), int(rect.height())))
            inner.end()
            self._stamps[whole] = found
        painter.drawPixmap(QPointF(round(rect.left()), round(rect.top())), found)

    def _stamp_text(
        self,
        painter: QPainter,
        rect: QRectF,
        text: str,
        token: str,
        *,
        right: bool = False,
        bold: bool = False,
    ) -> None:
        def draw(inner: QPainter, box: QRectF) -> None:
            face = self._bold if bold else self._ui
            inner.setFont(face)
            inner.setPen(self._ink(token))
            shown = QFontMetrics(face).elidedText(text, Qt.TextElideMode.ElideMiddle, int(box.width()))
            inner.drawText(box, (_RIGHT if right else _LEFT) | Qt.TextFlag.TextSingleLine, shown)

        self._stamp(painter, rect, ("text", text, token, right, bold), draw)

    def _stamp_chip(self, painter: QPainter, rect: QRectF, label: Label | None) -> None:
        key = ("chip", label.name, label.appearance) if label else ("chip", tr("Unlabelled"))
        self._stamp(painter, rect, key, lambda inner, box: paint_chip(inner, box, label, self._theme))

    def _stamp_mark(self, painter: QPainter, rect: QRectF, label: Label) -> None:
        def draw(inner: QPainter, box: QRectF) -> None:
            inner.setRenderHint(QPainter.RenderHint.Antialiasing)
            paint_mark(inner, QRectF(0, box.center().y() - 4.5, 9, 9), label.appearance, self._theme)

        self._stamp(
            painter, QRectF(rect.left(), rect.top(), 12, rect.height()), ("mark", label.appearance), draw
        )

    def _stamp_box(
        self, painter: QPainter, left: float, top: float, width: float, height: float, *, chosen: bool
    ) -> None:
        state = Qt.CheckState.Checked if chosen else Qt.CheckState.Unchecked
        rect = QRectF(left, top, width, height)
        self._stamp(
            painter, rect, ("box", chosen), lambda inner, box: paint_checkbox(inner, box, state, self._theme)
        )

    def _cut(self, comment_id: int, text: str, width: int, mode: Qt.TextElideMode) -> str:
        """The text as far as it fits; from shortly before the first hit if that would be cut off."""
        key = (comment_id, width, self.words, text[:40])
        found = self._lines.get(key)
        if found is None:
            found = self._metrics.elidedText(text[: width // 5 + 8], mode, width)
            hits = hits_of(text, self.words) if mode == Qt.TextElideMode.ElideRight else []
            if hits and hits[0][1] >= len(found):
                shifted = "…" + text[max(0, hits[0][0] - 8) :]
                found = self._metrics.elidedText(shifted[: width // 5 + 8], mode, width)
            if len(self._lines) > _REMEMBERED:
                self._lines.clear()
            self._lines[key] = found
        return found
