"""What the labelling assistant reads: texts stretch by stretch, training labels, and what is settled."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import dataclass

from senti_studio.storage.database import Database


@dataclass(frozen=True, slots=True)
class Stretch:
    """Visible comments of one source whose ids lie in a row, both ends included."""

    source_id: int
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class TrainingLabels:
    """Comments that training may use, by id: the label of each, the key of its text, and whether it belongs
    to the test part."""

    ids: array[int]
    label_ids: array[int]
    text_keys: array[int]
    is_test: array[int]


class Overview:
    """Whole columns of the project at once; run it off the GUI thread."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def stretches(self) -> list[Stretch]:
        """Where the visible comments are, by source."""
        with self._database.reading() as connection:
            rows = connection.execute(
                "SELECT e.source_id, e.first_id, e.last_id FROM extents e"
                " JOIN sources o ON o.id = e.source_id"
                " WHERE o.state = 'ready' ORDER BY e.source_id, e.first_id"
            ).fetchall()
        return [Stretch(*row) for row in rows]

    def texts(self, first: int, last: int) -> tuple[list[int], list[str]]:
        """Ids and whole texts of the comments from ``first`` to ``last``, by id."""
        with self._database.reading() as connection:
            rows = connection.execute(
                "SELECT id, text FROM texts WHERE id BETWEEN ? AND ? ORDER BY id", (first, last)
            ).fetchall()
        return [row[0] for row in rows], [row[1] for row in rows]

    def training_labels(self) -> TrainingLabels:
        """As `Comments.labelled`: disputed and excluded ones are left out. The test part is the project's
        test set and what came as a test part with its file."""
        with self._database.reading() as connection:
            rows = connection.execute(
                "SELECT s.comment_id, s.label_id, c.text_key, coalesce(c.part, o.part) IS 'test' OR EXISTS ("
                "  SELECT 1 FROM test_comments t WHERE t.comment_id = s.comment_id"
                "  AND t.version = (SELECT max(version) FROM test_sets))"
                " FROM comment_state s CROSS JOIN comments c ON c.id = s.comment_id"
                " CROSS JOIN sources o ON o.id = c.source_id AND o.state = 'ready'"
                " WHERE s.label_id IN (SELECT id FROM labels WHERE position >= 0)"
                " AND s.disputed = 0 AND s.excluded = 0 ORDER BY s.comment_id"
            ).fetchall()
        columns = list(zip(*rows, strict=True)) if rows else [(), (), (), ()]
        return TrainingLabels(*(array("q", column) for column in columns))

    def settled(self) -> array[int]:
        """Comments that no queue of unlabelled ones shows: labelled, skipped or excluded."""
        with self._database.reading() as connection:
            rows = connection.execute(
                "SELECT comment_id FROM comment_state"
                " WHERE label_id IS NOT NULL OR skipped = 1 OR excluded = 1"
            ).fetchall()
        return array("q", [row[0] for row in rows])

    def test_part(self) -> array[int]:
        """Comments that came as a test part with their file; looks at every comment."""
        with self._database.reading() as connection:
            rows = connection.execute(
                "SELECT c.id FROM comments c JOIN sources o ON o.id = c.source_id"
                " WHERE o.state = 'ready' AND coalesce(c.part, o.part) = 'test'"
            ).fetchall()
        return array("q", [row[0] for row in rows])

    def text_keys(self, ids: Sequence[int]) -> set[int]:
        """The keys of the texts of some comments."""
        found: set[int] = set()
        for start in range(0, len(ids), _PAGE):
            page = list(ids[start : start + _PAGE])
            marks = ",".join("?" * len(page))
            with self._database.reading() as connection:
                rows = connection.execute(f"SELECT text_key FROM comments WHERE id IN ({marks})", page)
                found.update(row[0] for row in rows)
        return found


_PAGE = 500
