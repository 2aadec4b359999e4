"""Who labelled, who said what, and which comments were handed out to whom."""

from __future__ import annotations

import json
import sqlite3
from array import array
from collections.abc import Iterator, Sequence

from senti_studio.domain.people import Person, Saying, Share
from senti_studio.errors import UserError
from senti_studio.storage.database import Database
from senti_studio.storage.new_rows import IMPORTED
from senti_studio.storage.pieces import Pieces
from senti_studio.storage.times import moment, now

_BLOCK = 20_000
_SHOWN = "label_id IN (SELECT id FROM labels WHERE position >= 0)"
_OWN = "iif(a.adjudicated, a.independent_id, a.label_id)"
"""What somebody said without having seen the others."""


class People:
    """Reads what people said; writes what is handed out."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def names(self) -> list[Person]:
        """Everybody who gave a label to a visible comment (not labels that came with files), by name."""
        with self._database.reading() as connection:
            rows = connection.execute(
                "SELECT a.annotator, count(*) FROM annotations a JOIN comments c ON c.id = a.comment_id"
                " JOIN sources o ON o.id = c.source_id AND o.state = 'ready'"
                f" WHERE a.imported = 0 AND a.annotator != '{IMPORTED}' AND a.{_SHOWN}"
                " GROUP BY a.annotator ORDER BY a.annotator"
            ).fetchall()
        return [Person(*row) for row in rows]

    def labelled_by(self, annotator: str) -> int:
        """How many visible comments this person gave a label to."""
        with self._database.reading() as connection:
            (count,) = connection.execute(
                "SELECT count(*) FROM annotations a JOIN comments c ON c.id = a.comment_id"
                " JOIN sources o ON o.id = c.source_id AND o.state = 'ready'"
                f" WHERE a.annotator = ? AND a.{_SHOWN}",
                (annotator,),
            ).fetchone()
        return int(count)

    def progress_of(
        self, annotator: str, share_ids: frozenset[int] = frozenset()
    ) -> tuple[int, dict[int, int]]:
        """How many comments there are in these shares (none: in all), and how many of them have which label
        of this person."""
        inside = ""
        if share_ids:
            marks = ", ".join(str(int(each)) for each in share_ids)
            inside = f"(SELECT comment_id FROM share_comments WHERE share_id IN ({marks}))"
        with self._database.reading() as connection:
            if inside:
                query = (
                    "SELECT count(*) FROM comments c JOIN sources o ON o.id = c.source_id"
                    f" AND o.state = 'ready' WHERE c.id IN {inside}"
                )
            else:
                query = "SELECT coalesce(sum(row_count), 0) FROM sources WHERE state = 'ready'"
            (total,) = connection.execute(query).fetchone()
            rows = connection.execute(
                "SELECT a.label_id, count(*) FROM annotations a JOIN comments c ON c.id = a.comment_id"
                " JOIN sources o ON o.id = c.source_id AND o.state = 'ready'"
                f" WHERE a.annotator = ? AND a.{_SHOWN} {f'AND c.id IN {inside}' if inside else ''}"
                " GROUP BY a.label_id",
                (annotator,),
            ).fetchall()
        return int(total), dict(rows)

    def sayings(self, comment_id: int) -> list[Saying]:
        """All that was said of a comment, oldest first; labels that are removed say nothing."""
        with self._database.reading() as connection:
            rows = connection.execute(
                "SELECT annotator, label_id, at, imported, adjudicated, independent_id FROM annotations"
                f" WHERE comment_id = ? AND (label_id IS NULL OR {_SHOWN}) ORDER BY at, annotator",
                (comment_id,),
            ).fetchall()
        return [
            Saying(name, label_id, moment(at), bool(imported), bool(adjudicated), before)
            for name, label_id, at, imported, adjudicated, before in rows
        ]

    def judgements(self) -> Iterator[list[tuple[int, str, int]]]:
        """(comment id, annotator, label id) of what people said without having seen the others, block by
        block; of comments that at least two of them labelled; those of one comment stand together."""
        with self._database.reading() as connection:
            extents = connection.execute(
                "SELECT e.first_id, e.last_id FROM extents e JOIN sources o ON o.id = e.source_id"
                " WHERE o.state = 'ready' ORDER BY 1"
            ).fetchall()
        for first, last in extents:
            for start in range(first, last + 1, _BLOCK):
                end = min(start + _BLOCK - 1, last)
                with self._database.reading() as connection:
                    rows = connection.execute(
                        "SELECT comment_id, annotator, own FROM (SELECT a.comment_id, a.annotator,"
                        f" {_OWN} AS own, count(*) OVER (PARTITION BY a.comment_id) AS n FROM annotations a"
                        f" JOIN labels l ON l.id = {_OWN} AND l.position >= 0"
                        " WHERE a.comment_id BETWEEN ? AND ? AND a.imported = 0"
                        f" AND a.annotator != '{IMPORTED}') WHERE n > 1 ORDER BY comment_id, annotator",
                        (start, end),
                    ).fetchall()
                if rows:
                    yield rows

    # -- what is handed out ----------------------------------------------------------------------------------

    def shares(self) -> list[Share]:
        """What is handed out, oldest first."""
        with self._database.reading() as connection:
            rows = connection.execute(
                "SELECT s.id, s.person, s.made_at, s.folder, count(o.id),"
                " count(iif(o.id IS NULL, NULL, a.label_id))"
                " FROM shares s LEFT JOIN share_comments h ON h.share_id = s.id"
                " LEFT JOIN comments c ON c.id = h.comment_id"
                " LEFT JOIN sources o ON o.id = c.source_id AND o.state = 'ready'"
                " LEFT JOIN annotations a ON a.comment_id = c.id AND a.annotator = s.person"
                " WHERE s.removed = 0 GROUP BY s.id ORDER BY s.id"
            ).fetchall()
        return [
            Share(share_id, person, moment(at), folder, comments, labelled)
            for share_id, person, at, folder, comments, labelled in rows
        ]

    def handed_out(self) -> array[int]:
        """The ids of all comments that are in a share, ascending."""
        with self._database.reading() as connection:
            rows = connection.execute(
                "SELECT DISTINCT h.comment_id FROM share_comments h JOIN shares s ON s.id = h.share_id"
                " WHERE s.removed = 0 ORDER BY 1"
            )
            return array("q", (row[0] for row in rows))

    def same_texts(self, ids: Sequence[int]) -> list[list[int]]:
        """The comments ``ids`` in groups of equal texts (see `text_key`), in the order of their firsts."""
        groups: dict[int, list[int]] = {}
        for start in range(0, len(ids), _BLOCK):
            part = json.dumps(list(ids[start : start + _BLOCK]))
            with self._database.reading() as connection:
                rows = connection.execute(
                    "SELECT c.id, c.text_key FROM json_each(?) j CROSS JOIN comments c ON c.id = j.value",
                    (part,),
                ).fetchall()
            for comment_id, key in rows:
                groups.setdefault(key, []).append(comment_id)
        return list(groups.values())

    def add_share(self, person: str, ids: Sequence[int], *, folder: str = "") -> int:
        """Hands comments out to a person; it can be seen when all of them are noted. Blocks."""
        return self.add_shares([(person, ids, folder)])[0]

    def add_shares(self, shares: Sequence[tuple[str, Sequence[int], str]]) -> list[int]:
        """As `add_share`, for several of (person, ids, folder): all of them can be seen, or none. Blocks."""
        made = [self._fill(*each) for each in shares]

        def show(connection: sqlite3.Connection) -> None:
            connection.executemany("UPDATE shares SET removed = 0 WHERE id = ?", [(each,) for each in made])

        self._database.writer.run(show, durable=True)
        return made

    def _fill(self, person: str, ids: Sequence[int], folder: str) -> int:
        """Notes a share that cannot be seen yet."""

        def begin(connection: sqlite3.Connection) -> int:
            cursor = connection.execute(
                "INSERT INTO shares (person, made_at, folder, removed) VALUES (?, ?, ?, 1)",
                (person, now(), folder),
            )
            return int(cursor.lastrowid or 0)

        share_id = self._database.writer.run(begin, durable=False)
        pieces, done = Pieces(self._database), 0
        while done < len(ids):
            part = json.dumps(list(ids[done : done + pieces.size]))
            count = min(pieces.size, len(ids) - done)

            def piece(connection: sqlite3.Connection, part: str = part, count: int = count) -> int:
                connection.execute(
                    "INSERT OR IGNORE INTO share_comments SELECT j.value, ? FROM json_each(?) j"
                    " JOIN comments c ON c.id = j.value",
                    (share_id, part),
                )
                return count

            done += pieces.run(piece)
        return share_id

    def take_back(self, share_id: int) -> None:
        """The comments are nobody's in particular again; all labels stay. Raises ``SHARE_NOT_FOUND``."""

        def work(connection: sqlite3.Connection) -> None:
            cursor = connection.execute(
                "UPDATE shares SET removed = 1 WHERE id = ? AND removed = 0", (share_id,)
            )
            if cursor.rowcount != 1:
                raise UserError("SHARE_NOT_FOUND", number=share_id)
            connection.execute("DELETE FROM share_comments WHERE share_id = ?", (share_id,))

        self._database.writer.run(work, durable=True)
