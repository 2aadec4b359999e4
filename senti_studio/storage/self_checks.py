"""Which of one's own earlier comments is asked again, what was said then, and what before."""

from __future__ import annotations

import json
import random
import sqlite3
from collections.abc import Collection
from concurrent.futures import Future

from senti_studio.domain.journal import Action, Verb
from senti_studio.domain.self_agreement import DECISIONS_BETWEEN, SecondLook
from senti_studio.errors import UserError
from senti_studio.storage.changes import DONE, MARK, ChangeSet, drop_redoable, record, store
from senti_studio.storage.database import Database
from senti_studio.storage.times import moment, now

_LAST_ALLOWED = (
    "SELECT id FROM actions WHERE annotator = ? AND verb = 'label' AND standing = 0"
    " ORDER BY id DESC LIMIT 1 OFFSET ?"
)
# Labels that were given to many comments at once are left out: nobody looked at each of these.
_CANDIDATE = (
    "SELECT j.comment_id FROM actions d"
    " CROSS JOIN journal j ON j.action_id = d.id AND j.field = 'label'"
    " CROSS JOIN annotations a ON a.comment_id = j.comment_id AND a.annotator = d.annotator"
    " CROSS JOIN comments c ON c.id = j.comment_id"
    " CROSS JOIN sources o ON o.id = c.source_id AND o.state = 'ready'"
    " CROSS JOIN labels l ON l.id = a.label_id AND l.position >= 0"
    " LEFT JOIN comment_state s ON s.comment_id = c.id"
    " WHERE d.id BETWEEN ?1 AND ?2 AND d.annotator = ?3 AND d.verb = 'label' AND d.standing = 0"
    " AND d.count = 1 AND a.label_id = j.new AND a.imported = 0 AND a.adjudicated = 0"
    " AND coalesce(s.excluded, 0) = 0"
    " AND j.comment_id NOT IN (SELECT value FROM json_each(?4))"
    " AND NOT EXISTS (SELECT 1 FROM second_looks k WHERE k.comment_id = j.comment_id AND k.annotator = ?3)"
    " AND NOT EXISTS (SELECT 1 FROM test_comments t WHERE t.comment_id = j.comment_id"
    " AND t.version = (SELECT max(version) FROM test_sets))"
    " ORDER BY d.id LIMIT 1"
)


class SecondLooks:
    """Comments that are asked again unannounced, of each annotator."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def candidate(
        self,
        annotator: str,
        chance: random.Random,
        *,
        without: Collection[int] = (),
        between: int = DECISIONS_BETWEEN,
    ) -> int | None:
        """A comment that the annotator has labelled by itself at least ``between`` labels ago, that the
        annotator was never asked again, and that is not of the test set; None when there is none."""
        left_out = json.dumps(sorted(without))
        with self._database.reading() as connection:
            row = connection.execute(_LAST_ALLOWED, (annotator, between)).fetchone()
            if row is None:
                return None
            last = int(row[0])
            start = chance.randint(1, last)
            for low, high in ((start, last), (1, start - 1)):
                found = connection.execute(_CANDIDATE, (low, high, annotator, left_out)).fetchone()
                if found is not None:
                    return int(found[0])
        return None

    def answer(
        self, comment_id: int, label_id: int, *, annotator: str, seconds: float | None = None
    ) -> Future[Action]:
        """The annotator's second answer: it is the label from now on, both are kept, and one undo takes both
        back. The future raises UserError ``LABEL_GONE`` for a label that another window has removed."""

        def work(connection: sqlite3.Connection) -> Action:
            shown = connection.execute(
                "SELECT 1 FROM labels WHERE id = ? AND position >= 0", (label_id,)
            ).fetchone()
            if shown is None:
                raise UserError("LABEL_GONE")
            at = now()
            made = ChangeSet(connection, annotator, at, seconds=seconds)
            made.answer_again(comment_id, label_id)
            drop_redoable(connection, annotator)
            standing = DONE if made.entries else MARK
            action_id = record(connection, Verb.LABEL, annotator, at, 0, label_id, None, standing)
            count = len(store(connection, action_id, made))
            return Action(action_id, Verb.LABEL, annotator, moment(at), count, (comment_id,), label_id)

        return self._database.writer.submit(work, durable=True)

    def count(self, annotator: str) -> int:
        """How many answers of ``annotator`` are kept; cheap, for noticing changes."""
        with self._database.reading() as connection:
            row = connection.execute("SELECT count(*) FROM second_looks WHERE annotator = ?", (annotator,))
            return int(row.fetchone()[0])

    def pairs(self, annotator: str | None = None) -> list[SecondLook]:
        """What was answered twice, by ``annotator`` or by everybody, oldest first; labels that were removed
        since and comments that are no longer there are left out."""
        with self._database.reading() as connection:
            rows = connection.execute(
                "SELECT k.comment_id, k.first_label, k.second_label, k.first_at, k.at FROM second_looks k"
                " CROSS JOIN comments c ON c.id = k.comment_id"
                " CROSS JOIN sources o ON o.id = c.source_id AND o.state = 'ready'"
                " WHERE (?1 IS NULL OR k.annotator = ?1)"
                " AND k.first_label IN (SELECT id FROM labels WHERE position >= 0)"
                " AND k.second_label IN (SELECT id FROM labels WHERE position >= 0)"
                " ORDER BY k.at, k.comment_id",
                (annotator,),
            ).fetchall()
        return [SecondLook(row[0], row[1], row[2], moment(row[3]), moment(row[4])) for row in rows]
