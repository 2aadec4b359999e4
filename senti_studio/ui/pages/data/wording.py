"""What a filter, an order and a cell say, in words."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from senti_studio.domain.comments import (
    CommentFilter,
    CommentRow,
    Duplicates,
    Match,
    Order,
    Predictions,
    SearchMode,
    Sorting,
    SortKey,
    Source,
)
from senti_studio.domain.labels import Label
from senti_studio.ui.formats import number, stamp
from senti_studio.ui.i18n import counted, marked, tr
from senti_studio.ui.models.comment_table import Column

if TYPE_CHECKING:
    from senti_studio.ui.pages.data.presenter import DataPresenter

IMPORTED = "import"
"""The annotator of labels that came with a file."""


def annotator_name(annotator: str) -> str:
    return tr("from the file") if annotator == IMPORTED else annotator


def mode_name(mode: SearchMode) -> str:
    return {
        SearchMode.TEXT: tr("Text"),
        SearchMode.WORDS: tr("All words"),
        SearchMode.REGEX: tr("Pattern"),
    }[mode]


def duplicates_name(kind: Duplicates) -> str:
    return {
        Duplicates.UNIQUE: tr("Unique text"),
        Duplicates.EXACT: tr("Same text elsewhere"),
        Duplicates.NEAR: tr("Nearly the same"),
    }[kind]


def predictions_name(kind: Predictions) -> str:
    return {
        Predictions.SOME: tr("With a prediction"),
        Predictions.NONE: tr("Without one"),
        Predictions.DISAGREES: tr("Model disagrees"),
    }[kind]


def order_words(order: Order | Sorting) -> str:
    """``in file order`` …"""
    if not isinstance(order, Sorting):
        return {
            Order.FILE: tr("in file order"),
            Order.LENGTH: tr("shortest first"),
            Order.NEWEST_LABEL: tr("newest label first"),
            Order.RANDOM: tr("at random"),
        }[order]
    name = {
        SortKey.ROW: tr("Row"),
        SortKey.TEXT: tr("Comment"),
        SortKey.LABEL: tr("Given label"),
        SortKey.SOURCE: tr("Source file"),
        SortKey.LENGTH: tr("Characters"),
        SortKey.TIME: tr("Labelled at"),
        SortKey.DUPLICATES: tr("Copies"),
        SortKey.PREDICTION: tr("Prediction"),
        SortKey.COLUMN: order.column,
    }[order.key]
    words = tr("by {column}, descending") if order.descending else tr("by {column}")
    return words.format(column=name)


def parts_of(
    wanted: CommentFilter,
    *,
    label_of: Callable[[int | None], Label | None],
    source_of: Callable[[int], Source | None],
) -> Iterator[tuple[str, CommentFilter]]:
    """Each thing that the filter asks for, in words, with the filter without it."""

    def without(**changes: object) -> CommentFilter:
        return dataclasses.replace(wanted, **changes)  # type: ignore[arg-type]

    if wanted.search:
        text = f"{mode_name(wanted.mode)}: {wanted.search}"
        yield text, without(search="", mode=SearchMode.TEXT)
    yield from _states(wanted, without)
    for label_id in sorted(wanted.label_ids):
        label = label_of(label_id)
        yield label.name if label else "?", without(label_ids=wanted.label_ids - {label_id})
    for source_id in sorted(wanted.source_ids):
        source = source_of(source_id)
        yield source.name if source else "?", without(source_ids=wanted.source_ids - {source_id})
    for annotator in sorted(wanted.annotators):
        yield annotator_name(annotator), without(annotators=wanted.annotators - {annotator})
    yield from _lengths(wanted, without)
    for kind in sorted(wanted.duplicates):
        yield duplicates_name(kind), without(duplicates=wanted.duplicates - {kind})
    for said in sorted(wanted.predictions):
        yield predictions_name(said), without(predictions=wanted.predictions - {said})
    for cell in wanted.cells:
        sign = "=" if cell.match is Match.EQUALS else "∋"
        left = tuple(each for each in wanted.cells if each != cell)
        yield f"{cell.column} {sign} {cell.value or '∅'}", without(cells=left)


def _lengths(
    wanted: CommentFilter, without: Callable[..., CommentFilter]
) -> Iterator[tuple[str, CommentFilter]]:
    shortest, longest = wanted.shortest, wanted.longest
    if shortest is None and longest is None:
        return
    if longest is None:
        words = tr("at least {n} characters").format(n=number(shortest))
    elif shortest is None:
        words = tr("at most {n} characters").format(n=number(longest))
    else:
        words = tr("{a} to {b} characters").format(a=number(shortest), b=number(longest))
    yield words, without(shortest=None, longest=None)


def _states(
    wanted: CommentFilter, without: Callable[..., CommentFilter]
) -> Iterator[tuple[str, CommentFilter]]:
    if wanted.group_of is not None:
        yield tr("Copies of one comment"), without(group_of=None)
    if wanted.unlabelled:
        yield tr("Unlabelled"), without(unlabelled=False)
    if wanted.skipped is not None:
        yield tr("Skipped") if wanted.skipped else tr("Not skipped"), without(skipped=None)
    if wanted.flagged is not None:
        yield tr("Flagged") if wanted.flagged else tr("Not flagged"), without(flagged=None)
    if wanted.test_set is not None:
        yield tr("Test set") if wanted.test_set else tr("Without the test set"), without(test_set=None)
    if wanted.disputed is not None:
        yield tr("Disputed") if wanted.disputed else tr("Not disputed"), without(disputed=None)
    if wanted.excluded is not None:
        yield tr("Excluded") if wanted.excluded else tr("Not excluded"), without(excluded=None)


def copies_words(comment: CommentRow) -> str:
    """How many comments have the same text, itself included; of one whose near-copies are more, their number
    after a sign. Nothing for a comment that is alone."""
    if comment.copies <= 1:
        return ""
    return number(comment.copies) if comment.copies == comment.same else f"≈ {number(comment.copies)}"


def total_words(rows: int, files: int) -> str:
    """``1,204 rows · 2 files``."""
    in_rows = counted(rows, marked("1 row"), marked("{n} rows")).format(n=number(rows))
    in_files = counted(files, marked("1 file"), marked("{n} files")).format(n=number(files))
    return f"{in_rows} · {in_files}"


def cell_words(presenter: DataPresenter, comment: CommentRow | None, column: int) -> str:
    """What a screen reader says of one cell of the table."""
    if comment is None:
        return tr("Loading")
    if column >= len(Column):
        place = column - len(Column)
        return (comment.cells[place] or "") if place < len(comment.cells) else ""
    said = presenter.label_of(comment.predicted.label_id) if comment.predicted else None
    label, source = presenter.label_of(comment.label_id), presenter.source_of(comment.source_id)
    words: dict[int, str] = {
        Column.ROW: number(comment.row),
        Column.PREDICTION: said.name if said else "",
        Column.COPIES: copies_words(comment),
        Column.TEXT: comment.text or tr("(blank comment)"),
        Column.LABEL: label.name if label else tr("Unlabelled"),
        Column.SOURCE: source.name if source else "",
        Column.LENGTH: number(comment.length),
        Column.TIME: stamp(comment.labelled_at),
    }
    return words.get(column, "")
