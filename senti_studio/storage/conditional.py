"""What a change of many comments still may touch: looked at in the transaction that writes, because whoever
asked for it saw the comments a while ago."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from senti_studio.storage.comment_states import read_states

_DECIDED_AFTER = (
    "SELECT comment_id FROM journal WHERE action_id > ? AND action_id < ?"
    " AND (field IN ('label', 'skipped') OR field GLOB 'said:*')"
)
_LAST = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Seen:
    """What was known when the comments were read: nobody decided on them after the action ``since``, and
    with ``is_open`` none of them had a label or was skipped."""

    since: int
    is_open: bool = False

    def still(self, connection: sqlite3.Connection, ids: Sequence[int], own: int = _LAST) -> list[int]:
        """Those of ``ids`` of which that is still true; what the action ``own`` does itself does not
        count."""
        ranges = [(self.since, own)] if own == _LAST else [(self.since, own), (own, _LAST)]
        decided = {row[0] for each in ranges for row in connection.execute(_DECIDED_AFTER, each)}
        if self.is_open:
            decided.update(
                row[0]
                for row in connection.execute(
                    "SELECT s.comment_id FROM json_each(?) j CROSS JOIN comment_state s"
                    " ON s.comment_id = j.value WHERE s.label_id IS NOT NULL OR s.skipped = 1",
                    (json.dumps(list(ids)),),
                )
            )
        return [each for each in ids if each not in decided]


def open_copies(
    connection: sqlite3.Connection, originals: Mapping[int, int], label_id: int, annotator: str
) -> list[int]:
    """Those of the copies (copy: original) that nobody labelled or skipped, and whose original still has the
    label of the annotator."""
    states = read_states(connection, list({*originals, *originals.values()}), votes=True)
    found = []
    for copy, original in originals.items():
        here, there = states.get(copy), states.get(original)
        if here is None or there is None or here.label_id is not None or here.skipped:
            continue
        is_said = any(vote.label_id is not None for vote in here.votes.values())
        if not is_said and there.value("label", annotator) == label_id:
            found.append(copy)
    return found
