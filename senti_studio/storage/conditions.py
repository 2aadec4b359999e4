"""A filter of comments as SQL over one block of ids, and what of it has to be decided outside SQL."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from senti_studio.domain.comments import CellCondition, CommentFilter, Duplicates, Match, SearchMode

Value = int | str
Keep = Callable[..., Iterable[object]]
"""Called with the ids of comments and the values of the columns asked for; gives something true for each that
stays."""

_TABLES = {"c": "comments", "t": "texts", "s": "comment_state", "g": "originals"}
_KEYS = {"c": "c.id", "t": "t.id", "s": "s.comment_id", "g": "g.id"}
_ALIAS = re.compile(r"\b([ctgs])\.")

_TEST_SET = (
    "(SELECT x.comment_id FROM test_comments x WHERE x.version = (SELECT max(version) FROM test_sets))"
)

NEAR = "EXISTS (SELECT 1 FROM near_groups n WHERE n.comment_id = {key})"


@dataclass(frozen=True, slots=True)
class Columns:
    """The original columns of one source."""

    source_id: int
    names: tuple[str, ...]
    stamp: int
    """When it was imported: tells it from another source that got the same id in a restored project."""

    def cell(self, name: str) -> str | None:
        """The cell of a column as SQL, or None where the source has no such column."""
        if name not in self.names:
            return None
        place = self.names.index(name)
        at = f"'$[{place}]'"
        # A cell that equals the text is stored as null; beyond the end of a ragged row there is none at all.
        return (
            f"coalesce(json_extract(g.cells, {at}),"
            f" CASE json_type(g.cells, {at}) WHEN 'null' THEN t.text ELSE '' END)"
        )


@dataclass(slots=True)
class Selection:
    """Conditions in SQL over the tables c (comments), t (texts), s (state) and g (originals).

    A selection without ``matches`` holds nothing, whatever the block.
    """

    driver: str
    conditions: list[str] = field(default_factory=list)
    values: list[Value] = field(default_factory=list)
    matches: bool = True

    @classmethod
    def of(cls, wanted: CommentFilter, source: Columns) -> Selection:
        """The filter for the comments of one source, driven by the narrowest table that can answer it."""
        positive = (wanted.label_ids and not wanted.unlabelled) or (
            wanted.flagged or wanted.skipped or wanted.excluded or wanted.disputed
        )
        found = cls("s" if positive else "t" if wanted.search else "c")
        found._add_state(wanted)
        found._add_facts(wanted)
        for cell in wanted.cells:
            found._add_cell(cell, source)
        found._add_search(wanted)
        return found

    @property
    def key(self) -> str:
        return _KEYS[self.driver]

    def add(self, condition: str, *values: Value) -> None:
        """One more condition; all must hold."""
        self.conditions.append(condition)
        self.values += values

    def _add_state(self, wanted: CommentFilter) -> None:
        labels = []
        if wanted.label_ids:
            labels.append(f"s.label_id IN ({_marks(wanted.label_ids)})")
        if wanted.unlabelled:
            labels.append("s.label_id IS NULL")
        if labels:
            self.add("(" + " OR ".join(labels) + ")", *sorted(wanted.label_ids))
        states = {
            "flagged": wanted.flagged,
            "skipped": wanted.skipped,
            "excluded": wanted.excluded,
            "disputed": wanted.disputed,
        }
        for column, value in states.items():
            if value is not None:
                self.add(f"coalesce(s.{column}, 0) = {int(value)}")

    def _add_facts(self, wanted: CommentFilter) -> None:
        if wanted.shortest is not None:
            self.add("c.length >= ?", wanted.shortest)
        if wanted.longest is not None:
            self.add("c.length <= ?", wanted.longest)
        if wanted.annotators:
            self.add(
                f"EXISTS (SELECT 1 FROM annotations a WHERE a.comment_id = {self.key}"
                f" AND a.annotator IN ({_marks(wanted.annotators)}) AND a.label_id IS NOT NULL)",
                *sorted(wanted.annotators),
            )
        if wanted.not_by:
            self.add(
                f"NOT EXISTS (SELECT 1 FROM annotations a WHERE a.comment_id = {self.key}"
                " AND a.annotator = ? AND a.label_id IS NOT NULL)",
                wanted.not_by,
            )
        if wanted.share_ids:
            self.add(
                f"EXISTS (SELECT 1 FROM share_comments h WHERE h.comment_id = {self.key}"
                f" AND h.share_id IN ({_marks(wanted.share_ids)}))",
                *sorted(wanted.share_ids),
            )
        if wanted.group_of is not None:
            self.add(
                "(c.text_key = (SELECT text_key FROM comments WHERE id = ?) OR c.id IN"
                " (SELECT comment_id FROM near_groups WHERE group_id ="
                " (SELECT group_id FROM near_groups WHERE comment_id = ?)))",
                wanted.group_of,
                wanted.group_of,
            )
        if wanted.test_set is not None:
            self.add(f"{self.key} {'IN' if wanted.test_set else 'NOT IN'} {_TEST_SET}")
        if wanted.duplicates == {Duplicates.NEAR}:
            self.add(NEAR.format(key=self.key))

    def _add_cell(self, cell: CellCondition, source: Columns) -> None:
        expression = source.cell(cell.column)
        if expression is None:
            self.matches = False
        elif cell.match is Match.EQUALS:
            self.add(f"{expression} = ?", cell.value)
        else:
            self.add(*containing(expression, cell.value))

    def _add_search(self, wanted: CommentFilter) -> None:
        if wanted.mode is SearchMode.REGEX:
            return  # decided row by row, outside SQL
        words = wanted.search.split() if wanted.mode is SearchMode.WORDS else [wanted.search]
        for word in words:
            if word:
                self.add(*containing("t.text", word))

    def tables(self, *columns: str) -> str:
        """The tables that the conditions and ``columns`` need, joined, the driving one first."""
        used = set(_ALIAS.findall(" ".join([*self.conditions, *columns])))
        joined = f"{_TABLES[self.driver]} {self.driver}"
        for alias, table in _TABLES.items():
            if alias in used and alias != self.driver:
                how = "CROSS JOIN" if alias in "ct" else "LEFT JOIN"
                joined += f" {how} {table} {alias} ON {_KEYS[alias]} = {self.key}"
        return joined

    def rows_query(self, columns: Sequence[str] = ()) -> str:
        """(id, columns …) of one block in file order; parameters: first id, last id, `values`."""
        shown = ", ".join([f"{self.key} AS k", *(f"{each} AS k{n}" for n, each in enumerate(columns))])
        where = " AND ".join([f"{self.key} BETWEEN ? AND ?", *self.conditions])
        return f"SELECT {shown} FROM {self.tables(*columns)} WHERE {where} ORDER BY {self.key}"

    def lists_query(self, columns: Sequence[str] = ()) -> str:
        """As `rows_query`, but one row of comma-separated lists."""
        lists = ["group_concat(k)", *(f"group_concat(k{number})" for number in range(len(columns)))]
        return f"SELECT {', '.join(lists)} FROM ({self.rows_query(columns)})"


def _marks(values: Sequence[object] | frozenset[object] | frozenset[int] | frozenset[str]) -> str:
    return ", ".join("?" * len(values))


def containing(expression: str, words: str) -> tuple[str, str]:
    """(condition, its value): ``words`` occur, ASCII letters in either case."""
    # LIKE folds the case of ASCII letters; where there are none, instr() is the faster of the two.
    if not any("a" <= letter <= "z" for letter in words.lower()):
        return f"instr({expression}, ?) > 0", words
    escaped = words.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"{expression} LIKE ? ESCAPE '\\'", f"%{escaped}%"


def columns_of(source_id: int, names: str, imported_at: int) -> Columns:
    """From a row of the table of sources."""
    return Columns(source_id, tuple(json.loads(names)), imported_at)
