"""Which comments of two copies of a project are the same.

The same place of the same file (its SHA-256, the row, the text) decides; where a file came in otherwise in
one of them, the text alone does, one comment for one. Texts are compared by `text_key`. Of each comment a few
numbers are held in memory, no texts.
"""

from __future__ import annotations

from array import array
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field

from senti_studio.storage.database import Database

_BLOCK = 20_000
_Row = tuple[int, int, int]
"""comment id, row in its file, key of its text"""


@dataclass(slots=True)
class Matches:
    """``mine[i]`` is ``theirs[i]``; pairs found by their text follow those of the same place."""

    theirs: array[int] = field(default_factory=lambda: array("q"))
    mine: array[int] = field(default_factory=lambda: array("q"))
    same_place: int = 0
    unknown: array[int] = field(default_factory=lambda: array("q"))
    """Comments of theirs that are not here, ascending."""

    @property
    def same_text(self) -> int:
        return len(self.mine) - self.same_place


def match(mine: Database, theirs: Database) -> Matches:
    """Looks at every visible comment of both."""
    found, left = Matches(), list[tuple[int, int]]()
    own = deque(_sources(mine))
    for source_id, digest in _sources(theirs):
        twin = next((each for each in own if digest and each[1] == digest), None)
        if twin is None:
            left += [(comment_id, key) for comment_id, _, key in _rows(theirs, source_id)]
        else:
            own.remove(twin)
            left += _same_places(mine, theirs, twin[0], source_id, found)
    found.same_place = len(found.mine)
    _same_texts(mine, left, found)
    return found


def _same_places(
    mine: Database, theirs: Database, own_id: int, source_id: int, found: Matches
) -> list[tuple[int, int]]:
    """Goes through two sources at once, both by row; returns what of theirs stands nowhere in mine."""
    left = []
    own = _rows(mine, own_id)
    here = next(own, None)
    for comment_id, row, key in _rows(theirs, source_id):
        while here is not None and here[1] < row:
            here = next(own, None)
        if here is not None and here[1:] == (row, key):
            found.theirs.append(comment_id)
            found.mine.append(here[0])
        else:
            left.append((comment_id, key))
    return left


def _same_texts(mine: Database, left: list[tuple[int, int]], found: Matches) -> None:
    if not left:
        return
    waiting: dict[int, deque[int]] = {}
    for comment_id, key in left:
        waiting.setdefault(key, deque()).append(comment_id)
    taken = set(found.mine)
    for source_id, _ in _sources(mine):
        for comment_id, _, key in _rows(mine, source_id):
            there = waiting.get(key)
            if there and comment_id not in taken:
                found.theirs.append(there.popleft())
                found.mine.append(comment_id)
    found.unknown.extend(sorted(each for there in waiting.values() for each in there))


def _sources(database: Database) -> list[tuple[int, str]]:
    with database.reading() as connection:
        return connection.execute(
            "SELECT id, sha256 FROM sources WHERE state = 'ready' ORDER BY id"
        ).fetchall()


def _rows(database: Database, source_id: int) -> Iterator[_Row]:
    """In file order."""
    with database.reading() as connection:
        extents = connection.execute(
            "SELECT first_id, last_id FROM extents WHERE source_id = ? ORDER BY first_id", (source_id,)
        ).fetchall()
    for first, last in extents:
        for start in range(first, last + 1, _BLOCK):
            with database.reading() as connection:
                rows = connection.execute(
                    "SELECT id, row, text_key FROM comments WHERE id BETWEEN ? AND ? ORDER BY id",
                    (start, min(start + _BLOCK - 1, last)),
                ).fetchall()
            yield from rows
