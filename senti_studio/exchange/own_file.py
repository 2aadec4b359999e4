"""Recognises what this program wrote itself, and reads its columns as what they were before they went out."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from senti_studio.domain import exporting as ours
from senti_studio.domain.reading import ReadOptions, Remark
from senti_studio.exchange.decode import Damage
from senti_studio.exchange.marks import seconds_of, time_of
from senti_studio.exchange.records import Mark, Record, RecordFile, State, Tally

IMPORTED = "import"
"""Who gave labels that came with a file, in our exports."""

_NEEDED = {ours.LABEL, ours.ANNOTATOR, ours.TIME}
_YES = frozenset(("1", "true", "yes", "是"))


def is_own(columns: Sequence[str]) -> bool:
    """Whether annotations of ours stand in these columns (those of a classified file are predictions)."""
    return set(columns) >= _NEEDED and "senti_conf" not in columns


class OwnFile:
    """A `RecordFile` around another: our columns become marks and states, the original ones stay."""

    annotations = ours.LABEL

    def __init__(self, inner: RecordFile) -> None:
        self._inner = inner
        self._kept = [place for place, name in enumerate(inner.columns) if name not in ours.OUR_COLUMNS]
        self._places = {name: at for at, name in enumerate(inner.columns) if name in ours.OUR_COLUMNS}
        self.columns = tuple(inner.columns[place] for place in self._kept)

    @property
    def path(self) -> Path:
        return self._inner.path

    @property
    def options(self) -> ReadOptions:
        return self._inner.options

    @property
    def tally(self) -> Tally:
        return self._inner.tally

    @property
    def damage(self) -> Damage:
        return self._inner.damage

    @property
    def bytes_read(self) -> int:
        return self._inner.bytes_read

    @property
    def size(self) -> int:
        return self._inner.size

    @property
    def remarks(self) -> tuple[Remark, ...]:
        return self._inner.remarks

    def __iter__(self) -> Iterator[Record]:
        for record in self._inner:
            said = {name: record.cells[place] for name, place in self._places.items()}
            cells = [record.cells[place] for place in self._kept]
            yield record._replace(cells=cells, marks=_marks(said), state=_state(said))


def _marks(said: Mapping[str, str]) -> tuple[Mark, ...]:
    several = said.get(ours.ANNOTATIONS, "")
    if several:
        try:
            return tuple(_mark(item) for item in json.loads(several) if isinstance(item, dict))
        except (ValueError, TypeError, RecursionError):
            pass  # somebody edited the cell; the three plain columns still say the outcome
    label = said[ours.LABEL]
    if not label:
        return ()
    annotator = said[ours.ANNOTATOR]
    is_imported = annotator in ("", IMPORTED)
    return (Mark("" if is_imported else annotator, (label,), time_of(said[ours.TIME]), imported=is_imported),)


def _mark(item: Mapping[str, Any]) -> Mark:
    label = item.get("label")
    return Mark(
        annotator=str(item.get("annotator") or ""),
        values=(str(label),) if label is not None else (),
        at=time_of(item.get("time")),
        seconds=seconds_of(item.get("seconds")),
        imported=item.get("imported") is True,
        took_away=label is None,
        adjudicated=item.get("adjudicated") is True,
    )


def _state(said: Mapping[str, str]) -> State:
    def is_set(name: str) -> bool:
        return said.get(name, "").strip().lower() in _YES

    part = said.get(ours.PART, "")
    return State(
        part=part if part in ("train", "valid", "test") else "",
        skipped=is_set(ours.SKIPPED),
        flagged=is_set(ours.FLAGGED),
        excluded=is_set(ours.EXCLUDED),
        note=said.get(ours.NOTE, ""),
    )
