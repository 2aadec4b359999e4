"""One original column of some comments, whatever file each came from."""

from __future__ import annotations

import json
from collections.abc import Sequence

from senti_studio.storage.database import Database

_PAGE = 5000


class OriginalCells:
    """Cells as they were imported; run it off the GUI thread."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def columns(self) -> list[str]:
        """The names of the columns of the visible sources, in their order, without texts and labels."""
        with self._database.reading() as connection:
            rows = connection.execute(
                "SELECT columns, text_column, label_column FROM sources WHERE state = 'ready' ORDER BY id"
            ).fetchall()
        found: dict[str, None] = {}
        for names, *ours in rows:
            for place, name in enumerate(json.loads(names)):
                if place not in ours:
                    found.setdefault(str(name))
        return list(found)

    def of(self, ids: Sequence[int], column: str) -> dict[int, str]:
        """Comment id -> its cell of the column of that name, without the blanks around it; comments that are
        no longer shown, and those of files without such a column, are left out."""
        places = self._places(column)
        found: dict[int, str] = {}
        if not places:
            return found
        for start in range(0, len(ids), _PAGE):
            with self._database.reading() as connection:
                rows = connection.execute(
                    "SELECT c.id, CASE WHEN json_type(g.cells, '$[' || p.value || ']') = 'null'"
                    " THEN t.text ELSE json_extract(g.cells, '$[' || p.value || ']') END"
                    " FROM json_each(?) j CROSS JOIN comments c ON c.id = j.value"
                    " CROSS JOIN json_each(?) p ON CAST(p.key AS INTEGER) = c.source_id"
                    " CROSS JOIN texts t ON t.id = c.id LEFT JOIN originals g ON g.id = c.id",
                    (json.dumps(list(ids[start : start + _PAGE])), json.dumps(places)),
                ).fetchall()
            for comment_id, cell in rows:
                found[int(comment_id)] = "" if cell is None else str(cell).strip()
        return found

    def _places(self, column: str) -> dict[int, int]:
        with self._database.reading() as connection:
            rows = connection.execute("SELECT id, columns FROM sources WHERE state = 'ready'").fetchall()
        places = {}
        for source_id, names in rows:
            known = json.loads(names)
            if column in known:
                places[int(source_id)] = known.index(column)
        return places
