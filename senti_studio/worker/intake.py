"""Turns the records of a file into the comments of a project, as a request wants them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from senti_studio.domain.comments import NewAnnotation, NewComment, Part
from senti_studio.domain.importing import ImportRequest, part_of, plain
from senti_studio.domain.reading import UNREADABLE
from senti_studio.exchange.records import Mark, Record
from senti_studio.storage.new_rows import outcome
from senti_studio.storage.plain_rows import PlainRows
from senti_studio.worker.annotations import Labelling
from senti_studio.worker.known_texts import Boilerplate


@dataclass(slots=True)
class Intake:
    """Turns records into comments, and counts."""

    request: ImportRequest
    labelling: Labelling
    mapping: Mapping[str, str]
    label_ids: Mapping[str, int]
    boilerplate: Boilerplate | None = None
    rows: int = 0
    labelled: int = 0
    unmapped: int = 0
    several_labels: int = 0
    disputed: int = 0
    skipped: int = 0
    joined: int = 0
    skipped_blank: int = 0
    skipped_bad: int = 0
    unknown_parts: int = 0
    excluded: int = 0
    skipped_boilerplate: int = 0
    parts: dict[Part, int] = field(default_factory=dict)
    annotators: Counter[str] = field(default_factory=Counter)
    _written: set[int] = field(default_factory=set)
    _open: NewComment | None = None
    _open_task: str = ""

    def sorted_out(self, records: list[Record]) -> list[Record]:
        """The records without those of which the platform wrote the text, where these are to stay out; where
        they are to be excluded, `comments` and `plain_rows` of the same records will know them."""
        self._written.clear()
        if self.boilerplate is None:
            return records
        column = self.request.text_column
        flags = self.boilerplate.flags([record.cells[column] for record in records])
        if not any(flags):
            return records
        readable = [
            flag and record.problem not in UNREADABLE for flag, record in zip(flags, records, strict=True)
        ]
        if self.request.boilerplate == "skip":
            self.skipped_boilerplate += sum(readable)
            return [record for flag, record in zip(readable, records, strict=True) if not flag]
        self._written.update(record.row for flag, record in zip(readable, records, strict=True) if flag)
        return records

    def comments(self, records: Sequence[Record]) -> list[NewComment]:
        """The comments of some records; one that may go on behind them waits for the next call."""
        if self.request.task_column is None:
            made = (self._comment(record) for record in records)
            return [comment for comment in made if comment is not None]
        return [done for record in records if (done := self._gathered(record)) is not None]

    def are_plain(self, records: Sequence[Record]) -> bool:
        """Whether the records say no more than `PlainRows` can, and all of them are wanted."""
        request = self.request
        if not self.labelling.is_plain or request.task_column is not None:
            return False
        if any(record.problem or record.state is not None for record in records):
            return False
        column = request.text_column
        return not request.skip_blank_texts or all(record.cells[column].strip() for record in records)

    def plain_rows(self, records: Sequence[Record]) -> PlainRows:
        """The same as `comments`, of plain records; takes their cells over."""
        request, column = self.request, self.request.text_column
        self.rows += len(records)
        self.excluded += len(self._written)
        label_ids = parts = None
        if self.labelling.label is not None:
            label_ids = [self._label(record) for record in records]
            self.labelled += len(label_ids) - label_ids.count(None)
        if request.part_column is not None or request.part:
            parts = [self._part(record) for record in records]
        return PlainRows(
            numbers=[record.row for record in records],
            texts=[record.cells[column] for record in records],
            cells=[record.cells for record in records],
            text_column=column,
            label_ids=label_ids,
            parts=parts,
            excluded=[at for at, record in enumerate(records) if record.row in self._written]
            if self._written
            else (),
        )

    def rest(self) -> list[NewComment]:
        """The comment that still waits."""
        last, self._open = self._open, None
        return [self._counted(last)] if last is not None else []

    def _gathered(self, record: Record) -> NewComment | None:
        """The comment that ends before ``record``, which may be one more annotation of it."""
        request, before = self.request, self._open
        task = plain(record.cells[request.task_column]) if request.task_column is not None else ""
        text = record.cells[request.text_column]
        if before is not None and task and task == self._open_task and text == before.text:
            self.joined += 1
            self._open = replace(before, annotations=(*before.annotations, *self._annotations(record)))
            return None
        comment = self._comment(record, is_open=True)
        if comment is None:
            return None
        self._open, self._open_task = comment, task
        return self._counted(before) if before is not None else None

    def _comment(self, record: Record, *, is_open: bool = False) -> NewComment | None:
        """The comment of a record, or None where the request leaves it out."""
        if not self._is_wanted(record):
            return None
        self.rows += 1
        request = self.request
        part = self._part(record)
        text, cells = record.cells[request.text_column], tuple(record.cells)
        excluded = record.row in self._written
        self.excluded += excluded
        if self.labelling.is_plain and not is_open:
            label_id = self._label(record)
            self.labelled += label_id is not None
            return NewComment(record.row, text, cells, label_id, part, excluded=excluded)
        state = record.state
        comment = NewComment(
            record.row, text, cells, None, part, self._annotations(record), excluded=excluded
        )
        is_skipped = any(mark.skipped for mark in self.labelling.marks(record))
        if state is not None:
            comment = replace(
                comment,
                skipped=state.skipped or is_skipped,
                flagged=state.flagged,
                excluded=excluded or state.excluded,
                note=state.note,
            )
        elif is_skipped and not any(one.label_id for one in comment.annotations):
            comment = replace(comment, skipped=True)
        return comment if is_open else self._counted(comment)

    def _is_wanted(self, record: Record) -> bool:
        request, problem = self.request, record.problem
        leaves_out = request.skip_bad_rows or request.options.on_bad == "skip-row"
        if problem and (leaves_out or problem in UNREADABLE):
            self.skipped_bad += 1
            return False
        if request.skip_blank_texts and not record.cells[request.text_column].strip():
            self.skipped_blank += 1
            return False
        return True

    def _counted(self, comment: NewComment) -> NewComment:
        found = outcome(comment.annotations)
        self.labelled += found.label_id is not None
        self.disputed += found.disputed
        self.skipped += comment.skipped
        return comment

    def _label(self, record: Record) -> int | None:
        values = self.labelling.values(record)
        return self._label_id(values) if values else None

    def _label_id(self, values: Sequence[str]) -> int | None:
        if len(values) > 1:
            self.several_labels += 1
            return None
        key = self.mapping.get(plain(values[0]))
        self.unmapped += key is None
        return None if key is None else self.label_ids[key]

    def _annotations(self, record: Record) -> tuple[NewAnnotation, ...]:
        made: list[NewAnnotation] = []
        for mark in self.labelling.marks(record):
            label_id = self._label_id(mark.values) if mark.values else None
            if label_id is None and not mark.took_away:
                continue
            if mark.annotator:
                self.annotators[mark.annotator] += 1
            made.append(_annotation(mark, label_id))
        return tuple(made)

    def _part(self, record: Record) -> Part | None:
        request, part = self.request, None
        if request.part_column is not None:
            said = record.cells[request.part_column]
            part = part_of(said, request.part_map)
            self.unknown_parts += part is None and bool(plain(said))
        elif request.part:
            part = Part(request.part)
        elif record.state is not None and record.state.part:
            part = Part(record.state.part)
        if part is not None:
            self.parts[part] = self.parts.get(part, 0) + 1
        return part


def _annotation(mark: Mark, label_id: int | None) -> NewAnnotation:
    return NewAnnotation(
        label_id=label_id,
        annotator=mark.annotator,
        at=mark.at,
        seconds=mark.seconds,
        imported=mark.imported or not mark.annotator,
        adjudicated=mark.adjudicated,
    )
