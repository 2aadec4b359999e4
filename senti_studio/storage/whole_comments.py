"""Whole comments in pages, for exports: all cells and all that was said of them, a few queries a page."""

from __future__ import annotations

import json
import sqlite3
from array import array
from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import compress
from typing import Any, NamedTuple

from senti_studio.domain.comments import CommentFilter, Order, Sorting
from senti_studio.storage.comments import Comments
from senti_studio.storage.database import Database

_FIRST_PAGE, _SMALLEST_PAGE, _LARGEST_PAGE = 200, 20, 2000
_PAGE_CHARACTERS = 1_000_000
"""What a page should hold at most of texts and cells: those of single comments may be of any length."""
_IDS_AT_ONCE = 20_000
_BETWEEN = "\x1e"
"""Stands between texts where many are fetched as one; a page with a text that has it is fetched otherwise."""


class Given(NamedTuple):
    """One annotation as it is stored; ``at`` in milliseconds since the epoch."""

    annotator: str
    label_id: int | None
    at: int
    imported: int
    adjudicated: int
    seconds: float | None


class State(NamedTuple):
    """What a project says of one comment beside its cells; ``labelled_at`` in milliseconds."""

    label_id: int | None
    labelled_at: int | None
    skipped: int
    flagged: int
    excluded: int


class Extras(NamedTuple):
    """Whether any comment has several annotations (or one that says “no label”), a part of a split, was
    skipped, flagged, excluded, noted."""

    several: bool
    parts: bool
    skipped: bool
    flagged: bool
    excluded: bool
    notes: bool


UNTOUCHED = State(None, None, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class CommentPage:
    """Comments in the order asked for; all lists are of one length.

    ``cells``: each row's own list, all original cells. ``parts`` (of single comments, not of whole sources),
    ``states``, ``given`` and ``notes`` hold only what there is, by comment id.
    """

    ids: Sequence[int]
    source_ids: Sequence[int]
    rows: Sequence[int]
    texts: Sequence[str]
    cells: list[list[str]]
    parts: Mapping[int, str]
    states: Mapping[int, State]
    given: Mapping[int, list[Given]]
    notes: Mapping[int, str]

    def labelled(self) -> CommentPage:
        """Only the comments that have a label."""
        has = [each in self.states and self.states[each].label_id is not None for each in self.ids]
        return replace(
            self,
            ids=list(compress(self.ids, has)),
            source_ids=list(compress(self.source_ids, has)),
            rows=list(compress(self.rows, has)),
            texts=list(compress(self.texts, has)),
            cells=list(compress(self.cells, has)),
        )


_SHOWN = "(label_id IS NULL OR label_id NOT IN (SELECT id FROM labels WHERE position < 0))"
"""Annotations of removed labels are kept, but hidden."""


class WholeComments:
    """Reads whole comments page by page; memory is bounded by a page (and the ids of a chosen order)."""

    def __init__(self, database: Database, comments: Comments) -> None:
        self._database = database
        self._comments = comments

    def pages(self, wanted: CommentFilter, order: Order | Sorting) -> Iterator[CommentPage]:
        """All comments that match, in order. Each page is read on its own, so a change made meanwhile may or
        may not be in it."""
        size = _FIRST_PAGE
        for ids in self._comments.ids(wanted, order, chunk=_IDS_AT_ONCE):
            size = yield from self._pages_of(ids, size)

    def pages_of(self, ids: Sequence[int]) -> Iterator[CommentPage]:
        """The comments ``ids``, in their order; those that are no longer visible are left out."""
        yield from self._pages_of(ids, _FIRST_PAGE)

    def _pages_of(self, ids: Sequence[int], size: int) -> Generator[CommentPage, None, int]:
        """Begins with a page of ``size`` comments and returns the size for those that follow."""
        start = 0
        while start < len(ids):
            size = self._fitting(ids[start : start + size])
            page, characters = self._page(ids[start : start + size])
            start += size
            yield page
            fitting = _PAGE_CHARACTERS * len(page.ids) // max(characters, 1)
            size = min(_LARGEST_PAGE, 4 * size, max(_SMALLEST_PAGE, fitting))
        return size

    def extras(self) -> Extras:
        """What the project says of any of its comments beyond one label each."""
        questions = (
            f"SELECT 1 FROM annotations WHERE {_SHOWN} GROUP BY comment_id"
            " HAVING count(*) > 1 OR sum(label_id IS NULL OR adjudicated) > 0",
            "SELECT 1 FROM comments WHERE part IS NOT NULL"
            " UNION ALL SELECT 1 FROM sources WHERE part IS NOT NULL",
            "SELECT 1 FROM comment_state WHERE skipped",
            "SELECT 1 FROM comment_state WHERE flagged",
            "SELECT 1 FROM comment_state WHERE excluded",
            "SELECT 1 FROM notes",
        )
        with self._database.reading() as connection:
            return Extras(
                *(connection.execute(f"{each} LIMIT 1").fetchone() is not None for each in questions)
            )

    def _fitting(self, ids: Sequence[int]) -> int:
        """How many of the first of ``ids`` have texts that are not too much for one page; at least one."""
        with self._database.reading() as connection:
            while len(ids) > 1:
                condition, values = _among(ids)
                (characters,) = connection.execute(
                    f"SELECT sum(length) FROM comments WHERE id {condition}", values
                ).fetchone()
                if (characters or 0) <= _PAGE_CHARACTERS:
                    break
                ids = ids[: len(ids) // 2]
        return len(ids)

    def _page(self, ids: Sequence[int]) -> tuple[CommentPage, int]:
        """A page, and how many characters were read for it."""
        condition, values = _among(ids)
        with self._database.reading() as connection:
            core = _lists_of_range(connection, ids[0], ids[-1], len(ids)) if _is_range(ids) else None
            if core is None:
                core = _lists_of_rows(connection, ids, condition, values)
            parts = connection.execute(
                f"SELECT id, part FROM comments WHERE id {condition} AND part IS NOT NULL", values
            ).fetchall()
            states = connection.execute(
                "SELECT comment_id, label_id, labelled_at, skipped, flagged, excluded FROM comment_state"
                f" WHERE comment_id {condition}",
                values,
            ).fetchall()
            annotations = connection.execute(
                "SELECT comment_id, annotator, label_id, at, imported, adjudicated, seconds FROM annotations"
                f" WHERE comment_id {condition} AND {_SHOWN} ORDER BY comment_id, at, annotator",
                values,
            ).fetchall()
            notes = connection.execute(
                f"SELECT comment_id, text FROM notes WHERE comment_id {condition}", values
            ).fetchall()
        given: dict[int, list[Given]] = {}
        for row in annotations:
            given.setdefault(row[0], []).append(Given(*row[1:]))
        page = CommentPage(
            core.ids,
            core.source_ids,
            core.rows,
            core.texts,
            _cells(core.stored, core.texts),
            dict(parts),
            {row[0]: State(*row[1:]) for row in states},
            given,
            dict(notes),
        )
        return page, len(core.stored) + sum(map(len, core.texts))


def _is_range(ids: Sequence[int]) -> bool:
    return ids[-1] - ids[0] + 1 == len(ids) and _ascends(ids)


def _among(ids: Sequence[int]) -> tuple[str, list[int | str]]:
    """What SQL asks of an id that is one of these, and its parameters."""
    if _is_range(ids):
        return "BETWEEN ? AND ?", [ids[0], ids[-1]]
    return "IN (SELECT value FROM json_each(?))", [json.dumps(list(ids))]


class _Core(NamedTuple):
    """The columns of a page that every comment has; ``stored``: its cells as one JSON list each, joined."""

    ids: Sequence[int]
    source_ids: Sequence[int]
    rows: Sequence[int]
    texts: Sequence[str]
    stored: str


def _lists_of_range(connection: sqlite3.Connection, first: int, last: int, count: int) -> _Core | None:
    """As whole lists: a step of the database a list instead of one a row, which is most of the time of an
    export. None where the rows must be looked at one by one."""
    rows, low, high = connection.execute(
        "SELECT group_concat(row), min(source_id), max(source_id) FROM comments WHERE id BETWEEN ? AND ?",
        (first, last),
    ).fetchone()
    state = connection.execute("SELECT state FROM sources WHERE id = ?", (low,)).fetchone()
    if low != high or state is None or state[0] != "ready":
        return None
    (joined,) = connection.execute(
        f"SELECT group_concat(text, char({ord(_BETWEEN)})) FROM texts WHERE id BETWEEN ? AND ?", (first, last)
    ).fetchone()
    stored, stored_count = connection.execute(
        "SELECT group_concat(cells), count(*) FROM originals WHERE id BETWEEN ? AND ?", (first, last)
    ).fetchone()
    texts = (joined or "").split(_BETWEEN)
    if len(texts) != count or stored_count != count:
        return None
    return _Core(range(first, last + 1), [low] * count, json.loads(f"[{rows}]"), texts, stored)


def _lists_of_rows(
    connection: sqlite3.Connection, ids: Sequence[int], condition: str, values: Sequence[int | str]
) -> _Core:
    rows = connection.execute(
        "SELECT c.id, c.source_id, c.row, t.text, coalesce(g.cells, '[]') FROM comments c"
        " CROSS JOIN sources o ON o.id = c.source_id AND o.state = 'ready'"
        " CROSS JOIN texts t ON t.id = c.id LEFT JOIN originals g ON g.id = c.id"
        f" WHERE c.id {condition} ORDER BY c.id",
        values,
    ).fetchall()
    if not _ascends(ids):
        by_id = {row[0]: row for row in rows}
        rows = [by_id[each] for each in ids if each in by_id]
    if not rows:
        return _Core([], [], [], [], "")
    found, source_ids, numbers, texts, stored = zip(*rows, strict=True)
    return _Core(found, source_ids, numbers, texts, ",".join(stored))


def _ascends(ids: Sequence[int]) -> bool:
    packed = array("q", ids)
    return packed == array("q", sorted(packed))


def _cells(stored: str, texts: Sequence[str]) -> list[list[str]]:
    """All rows are decoded in one go. A cell that equals the text is stored as null."""
    rows: list[list[str]] = json.loads(f"[{stored}]")
    absent: Any = None
    place = rows[0].index(absent) if rows and absent in rows[0] else 0
    if stored.count("null") == len(rows) and all(
        len(cells) > place and cells[place] is absent for cells in rows
    ):
        # One in each row, all in one column: nearly always so.
        for cells, text in zip(rows, texts, strict=True):
            cells[place] = text
        return rows
    for cells, text in zip(rows, texts, strict=True):
        if absent not in cells:
            continue
        # Nearly always one cell, and the same as in the row before.
        if place >= len(cells) or cells[place] is not absent:
            place = cells.index(absent)
        cells[place] = text
        while absent in cells:
            cells[cells.index(absent)] = text
    return rows
