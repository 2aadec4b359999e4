"""Takes in rows that say no more than text, cells, label and part: whole lists at a time.

SQLite gets them as a few JSON texts and takes them apart itself. That needs neither the interpreter nor a
step a row, so that the next rows are read on the other core meanwhile.
"""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from senti_studio.domain.comments import Part, text_keys
from senti_studio.storage.times import now


@dataclass(frozen=True, slots=True)
class PlainRows:
    """Rows of a file, all lists of one length. ``cells`` are taken over and changed; ``label_ids`` and
    ``parts`` None: there are none; ``excluded``: places of rows that are left out of training."""

    numbers: Sequence[int]
    texts: Sequence[str]
    cells: Sequence[list[Any]]
    text_column: int
    label_ids: Sequence[int | None] | None = None
    parts: Sequence[Part | None] | None = None
    excluded: Sequence[int] = ()

    def __len__(self) -> int:
        return len(self.texts)


@dataclass(frozen=True, slots=True)
class PreparedRows:
    """What goes into the database, with ids still to be given."""

    count: int
    comments: str
    texts: str
    cells: str
    labelled: tuple[tuple[int, int], ...]
    excluded: frozenset[int] = frozenset()


_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def prepared(rows: PlainRows, start: int, stop: int) -> PreparedRows:
    """The rows from ``start`` to ``stop`` made ready."""
    texts = rows.texts[start:stop]
    cells = rows.cells[start:stop]
    place = rows.text_column
    for row in cells:
        # The text is not stored twice.
        row[place] = None
    numbers, lengths, keys = rows.numbers[start:stop], list(map(len, texts)), text_keys(texts)
    comments: list[tuple[Any, ...]]
    if rows.parts is None:
        comments = list(zip(numbers, lengths, keys, strict=True))
    else:
        parts = [part.value if part is not None else None for part in rows.parts[start:stop]]
        comments = list(zip(numbers, lengths, keys, parts, strict=True))
    labels = rows.label_ids[start:stop] if rows.label_ids is not None else ()
    return PreparedRows(
        count=len(texts),
        comments=_encode(comments),
        texts=_encode(texts),
        cells=_encode(cells),
        labelled=tuple((at, label_id) for at, label_id in enumerate(labels) if label_id is not None),
        excluded=frozenset(at - start for at in rows.excluded if start <= at < stop),
    )


Reserve = Callable[[sqlite3.Connection, int, int], int]
"""Gives the first of so many ids in a row to a source."""


def insertion(
    source_id: int, rows: PreparedRows, *, reserve: Reserve, annotator: str
) -> Callable[[sqlite3.Connection], tuple[int, float]]:
    """What writes rows behind those that are there; it returns how many, and the seconds that it took."""

    def work(connection: sqlite3.Connection) -> tuple[int, float]:
        began = time.perf_counter()
        _insert(connection, source_id, rows, reserve, annotator)
        return rows.count, time.perf_counter() - began

    return work


def _insert(
    connection: sqlite3.Connection, source_id: int, rows: PreparedRows, reserve: Reserve, annotator: str
) -> None:
    at = now()
    first = reserve(connection, source_id, rows.count)
    connection.execute(
        "INSERT INTO comments (id, source_id, row, length, text_key, part) SELECT ? + key, ?,"
        " json_extract(value, '$[0]'), json_extract(value, '$[1]'), json_extract(value, '$[2]'),"
        " json_extract(value, '$[3]') FROM json_each(?)",
        (first, source_id, rows.comments),
    )
    connection.execute(
        "INSERT INTO texts (id, text) SELECT ? + key, value FROM json_each(?)", (first, rows.texts)
    )
    connection.execute(
        "INSERT INTO originals (id, cells) SELECT ? + key, value FROM json_each(?)", (first, rows.cells)
    )
    connection.executemany(
        "INSERT INTO annotations (comment_id, annotator, label_id, at, imported) VALUES (?, ?, ?, ?, 1)",
        [(first + offset, annotator, label_id, at) for offset, label_id in rows.labelled],
    )
    connection.executemany(
        "INSERT INTO comment_state (comment_id, source_id, label_id, labelled_at, excluded)"
        " VALUES (?, ?, ?, ?, ?)",
        [
            (first + offset, source_id, label_id, at, int(offset in rows.excluded))
            for offset, label_id in rows.labelled
        ],
    )
    unlabelled = rows.excluded.difference(offset for offset, _ in rows.labelled)
    connection.executemany(
        "INSERT INTO comment_state (comment_id, source_id, excluded) VALUES (?, ?, 1)",
        [(first + offset, source_id) for offset in sorted(unlabelled)],
    )
