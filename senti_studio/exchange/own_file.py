"""Recognises what this program wrote itself, and reads its columns as what they were before they went out."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from senti_studio.domain import exporting as ours
from senti_studio.domain.importing import plain
from senti_studio.exchange.marks import label_values, seconds_of, time_of
from senti_studio.exchange.records import FileAround, Mark, Record, RecordFile, State

IMPORTED = "import"
"""Who gave labels that came with a file, in our exports."""

_YES = frozenset(("1", "true", "yes", "是"))
_SAMPLE = 200


@dataclass(frozen=True, slots=True)
class OwnShape:
    """How a file of ours says what it says. ``suffix``: what our columns end with.

    ``labels``: the column of doccano's own labels, which go before ours where somebody changed them there;
    ``keeps_marks``: annotations have a place of their own (Label Studio); ``names``: columns that had to go
    by another name, with their own one; ``dropped``: columns that only say how the file is made."""

    suffix: str = ""
    labels: str = ""
    keeps_marks: bool = False
    names: Mapping[str, str] = field(default_factory=dict)
    dropped: frozenset[str] = frozenset()


def own_shape(inner: RecordFile) -> OwnShape | None:
    """The shape of a file with annotations of ours; None for any other (what stands in the columns of a
    classified file are predictions)."""
    if inner.options.format == "label_studio":
        return _shape_of_tasks(inner)
    suffix = None if inner.annotations else ours.own_suffix(inner.columns)
    if suffix is None:
        return None
    if inner.options.format in ("json", "jsonl"):
        found = _shape_of_doccano(inner, suffix)
        if found is not None:
            return found
    return OwnShape(suffix)


def _shape_of_doccano(inner: RecordFile, suffix: str) -> OwnShape | None:
    if not {"text", "label"} <= set(inner.columns):
        return None
    sample = _sample(inner)
    if not sample or not all(isinstance(each.get("label"), list) for each in sample):
        return None  # a table of ours, whose source has a column of that name
    names = _home_names(inner.columns, sample[0].get(ours.HOME_NAMES + suffix))
    dropped = {name + suffix for name in (ours.HOME_NAMES, ours.PREDICTED, ours.CONFIDENCE)}
    return OwnShape(suffix, "label", names=names, dropped=frozenset((*dropped, "label")))


def _shape_of_tasks(inner: RecordFile) -> OwnShape | None:
    metas: list[dict[str, Any]] = []
    for task in _sample(inner):
        meta = task.get("meta")
        if not isinstance(meta, dict) or not meta.keys() >= {"source", "row"}:
            return None
        metas.append(meta)
    if not metas:
        return None
    names: dict[str, str] = {}
    for meta in metas:
        # Tasks of several sources: what one of them calls otherwise may be missing in the next.
        names = {**_home_names(inner.columns, meta.get("columns")), **names}
    texts = {str(meta.get("text_column") or "") for meta in metas}
    if len(texts) == 1:
        names.update(_home_names(inner.columns, {"text": next(iter(texts)) or "text"}))
    return OwnShape(str(metas[0].get("suffix") or ""), keeps_marks=True, names=names)


def _home_names(columns: Sequence[str], said: Any) -> dict[str, str]:
    """Names at home of columns of the file, as `HOME_NAMES` says them."""
    try:
        names = json.loads(said) if isinstance(said, str) else said
    except (ValueError, RecursionError):
        return {}
    if not isinstance(names, dict):
        return {}
    return {name: str(home) for name, home in names.items() if name in columns}


def _sample(inner: RecordFile) -> list[dict[str, Any]]:
    from senti_studio.exchange.json_file import sample_of

    return [each for each in sample_of(inner.path, inner.options, _SAMPLE) if isinstance(each, dict)]


class OwnFile(FileAround):
    """A `RecordFile` around another: our columns become marks and states, the original ones stay."""

    def __init__(self, inner: RecordFile, shape: OwnShape) -> None:
        super().__init__(inner)
        self._shape = shape
        known = {name + shape.suffix: name for name in ours.OUR_COLUMNS}
        self.annotations = inner.annotations if shape.keeps_marks else ours.LABEL + shape.suffix
        self._places = {known[name]: at for at, name in enumerate(inner.columns) if name in known}
        self._labels = inner.columns.index(shape.labels) if shape.labels else None
        self._kept = [
            place
            for place, name in enumerate(inner.columns)
            if name not in known and name not in shape.dropped
        ]
        kept = [inner.columns[at] for at in self._kept]
        named = [shape.names.get(name, name) for name in kept]
        self.columns = tuple(named if len(set(named)) == len(set(kept)) else kept)

    def __iter__(self) -> Iterator[Record]:
        for record in self._inner:
            said = {name: record.cells[place] for name, place in self._places.items()}
            cells = [record.cells[place] for place in self._kept]
            if self._shape.keeps_marks:
                marks = record.marks
            elif self._labels is not None:
                marks = _marks_unless_changed(said, label_values(record.cells[self._labels]))
            else:
                marks = _marks(said)
            yield record._replace(cells=cells, marks=marks, state=_state(said))


def _marks_unless_changed(said: Mapping[str, str], labels: tuple[str, ...]) -> tuple[Mark, ...]:
    """``labels`` are what the other program says now: once somebody changed them there, what we know of who
    gave them and when is about something else."""
    before = plain(said[ours.LABEL])
    if labels == ((before,) if before else ()):
        return _marks(said)
    return (Mark("", labels, imported=True),) if labels else ()


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
    is_imported = item.get("imported") is True
    annotator = str(item.get("annotator") or "")
    return Mark(
        annotator="" if is_imported and annotator == IMPORTED else annotator,
        values=(str(label),) if label is not None else (),
        at=time_of(item.get("time")),
        seconds=seconds_of(item.get("seconds")),
        imported=is_imported,
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
