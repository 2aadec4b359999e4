"""What a file says of its comments, counted by pattern: from it the outcome of an import can be foretold."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from senti_studio.domain.importing import CommentPattern, SaidLabel, plain
from senti_studio.exchange.records import Mark, Record
from senti_studio.worker.annotations import Labelling

_MOST_PATTERNS = 20_000


class SaidOfComments:
    """Counts the comments of a file by what is said of them; rows of one task in a row are one comment."""

    def __init__(self, labelling: Labelling, *, text: int, task: int | None = None) -> None:
        self._labelling, self._text, self._task = labelling, text, task
        self._found: Counter[CommentPattern] = Counter()
        self._open: CommentPattern | None = None
        self._open_marks: list[Mark] = []
        self._open_at = ("", "")
        self.joined = 0
        self.is_complete = True
        """Whether every comment was counted: a different word in every row is no label."""

    def add(self, records: Sequence[Record], written: frozenset[int]) -> None:
        """Some readable records; ``written``: places of those that the platform wrote."""
        for place, record in enumerate(records):
            self._add(record, place in written)

    def patterns(self) -> tuple[tuple[CommentPattern, int], ...]:
        """Every pattern with the number of its comments; nothing where not all could be counted."""
        self._close()
        return tuple(self._found.items()) if self.is_complete else ()

    def _add(self, record: Record, is_written: bool) -> None:
        marks = self._labelling.marks(record)
        text = record.cells[self._text]
        task = plain(record.cells[self._task]) if self._task is not None else ""
        if task and (task, text) == self._open_at and self._open is not None:
            self.joined += 1
            self._open_marks += marks
            return
        self._close()
        state = record.state
        self._open_at, self._open_marks = (task, text), list(marks)
        self._open = CommentPattern(
            is_blank=not text.strip(),
            is_bad=bool(record.problem),
            is_written=is_written,
            is_put_off=(state is not None and state.skipped) or any(mark.skipped for mark in marks),
            is_put_off_anyway=state is not None,
        )

    def _close(self) -> None:
        if self._open is None:
            return
        said = _said(self._open_marks)
        one = self._open
        pattern = CommentPattern(
            one.is_blank, one.is_bad, one.is_written, one.is_put_off, one.is_put_off_anyway, said
        )
        self._open, self._open_marks = None, []
        if pattern in self._found or len(self._found) < _MOST_PATTERNS:
            self._found[pattern] += 1
        else:
            self.is_complete = False


def _said(marks: Sequence[Mark]) -> tuple[SaidLabel, ...]:
    """The marks with numbers instead of names and times, so that like comments are alike."""
    if not marks:
        return ()
    names = {name: place for place, name in enumerate(dict.fromkeys(mark.annotator for mark in marks), 1)}
    times = sorted({mark.at for mark in marks if mark.at is not None})
    # A missing time is that of the import: later than all of them.
    return tuple(
        SaidLabel(
            values=mark.values,
            annotator=names[mark.annotator] if mark.annotator else 0,
            at=times.index(mark.at) if mark.at is not None else len(times),
            is_imported=mark.imported or not mark.annotator,
            is_adjudicated=mark.adjudicated,
            took_away=mark.took_away,
        )
        for mark in marks
        if mark.values or mark.took_away
    )
