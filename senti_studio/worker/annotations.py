"""From the records of a file to annotations: what speaks of labels, whose they are, and when."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from senti_studio.domain.importing import ImportRequest, plain
from senti_studio.exchange.marks import label_joint, label_values, seconds_of, time_of
from senti_studio.exchange.records import Mark, Record, RecordFile


@dataclass(frozen=True, slots=True)
class Labelling:
    """Where the labels of a file stand; indices of columns, None where there is none. ``beside``: they are
    not in a column. ``joint`` separates several labels of a cell, unless the cell is one of ``wholes``."""

    label: int | None = None
    annotator: int | None = None
    time: int | None = None
    seconds: int | None = None
    joint: str = ""
    wholes: frozenset[str] = frozenset()
    beside: bool = False

    @property
    def is_plain(self) -> bool:
        """Whether a label is all that the file says of an annotation."""
        return not self.beside and self.annotator is None and self.time is None and self.seconds is None

    def values(self, record: Record) -> tuple[str, ...]:
        """The labels in the label column."""
        if self.label is None:
            return ()
        cell = record.cells[self.label]
        if self.wholes and plain(cell) in self.wholes:
            return (plain(cell),)
        return label_values(cell, self.joint)

    def marks(self, record: Record) -> tuple[Mark, ...]:
        """The annotations of a record, those that say nothing left out."""
        if self.beside:
            return record.marks
        values = self.values(record)
        if not values:
            return ()
        cells = record.cells
        return (
            Mark(
                annotator=plain(cells[self.annotator]) if self.annotator is not None else "",
                values=values,
                at=time_of(cells[self.time]) if self.time is not None else None,
                seconds=seconds_of(cells[self.seconds]) if self.seconds is not None else None,
            ),
        )


def labelling_of(file: RecordFile, request: ImportRequest, wholes: Iterable[str] = ()) -> Labelling:
    """What ``request`` says about the labels of ``file``; a label column goes before what stands beside."""
    if request.label_column is None:
        return Labelling(beside=bool(file.annotations) and request.take_annotations)
    return Labelling(
        label=request.label_column,
        annotator=request.annotator_column,
        time=request.time_column,
        seconds=request.seconds_column,
        joint=label_joint(file.columns),
        wholes=frozenset(wholes),
    )
