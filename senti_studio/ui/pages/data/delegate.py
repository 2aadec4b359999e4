"""Paints the rows of the comment table: one line each, never blank, hits of the search on a yellow ground."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPen
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from senti_studio.domain.comments import CommentRow, SearchMode, Source
from senti_studio.domain.labels import Label
from senti_studio.ui.fonts import font
from senti_studio.ui.formats import MISSING, number, score, when
from senti_studio.ui.i18n import tr
from senti_studio.ui.icons import pixmap
from senti_studio.ui.models.comment_table import RIGHT, ROW_ROLE, Column
from senti_studio.ui.theme import Theme
from senti_studio.ui.widgets.chip import paint_chip
from senti_studio.ui.widgets.marks import paint_mark

_PAD = 8
_REMEMBERED = 4000
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
    """Draws everything itself: a style sheet would cost several times as much a row."""

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
        self._small = font("small")
        self._metrics = QFontMetrics(self._ui)
        self._lines: dict[tuple[object, ...], str] = {}

    @property
    def row_height(self) -> int:
        """32 px at the standard font size."""
        return max(32, self._metrics.height() + 12)

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(80, self.row_height)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        rect = QRectF(option.rect)
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        theme, row = self._theme, index.row()
        ground = "accent-soft" if chosen else "hover" if row == self.hovered else "surface"
        painter.fillRect(rect, theme.colour(ground))
        painter.setPen(QPen(theme.colour("border"), 1))
        painter.drawLine(
            QPointF(rect.left(), rect.bottom() - 0.5), QPointF(rect.right(), rect.bottom() - 0.5)
        )
        if index.column() == Column.CHECK:
            state = Qt.CheckState.Checked if chosen else Qt.CheckState.Unchecked
            paint_checkbox(painter, rect, state, theme)
            return
        comment: CommentRow | None = index.data(ROW_ROLE)
        if comment is None:
            self._paint_skeleton(painter, rect, index.row(), index.column())
        else:
            self._paint_cell(painter, rect.adjusted(_PAD, 0, -_PAD, 0), comment, index.column())

    def _paint_skeleton(self, painter: QPainter, rect: QRectF, row: int, column: int) -> None:
        share = {int(Column.TEXT): 0.55 + (row * 37 % 40) / 100, int(Column.LABEL): 0.7}.get(column, 0.45)
        width = (rect.width() - 2 * _PAD) * min(share, 1.0)
        left = rect.right() - _PAD - width if column in RIGHT else rect.left() + _PAD
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._theme.colour("sunken"))
        painter.drawRoundedRect(QRectF(left, rect.center().y() - 5, width, 10), 5, 5)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)

    def _paint_cell(self, painter: QPainter, rect: QRectF, comment: CommentRow, column: int) -> None:
        theme = self._theme
        painter.setFont(self._ui)
        if column == Column.TEXT:
            self._paint_text(painter, rect, comment)
        elif column == Column.LABEL:
            paint_chip(painter, rect, self._label_of(comment.label_id), theme)
        elif column == Column.ROW:
            self._write(painter, rect, number(comment.row), theme.colour("text3"), _RIGHT)
        elif column == Column.LENGTH:
            self._write(painter, rect, number(comment.length), theme.colour("text2"), _RIGHT)
        elif column == Column.SOURCE:
            source = self._source_of(comment.source_id)
            name = source.name.rsplit(".", 1)[0] if source else ""
            cut = self._cut(comment.id, name, int(rect.width()), Qt.TextElideMode.ElideMiddle)
            self._write(painter, rect, cut, theme.colour("text2"), _LEFT)
        elif column == Column.TIME:
            self._write(painter, rect, when(comment.labelled_at), theme.colour("text2"), _LEFT)
        elif column == Column.COPIES:
            copies = number(comment.copies) if comment.copies > 1 else MISSING
            self._write(painter, rect, copies, theme.colour("text2"), _RIGHT)
        elif column == Column.PREDICTION:
            self._paint_prediction(painter, rect, comment)
        else:
            self._paint_original(painter, rect, comment, column - len(Column))

    def _paint_original(self, painter: QPainter, rect: QRectF, comment: CommentRow, place: int) -> None:
        cell = comment.cells[place] if place < len(comment.cells) else None
        text = self._cut(comment.id, one_line(cell or ""), int(rect.width()), Qt.TextElideMode.ElideRight)
        colour = self._theme.colour("text3" if cell is None else "text2")
        self._write(painter, rect, text if cell is not None else MISSING, colour, _LEFT, empty="")

    def _paint_prediction(self, painter: QPainter, rect: QRectF, comment: CommentRow) -> None:
        said, theme = comment.predicted, self._theme
        label = self._label_of(said.label_id) if said else None
        if said is None or label is None:
            self._write(painter, rect, MISSING, theme.colour("text3"), _LEFT)
            return
        is_sure = said.confidence >= UNSURE
        painter.setFont(self._ui if is_sure else self._bold)
        ink = theme.colour("text2" if is_sure else "warn")
        self._write(painter, rect, score(said.confidence, decimals=2), ink, _RIGHT)
        painter.setFont(self._ui)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        paint_mark(painter, QRectF(rect.left(), rect.center().y() - 4.5, 9, 9), label.appearance, theme)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        room = rect.adjusted(16, 0, -36, 0)
        name = self._cut(comment.id, label.name, int(room.width()), Qt.TextElideMode.ElideMiddle)
        self._write(painter, room, name, theme.colour("text"), _LEFT)

    def _paint_text(self, painter: QPainter, rect: QRectF, comment: CommentRow) -> None:
        text = one_line(comment.text)
        if not text:
            self._write(painter, rect, tr("(blank comment)"), self._theme.colour("text3"), _LEFT)
            return
        marks = (("flag", comment.flagged), ("skip", comment.skipped), ("minus", comment.excluded))
        for name, shown in marks:
            if shown:
                scale = painter.device().devicePixelRatioF()
                icon = pixmap(
                    name, self._theme, token="warn" if name == "flag" else "text3", size=14, scale=scale
                )
                painter.drawPixmap(int(rect.right()) - 14, int(rect.center().y()) - 7, icon)
                rect = rect.adjusted(0, 0, -20, 0)
        cut = self._cut(comment.id, text, int(rect.width()), Qt.TextElideMode.ElideRight)
        if self.words:
            self._paint_hits(painter, rect, cut)
        self._write(painter, rect, cut, self._theme.colour("text3" if comment.excluded else "text"), _LEFT)

    def _paint_hits(self, painter: QPainter, rect: QRectF, text: str) -> None:
        for start, end in hits_of(text, self.words):
            left = rect.left() + self._metrics.horizontalAdvance(text[:start])
            width = self._metrics.horizontalAdvance(text[:end]) - (left - rect.left())
            hit = QRectF(left, rect.center().y() - 10, width, 20)
            painter.fillRect(hit.intersected(rect), self._theme.colour("warn-soft"))
            painter.setPen(QPen(self._theme.colour("warn-line"), 1))
            painter.drawLine(
                QPointF(hit.left(), hit.bottom() - 0.5), QPointF(hit.right(), hit.bottom() - 0.5)
            )

    def _write(
        self,
        painter: QPainter,
        rect: QRectF,
        text: str,
        colour: QColor,
        flags: Qt.AlignmentFlag,
        *,
        empty: str = MISSING,
    ) -> None:
        painter.setPen(colour)
        painter.drawText(rect, flags | Qt.TextFlag.TextSingleLine, text or empty)

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
