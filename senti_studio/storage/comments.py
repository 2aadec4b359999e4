"""Questions about comments: counts, views, table pages, single comments, what training may use."""

from __future__ import annotations

import json
from array import array
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Callable, Iterator, Sequence

from senti_studio.domain.comments import (
    Annotation,
    Comment,
    CommentCounts,
    CommentFilter,
    CommentRow,
    LabelledComment,
    Order,
    Part,
    Sorting,
)
from senti_studio.domain.facets import FacetCounts
from senti_studio.errors import UserError
from senti_studio.storage.database import Database
from senti_studio.storage.facets import Facets
from senti_studio.storage.schema import DISPUTED, EXCLUDED, FLAGGED, SKIPPED
from senti_studio.storage.sorting import untold
from senti_studio.storage.times import moment
from senti_studio.storage.views import Views, never

EVERYTHING = CommentFilter()

ROW_TEXT = 300
"""Characters of a comment that a table row carries."""

_PAGE = 1000
_NEXT_BLOCK = 2000


class Comments:
    """Reads comments; rows of unfinished and removed sources do not exist here."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._views = Views(database)
        self._facets = Facets(database, self._views)
        self.copies = self._views.copies
        self.predicted = self._views.predicted

    def counts(self) -> CommentCounts:
        """Counts over all visible comments; a few rows are read, whatever the size of the project."""
        with self._database.reading() as connection:
            (total,) = connection.execute(
                "SELECT coalesce(sum(row_count), 0) FROM sources WHERE state = 'ready'"
            ).fetchone()
            counts = dict(
                connection.execute(
                    "SELECT k.kind, sum(k.n) FROM counts k JOIN sources o ON o.id = k.source_id"
                    " WHERE o.state = 'ready' GROUP BY k.kind"
                ).fetchall()
            )
            labels = [
                row[0]
                for row in connection.execute("SELECT id FROM labels WHERE position >= 0 ORDER BY position")
            ]
        by_label = {label_id: counts.get(label_id, 0) for label_id in labels}
        return CommentCounts(
            total,
            sum(by_label.values()),
            by_label,
            counts.get(SKIPPED, 0),
            counts.get(FLAGGED, 0),
            counts.get(EXCLUDED, 0),
            counts.get(DISPUTED, 0),
        )

    def disputed_count(self) -> int:
        """Labelled comments that training leaves out because their annotators do not agree."""
        with self._database.reading() as connection:
            (count,) = connection.execute(
                "SELECT coalesce(sum(k.n), 0) FROM counts k JOIN sources o ON o.id = k.source_id"
                " WHERE o.state = 'ready' AND k.kind = ?",
                (DISPUTED,),
            ).fetchone()
        return int(count)

    def excluded_count(self) -> int:
        """Labelled comments that training leaves out because somebody excluded them (disputed ones
        apart)."""
        with self._database.reading() as connection:
            (count,) = connection.execute(
                "SELECT count(*) FROM comment_state s JOIN sources o ON o.id = s.source_id"
                " WHERE o.state = 'ready' AND s.excluded = 1 AND s.disputed = 0 AND s.label_id IS NOT NULL"
            ).fetchone()
        return int(count)

    def ids(
        self,
        wanted: CommentFilter = EVERYTHING,
        order: Order | Sorting = Order.FILE,
        *,
        chunk: int = 20_000,
        stop: Callable[[], bool] = never,
        progress: Callable[[int, int], None] = untold,
    ) -> Iterator[array[int]]:
        """Ids that match, in order, as packed arrays of at most ``chunk`` (none of them empty).

        The first come as soon as they are known; run it off the GUI thread. ``RANDOM`` is the same every
        time. Each block is read on its own, so a change made meanwhile may or may not be in it. ``stop`` is
        asked every few milliseconds; once it says yes the iteration ends early. ``progress``
        is told (done, total) while an order by a cell or the text is worked out for the first time, which
        takes seconds at a million. Iterating raises UserError
        ``BAD_PATTERN``, ``PATTERN_TOO_LARGE`` or ``PATTERN_TOO_SLOW``.
        """
        return self._views.ids(wanted, order, chunk, stop, progress)

    def count(self, wanted: CommentFilter) -> int:
        """How many comments match."""
        return sum(len(part) for part in self.ids(wanted))

    def rows(self, ids: Sequence[int], columns: Sequence[str] = ()) -> list[CommentRow]:
        """A page of a table with the cells of these original columns, in the given order; ids that are no
        longer visible are left out. Texts and cells are cut."""
        found: dict[int, CommentRow] = {}
        known = self._views.copies.is_known
        places = self._places(columns) if columns else {}
        for start in range(0, len(ids), _PAGE):
            with self._database.reading() as connection:
                rows = connection.execute(
                    f"SELECT c.id, c.source_id, c.row, substr(t.text, 1, {ROW_TEXT}), c.length, s.label_id,"
                    " s.labelled_at, coalesce(s.skipped, 0), coalesce(s.flagged, 0),"
                    " coalesce(s.excluded, 0), c.text_key, n.group_id"
                    f" {', g.cells, t.text' if columns else ''}"
                    " FROM json_each(?) j CROSS JOIN comments c ON c.id = j.value"
                    " CROSS JOIN sources o ON o.id = c.source_id AND o.state = 'ready'"
                    " CROSS JOIN texts t ON t.id = c.id LEFT JOIN comment_state s ON s.comment_id = c.id"
                    " LEFT JOIN near_groups n ON n.comment_id = c.id"
                    f" {'LEFT JOIN originals g ON g.id = c.id' if columns else ''}",
                    (json.dumps(list(ids[start : start + _PAGE])),),
                ).fetchall()
            for row in rows:
                comment_id, source_id, number, text, length, label_id, at = row[:7]
                skipped, flagged, excluded = map(bool, row[7:10])
                key, near = row[10:12]
                found[comment_id] = CommentRow(
                    comment_id,
                    source_id,
                    number,
                    text,
                    length,
                    label_id,
                    None if at is None else moment(at),
                    skipped,
                    flagged,
                    excluded,
                    _shown_cells(row[12], row[13], places.get(source_id, ())) if columns else (),
                    self._views.copies.of(key, near) if known else 0,
                    self._views.predicted.of(comment_id),
                    self._views.copies.of(key, None) if known else 0,
                )
        return [found[comment_id] for comment_id in ids if comment_id in found]

    def _places(self, columns: Sequence[str]) -> dict[int, tuple[int | None, ...]]:
        """Source id -> where each of the columns stands in it."""
        with self._database.reading() as connection:
            rows = connection.execute("SELECT id, columns FROM sources WHERE state = 'ready'").fetchall()
        found = {}
        for source_id, stored in rows:
            names = json.loads(stored)
            found[source_id] = tuple(names.index(each) if each in names else None for each in columns)
        return found

    def stretches(self, source_id: int) -> list[tuple[int, int]]:
        """(first id, last id) of the comments of a source in the order of its rows."""
        return [(first, last) for first, last, _ in self._views.extents(frozenset({source_id}))]

    def at_row(self, row: int) -> list[int]:
        """The comments that stand in this row of their file (as `CommentRow.row`), one a source at most."""
        found, extents = [], self._views.extents()
        with self._database.reading() as connection:

            def row_of(comment_id: int) -> int:
                stored = connection.execute("SELECT row FROM comments WHERE id = ?", (comment_id,)).fetchone()
                return int(stored[0]) if stored else row

            for first, last, _ in extents:
                # ids and rows grow together
                wanted = first + bisect_left(range(first, last + 1), row, key=row_of)
                if wanted <= last and row_of(wanted) == row:
                    found.append(wanted)
        return found

    def annotators(self) -> list[tuple[str, int]]:
        """Who gave labels, imported ones included, and how many; a look at all annotations."""
        with self._database.reading() as connection:
            rows = connection.execute(
                "SELECT a.annotator, count(*) FROM annotations a CROSS JOIN comments c ON c.id = a.comment_id"
                " WHERE a.label_id IS NOT NULL"
                " AND c.source_id IN (SELECT id FROM sources WHERE state = 'ready')"
                " GROUP BY a.annotator ORDER BY count(*) DESC, a.annotator"
            ).fetchall()
        return [(name, count) for name, count in rows]

    def lengths(self, buckets: Sequence[int], stop: Callable[[], bool] = never) -> tuple[list[int], int]:
        """How many comments have a length below each of ``buckets`` (ascending) but not below the one
        before, and the greatest length."""
        counts: Counter[int] = Counter()
        for first, last in self._views.blocks():
            if stop():
                break
            with self._database.reading() as connection:
                rows = connection.execute(
                    "SELECT length, count(*) FROM comments WHERE id BETWEEN ? AND ? GROUP BY length",
                    (first, last),
                ).fetchall()
            counts.update(dict(rows))
        found = [0] * len(buckets)
        for length, count in counts.items():
            found[min(bisect_right(buckets, length), len(buckets) - 1)] += count
        return found, max(counts, default=0)

    def facets(
        self, wanted: CommentFilter, buckets: Sequence[int], stop: Callable[[], bool] = never
    ) -> FacetCounts | None:
        """How many comments each choice of a filter would give beside everything else that ``wanted`` asks
        for; ``buckets`` as for `lengths`. Seconds at a million; None when it was stopped."""
        return self._facets.counts(wanted, buckets, stop)

    def get(self, comment_id: int) -> Comment:
        """One whole comment. Raises UserError ``COMMENT_NOT_FOUND``."""
        with self._database.reading() as connection:
            row = connection.execute(
                "SELECT c.source_id, o.name, c.row, t.text, g.cells, o.columns, coalesce(c.part, o.part),"
                " s.label_id, coalesce(s.skipped, 0), coalesce(s.flagged, 0), coalesce(s.excluded, 0),"
                " coalesce(n.text, '')"
                " FROM comments c JOIN sources o ON o.id = c.source_id JOIN texts t ON t.id = c.id"
                " LEFT JOIN originals g ON g.id = c.id LEFT JOIN comment_state s ON s.comment_id = c.id"
                " LEFT JOIN notes n ON n.comment_id = c.id WHERE c.id = ? AND o.state = 'ready'",
                (comment_id,),
            ).fetchone()
            if row is None:
                raise UserError("COMMENT_NOT_FOUND", id=comment_id)
            annotations = connection.execute(
                "SELECT label_id, annotator, at, imported FROM annotations"
                " WHERE comment_id = ? AND label_id IN (SELECT id FROM labels WHERE position >= 0)"
                " ORDER BY at, annotator",
                (comment_id,),
            ).fetchall()
        source_id, source_name, number, text, cells, columns, part, label_id, *states, note = row
        skipped, flagged, excluded = map(bool, states)
        return Comment(
            comment_id,
            source_id,
            source_name,
            number,
            text,
            _named(_cells(cells, text), json.loads(columns)),
            Part(part) if part else None,
            label_id,
            skipped,
            flagged,
            note,
            tuple(Annotation(comment_id, a[0], a[1], moment(a[2]), bool(a[3])) for a in annotations),
            excluded,
        )

    def next_unlabelled(self, ids: Sequence[int], start: int, step: int) -> int | None:
        """The first index from ``start`` on (itself included), going by ``step`` (1 | -1), whose comment is
        visible and has neither a label nor a skip, and is not excluded; None when there is none up to the
        end of ``ids``."""
        while 0 <= start < len(ids):
            if step > 0:
                indices = range(start, min(start + _NEXT_BLOCK, len(ids)))
            else:
                indices = range(start, max(start - _NEXT_BLOCK, -1), -1)
            with self._database.reading() as connection:
                open_ids = {
                    row[0]
                    for row in connection.execute(
                        "SELECT c.id FROM json_each(?) j CROSS JOIN comments c ON c.id = j.value"
                        " CROSS JOIN sources o ON o.id = c.source_id AND o.state = 'ready'"
                        " LEFT JOIN comment_state s ON s.comment_id = c.id"
                        " WHERE s.label_id IS NULL AND coalesce(s.skipped, 0) = 0"
                        " AND coalesce(s.excluded, 0) = 0",
                        (json.dumps([ids[index] for index in indices]),),
                    )
                }
            for index in indices:
                if ids[index] in open_ids:
                    return index
            start = indices[-1] + (1 if step > 0 else -1)
        return None

    def labelled(self) -> Iterator[LabelledComment]:
        """Every comment that has a training label, in file order; disputed and excluded ones are left out."""
        with self._database.reading() as connection:
            # A label that is just being removed may still stand on comments that are behind.
            keys = dict(connection.execute("SELECT id, key FROM labels WHERE position >= 0").fetchall())
        for first, last in self._views.blocks(size=_NEXT_BLOCK * 2):
            with self._database.reading() as connection:
                rows = connection.execute(
                    "SELECT c.id, c.source_id, coalesce(c.part, o.part), c.text_key, s.label_id"
                    " FROM comment_state s CROSS JOIN comments c ON c.id = s.comment_id"
                    " CROSS JOIN sources o ON o.id = c.source_id"
                    " WHERE s.comment_id BETWEEN ? AND ? AND s.label_id IS NOT NULL AND s.disputed = 0"
                    " AND s.excluded = 0"
                    " ORDER BY s.comment_id",
                    (first, last),
                ).fetchall()
            for comment_id, source_id, part, key, label_id in rows:
                if label_id in keys:
                    yield LabelledComment(
                        comment_id, source_id, Part(part) if part else None, key, keys[label_id]
                    )

    def texts(self, ids: Sequence[int]) -> Iterator[tuple[int, str]]:
        """(id, full text) in the given order; ids that are no longer visible are left out."""
        for start in range(0, len(ids), _PAGE):
            page = list(ids[start : start + _PAGE])
            with self._database.reading() as connection:
                found = dict(
                    connection.execute(
                        "SELECT t.id, t.text FROM json_each(?) j CROSS JOIN comments c ON c.id = j.value"
                        " CROSS JOIN sources o ON o.id = c.source_id AND o.state = 'ready'"
                        " CROSS JOIN texts t ON t.id = c.id",
                        (json.dumps(page),),
                    ).fetchall()
                )
            yield from ((comment_id, found[comment_id]) for comment_id in page if comment_id in found)

    def originals(self, source_id: int) -> Iterator[tuple[int, int, tuple[str, ...]]]:
        """(comment id, row, all cells as they were imported) of one source, in file order; bounded memory."""
        for first, last in self._views.blocks(frozenset({source_id}), _PAGE):
            with self._database.reading() as connection:
                rows = connection.execute(
                    "SELECT c.id, c.row, g.cells, t.text FROM comments c JOIN texts t ON t.id = c.id"
                    " LEFT JOIN originals g ON g.id = c.id WHERE c.id BETWEEN ? AND ? ORDER BY c.id",
                    (first, last),
                ).fetchall()
            yield from ((row[0], row[1], _cells(row[2], row[3])) for row in rows)


def _cells(stored: str | None, text: str) -> tuple[str, ...]:
    # A cell that equals the text is stored as null.
    return tuple(text if cell is None else cell for cell in json.loads(stored or "[]"))


def _shown_cells(stored: str | None, text: str, places: Sequence[int | None]) -> tuple[str | None, ...]:
    cells = _cells(stored, text)
    return tuple(
        None if place is None else cells[place][:ROW_TEXT] if place < len(cells) else "" for place in places
    )


def _named(cells: Sequence[str], columns: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """Pairs (column, cell); surplus cells of a ragged row get the number of their column."""
    names = [*columns, *(str(number + 1) for number in range(len(columns), len(cells)))]
    return tuple(zip(names, [*cells, *([""] * (len(names) - len(cells)))], strict=True))
