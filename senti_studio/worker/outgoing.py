"""From pages of whole comments to what a format writes: rows of a table, or tasks of another program."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Mapping, Sequence
from operator import itemgetter
from typing import Any

from senti_studio.domain import exporting as names
from senti_studio.domain.comments import Source
from senti_studio.domain.exporting import (
    OUR_COLUMNS,
    USUAL_COLUMNS,
    OutgoingAnnotation,
    OutgoingPrediction,
    OutgoingTask,
    annotation_values,
    iso_time,
    with_free_suffix,
)
from senti_studio.domain.labels import Label
from senti_studio.errors import UserError
from senti_studio.exchange.columns import column_index, distinct_names
from senti_studio.exchange.predicted_columns import LABEL, MODEL, OUR_MODEL, SCORE
from senti_studio.storage.predicted import Predicted
from senti_studio.storage.whole_comments import UNTOUCHED, CommentPage, Extras

Cell = str | None
Row = list[Cell]
_STATES = (names.PART, names.FLAGGED, names.EXCLUDED, names.NOTE)
_ALWAYS_SAID = (names.LABEL, names.ANNOTATOR, names.TIME)
_SAID = (*_ALWAYS_SAID, names.ANNOTATIONS, names.SKIPPED)
"""What a task says of its annotations in columns, where the other program has no place for it."""


@dataclasses.dataclass(frozen=True, slots=True)
class Said:
    """Everything that a project says of one comment, in the words of the file."""

    label: Label | None
    at: int | None
    annotations: tuple[OutgoingAnnotation, ...]
    is_skipped: bool
    is_flagged: bool
    is_excluded: bool
    note: str
    part: str


class Layout:
    """Which columns a table has, and where their cells come from.

    ``columns`` is the header. Raises UserError ``NO_SUCH_COLUMN`` for a wanted column that no source has.
    """

    def __init__(
        self,
        sources: Sequence[Source],
        labels: Sequence[Label],
        extras: Extras,
        wanted: Sequence[str] | None,
    ) -> None:
        self._sources = {source.id: source for source in sources}
        self._labels = {label.id: label for label in labels}
        self._names = {source.id: names_of(source) for source in sources}
        originals = list(dict.fromkeys(name for each in self._names.values() for name in each))
        shown = dict(zip(OUR_COLUMNS, with_free_suffix(OUR_COLUMNS, originals), strict=True))
        self.suffix = shown[names.LABEL].removeprefix(names.LABEL)
        """What all of our columns end with here."""
        ours = [*USUAL_COLUMNS, *_present(extras)]
        if wanted is None:
            order: list[tuple[bool, str]] = [(False, name) for name in originals]
            order += [(True, name) for name in ours]
        else:
            order = _chosen(wanted, originals, shown)
        self.originals = [name for is_ours, name in order if not is_ours]
        self.ours = [name for is_ours, name in order if is_ours]
        self.columns = [shown[name] if is_ours else name for is_ours, name in order]
        self._shuffle = _shuffle(order)
        self._picks = {source_id: self._picks_of(each) for source_id, each in self._names.items()}

    def _picks_of(self, present: Sequence[str]) -> tuple[int, ...] | None:
        """Places in the cells of a source, -1 for a column that it lacks; None: its cells as they are."""
        places = {name: place for place, name in enumerate(present)}
        picks = tuple(places.get(name, -1) for name in self.originals)
        return None if picks == tuple(range(len(present))) else picks

    def names_in(self, source_id: int) -> tuple[str, ...]:
        """The columns of one source, as they are called in the file."""
        return self._names[source_id]

    def source(self, source_id: int) -> Source:
        """The source of a comment that is written."""
        return self._sources[source_id]

    def originals_of(self, page: CommentPage) -> list[list[str]]:
        """The chosen original cells of every comment, in the order of `originals`."""
        width = len(self.originals)
        if self._is_as_stored(page, width):
            return page.cells
        rows: list[list[str]] = []
        for source_id, cells in zip(page.source_ids, page.cells, strict=True):
            picks = self._picks[source_id]
            if picks is None and len(cells) == width:
                rows.append(cells)
            else:
                count = len(cells)
                places = range(width) if picks is None else picks
                rows.append([cells[at] if 0 <= at < count else "" for at in places])
        return rows

    def _is_as_stored(self, page: CommentPage, width: int) -> bool:
        return all(self._picks[source_id] is None for source_id in set(page.source_ids)) and (
            set(map(len, page.cells)) == {width}
        )

    def rows(self, page: CommentPage, absent: Cell) -> list[Row]:
        """Whole rows of the table."""
        rows: list[Row] = self.originals_of(page)  # type: ignore[assignment]
        if not self.ours:
            return rows if self._shuffle is None else list(map(self._shuffle, rows))
        touched = page.states.keys() | page.given.keys() | page.notes.keys() | page.parts.keys()
        makers = [_MAKERS[name] for name in self.ours]
        constant = {
            source_id: self._ours_of_untouched(source_id, absent) for source_id in set(page.source_ids)
        }
        for place, comment_id in enumerate(page.ids):
            source_id, number = page.source_ids[place], page.rows[place]
            if comment_id in touched:
                said = self.said(page, comment_id, source_id)
                source = self._sources[source_id]
                rows[place] += [make(said, source, number, comment_id) or absent for make in makers]
                continue
            ours, row_at, id_at = constant[source_id]
            rows[place] += ours
            if row_at is not None:
                rows[place][row_at] = str(number)
            if id_at is not None:
                rows[place][id_at] = str(comment_id)
        return rows if self._shuffle is None else list(map(self._shuffle, rows))

    def _ours_of_untouched(self, source_id: int, absent: Cell) -> tuple[Row, int | None, int | None]:
        source = self._sources[source_id]
        said = Said(None, None, (), False, False, False, "", source.part or "")
        ours = [_MAKERS[name](said, source, 0, 0) or absent for name in self.ours]
        width = len(self.originals)
        row_at = width + self.ours.index(names.ROW) if names.ROW in self.ours else None
        id_at = width + self.ours.index(names.ID) if names.ID in self.ours else None
        return ours, row_at, id_at

    def said(self, page: CommentPage, comment_id: int, source_id: int) -> Said:
        """What the project says of one comment of the page."""
        state = page.states.get(comment_id, UNTOUCHED)
        labels = self._labels
        label = labels.get(state.label_id) if state.label_id is not None else None
        return Said(
            label=label,
            at=state.labelled_at if label is not None else None,
            annotations=tuple(
                OutgoingAnnotation(
                    annotator=each.annotator,
                    label=labels[each.label_id].name if each.label_id in labels else None,
                    at=each.at,
                    imported=bool(each.imported),
                    seconds=each.seconds,
                    adjudicated=bool(each.adjudicated),
                )
                for each in page.given.get(comment_id, ())
            ),
            is_skipped=bool(state.skipped),
            is_flagged=bool(state.flagged),
            is_excluded=bool(state.excluded),
            note=page.notes.get(comment_id, ""),
            part=page.parts.get(comment_id) or self._sources[source_id].part or "",
        )


class TaskLayout:
    """Comments as tasks; ``columns`` chooses among the original columns and ours."""

    def __init__(
        self,
        sources: Sequence[Source],
        labels: Sequence[Label],
        extras: Extras,
        wanted: Sequence[str] | None,
        predicted: Predicted,
        *,
        has_place_for_annotations: bool,
    ) -> None:
        self._label_names = {label.id: label.name for label in labels}
        self._predicted = predicted
        table = Layout(sources, labels, extras, wanted)
        self.suffix = table.suffix
        keep = _STATES if has_place_for_annotations else (*_SAID, *_STATES)
        if wanted is None:
            # By the names that they have in the file: a source may have the plain ones itself.
            ours = [name + self.suffix for name in (*names.USUAL_COLUMNS, *table.ours) if name in keep]
            wanted = [*table.originals, *ours]
        elif not has_place_for_annotations:
            wanted = [*wanted, *(name + self.suffix for name in _ALWAYS_SAID if name not in table.ours)]
        self._table = Layout(sources, labels, extras, wanted)
        self.columns = self._table.columns

    def tasks(self, page: CommentPage) -> list[OutgoingTask]:
        """The comments of a page."""
        table = self._table
        tasks = []
        for place, row in enumerate(table.rows(page, None)):
            comment_id, source_id = page.ids[place], page.source_ids[place]
            source, present = table.source(source_id), table.names_in(source_id)
            said = table.said(page, comment_id, source_id)
            text_name = present[source.text_column] if source.text_column < len(present) else ""
            columns = dict(zip(table.columns, row, strict=True))
            if text_name in columns:
                columns[text_name] = None  # its place; the text itself goes by another name
            meta: dict[str, str | int] = {"source": source.name, "row": page.rows[place]}
            if text_name:
                meta["text_column"] = text_name
            if self.suffix:
                meta["suffix"] = self.suffix
            tasks.append(
                OutgoingTask(
                    id=comment_id,
                    text=page.texts[place],
                    columns={
                        name: cell if name in present else cell or None for name, cell in columns.items()
                    },
                    text_column=text_name,
                    label=said.label.name if said.label else None,
                    annotations=said.annotations,
                    is_skipped=said.is_skipped,
                    note=said.note,
                    predictions=(*self._predictions(comment_id), *_imported_predictions(columns)),
                    meta=meta,
                )
            )
        return tasks

    def _predictions(self, comment_id: int) -> tuple[OutgoingPrediction, ...]:
        found = self._predicted.of(comment_id)
        name = self._label_names.get(found.label_id) if found is not None else None
        if found is None or name is None:
            return ()
        return (OutgoingPrediction(name, found.confidence, OUR_MODEL),)


def _imported_predictions(columns: Mapping[str, Cell]) -> tuple[OutgoingPrediction, ...]:
    """What a model said of the comment before it was imported."""
    label, model = columns.get(LABEL), columns.get(MODEL)
    if not label or model is None:
        return ()
    try:
        score = float(columns.get(SCORE) or "")
    except ValueError:
        score = None
    return (OutgoingPrediction(label, score, model),)


def names_of(source: Source) -> tuple[str, ...]:
    """Names as in the file, made distinct only where one is empty or comes twice."""
    shown = distinct_names(source.columns)
    taken: set[str] = set()
    found = []
    for name, distinct in zip(source.columns, shown, strict=True):
        found.append(name if name.strip() and name not in taken else distinct)
        taken.add(found[-1])
    return tuple(found)


def text_columns_of(sources: Sequence[Source]) -> set[str]:
    """What the texts are called in the sources."""
    found = ((names_of(source), source.text_column) for source in sources)
    return {present[at] for present, at in found if at < len(present)}


def _present(extras: Extras) -> list[str]:
    columns = (names.ANNOTATIONS, names.PART, names.SKIPPED, names.FLAGGED, names.EXCLUDED, names.NOTE)
    return [name for name, is_there in zip(columns, extras, strict=True) if is_there]


def _chosen(
    wanted: Sequence[str], originals: Sequence[str], shown: Mapping[str, str]
) -> list[tuple[bool, str]]:
    ours = {name: name for name in shown} | {written: name for name, written in shown.items()}
    order: dict[tuple[bool, str], None] = {}
    for name in wanted:
        if name in originals:
            order[(False, name)] = None
        elif name in ours:
            order[(True, ours[name])] = None
        else:
            order[(False, originals[column_index(originals, name)])] = None
    if not order:
        raise UserError("NO_SUCH_COLUMN", path="", column="", columns=list(originals))
    return list(order)


def _shuffle(order: Sequence[tuple[bool, str]]) -> Callable[[Row], Row] | None:
    """From original cells and then ours to the order wanted; None where that is the order."""
    places = [place for place, (is_ours, _) in enumerate(order) if not is_ours]
    places += [place for place, (is_ours, _) in enumerate(order) if is_ours]
    if places == sorted(places):
        return None
    back = sorted(range(len(places)), key=places.__getitem__)
    take = itemgetter(*back)
    return lambda row: list(take(row))


def _annotations(said: Said, *_: Any) -> str:
    given = said.annotations
    if not given or (len(given) == 1 and given[0].label is not None and not given[0].adjudicated):
        return ""
    return json.dumps([annotation_values(each) for each in given], ensure_ascii=False)


def _annotators(said: Said, *_: Any) -> str:
    if said.label is None:
        return ""
    return ";".join(
        dict.fromkeys(each.annotator for each in said.annotations if each.label == said.label.name)
    )


_MAKERS: dict[str, Callable[[Said, Source, int, int], str]] = {
    names.LABEL: lambda said, *_: said.label.name if said.label else "",
    names.ANNOTATOR: _annotators,
    names.TIME: lambda said, *_: iso_time(said.at) if said.at is not None else "",
    names.SOURCE: lambda _said, source, *_: source.name,
    names.ROW: lambda _said, _source, number, _id: str(number),
    names.ANNOTATIONS: _annotations,
    names.ID: lambda _said, _source, _number, comment_id: str(comment_id),
    names.LABEL_KEY: lambda said, *_: said.label.key if said.label else "",
    names.PART: lambda said, *_: said.part,
    names.SKIPPED: lambda said, *_: "1" if said.is_skipped else "",
    names.FLAGGED: lambda said, *_: "1" if said.is_flagged else "",
    names.EXCLUDED: lambda said, *_: "1" if said.is_excluded else "",
    names.NOTE: lambda said, *_: said.note,
}
