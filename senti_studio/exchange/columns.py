"""Guesses which column holds the comments, which the labels, and which says train / valid / test."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from senti_studio.domain.importing import labels_by_name, part_of, plain
from senti_studio.domain.labels import DEFAULT_LABELS
from senti_studio.errors import UserError

_TEXT_NAMES = (
    "text", "text_a", "review", "reviews", "reviewbody", "comment", "comments", "content", "sentence", "body",
    "title",
    "评论", "评论内容", "评价", "评价内容", "内容", "正文", "文本", "文字", "留言", "点评",
    "微博正文", "微博内容", "回复", "标题", "原文", "句子", "评语", "反馈", "意见",
)  # fmt: skip
_LABEL_NAMES = (
    "label", "labels", "sentiment", "polarity", "emotion", "标签", "情感", "情感标签", "情感倾向", "情绪",
    "标注", "人工标注", "人工评价", "极性", "好评差评",
)  # fmt: skip
_VAGUE_LABEL_NAMES = (
    "class", "category", "star", "stars", "rating", "score", "类别", "分类", "评分", "星级", "打分",
)  # fmt: skip
"""Often something else (the kind of shop, say): a column that says 正面 or 负面 goes before them."""
_PART_NAMES = ("part", "split", "set", "subset", "fold", "数据集", "划分", "切分", "用途")
_OTHER_NAMES = (
    "id", "index", "userid", "user_id", "user", "username", "date", "time", "created_at", "source", "url",
    "name",
    "编号", "序号", "日期", "时间", "来源", "用户", "用户名", "店铺", "订单号", "商品",
    "下单时间", "code", "row",
)  # fmt: skip
_KNOWN = frozenset((*_TEXT_NAMES, *_LABEL_NAMES, *_VAGUE_LABEL_NAMES, *_PART_NAMES, *_OTHER_NAMES))

MOST_LABEL_VALUES = 50


@dataclass(frozen=True, slots=True)
class ColumnGuess:
    """Indices, None where there is none."""

    text: int | None
    label: int | None
    part: int | None


@dataclass(frozen=True, slots=True)
class AnnotationColumns:
    """Indices of the columns beside the labels: who, when, in how many seconds, of which comment."""

    annotator: int | None = None
    time: int | None = None
    seconds: int | None = None
    task: int | None = None


_ANNOTATOR_NAMES = ("annotator", "senti_annotator", "标注人", "标注者", "标注员")
_TIME_NAMES = ("标注时间", "senti_time", "annotated_at", "labelled_at", "labeled_at")


def guess_annotation_columns(columns: Sequence[str], label: str | None) -> AnnotationColumns:
    """By name only, and only beside a label column: a wrong guess would give labels to strangers."""
    if label is None:
        return AnnotationColumns()
    names = [plain(name).lower() for name in columns]

    def place(wanted: Sequence[str]) -> int | None:
        return next((names.index(name) for name in wanted if name in names), None)

    annotator = place(_ANNOTATOR_NAMES)
    if annotator is not None and "annotation_id" in names:
        # Label Studio writes one row for each annotation; "id" is the task.
        return AnnotationColumns(annotator, place(("created_at",)), place(("lead_time",)), place(("id",)))
    return AnnotationColumns(annotator, place(_TIME_NAMES))


def is_known_name(cell: str) -> bool:
    """Whether a cell is a word that columns are called by."""
    return plain(cell).lower() in _KNOWN


def column_index(columns: Sequence[str], wanted: str, path: str = "") -> int:
    """The column that a person means by ``wanted``: its name (blanks, case and invisible characters
    forgiven), its display name, or ``#3`` for the third. Raises UserError ``NO_SUCH_COLUMN``."""
    shown = distinct_names(columns)
    names = [*enumerate(columns), *enumerate(shown)]
    key = plain(wanted).lower()
    for position, name in names:
        if name == wanted:
            return position
    for position, name in names:
        if key and plain(name).lower() == key:
            return position
    number = wanted.strip().removeprefix("#")
    if wanted.strip().startswith("#") and number.isdecimal() and 1 <= int(number) <= len(columns):
        return int(number) - 1
    raise UserError("NO_SUCH_COLUMN", path=path, column=wanted, columns=list(shown))


def distinct_names(columns: Sequence[str]) -> tuple[str, ...]:
    """Names for display: never empty, never twice (``text``, ``text (2)``, ``列 3``)."""
    seen: Counter[str] = Counter()
    names: list[str] = []
    taken = {plain(name) for name in columns}
    for position, name in enumerate(columns, 1):
        shown = plain(name) or f"列 {position}"
        seen[shown] += 1
        if seen[shown] > 1:
            number = seen[shown]
            while f"{shown} ({number})" in taken:
                number += 1
            seen[shown] = number
            shown = f"{shown} ({number})"
            taken.add(shown)
        names.append(shown)
    return tuple(names)


def guess_columns(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> ColumnGuess:
    """Looks at names and at the cells of the first rows; all rows as wide as ``columns``."""
    names = [plain(name).lower() for name in columns]
    values = [[plain(row[column]) for row in rows] for column in range(len(columns))]
    text = _guess_text(names, values)
    part = _guess_part(names, values, text)
    label = _guess_label(names, values, {text, part})
    return ColumnGuess(text, label, part)


def _guess_text(names: Sequence[str], values: Sequence[Sequence[str]]) -> int | None:
    scores = [_text_score(cells) * _name_weight(name) for name, cells in zip(names, values, strict=True)]
    if len(scores) == 1:
        return 0
    best = max(range(len(scores)), key=scores.__getitem__, default=None)
    return best if best is not None and scores[best] > 0 else None


def _name_weight(name: str) -> float:
    if name in _TEXT_NAMES:
        return 3.0 if name not in ("title", "标题") else 1.2
    return 0.5 if name in _KNOWN else 1.0


def _text_score(cells: Sequence[str]) -> float:
    filled = [cell[:500] for cell in cells if cell]
    if not filled:
        return 0.0
    chinese = sum(sum("\u3400" <= char <= "\u9fff" for char in cell) for cell in filled) / len(filled)
    letters = sum(sum(char.isalpha() for char in cell) for cell in filled) / len(filled)
    blanks = sum(" " in cell for cell in filled) / len(filled)
    distinct = len(set(filled)) / len(filled)
    # Chinese counts in full; other letters only where words stand apart (ids and hashes do not).
    readable = chinese + letters * 0.2 * max(blanks, 0.02)
    if readable < 0.5:
        return 0.0
    return min(readable, 200.0) * (0.2 + 0.8 * distinct)


def _guess_part(names: Sequence[str], values: Sequence[Sequence[str]], text: int | None) -> int | None:
    for column, cells in enumerate(values):
        filled = [cell for cell in cells if cell]
        if column == text or not filled:
            continue
        known = sum(part_of(cell) is not None for cell in filled)
        if known >= 0.95 * len(filled) and (names[column] in _PART_NAMES or len(set(filled)) >= 2):
            return column
    return None


def _guess_label(names: Sequence[str], values: Sequence[Sequence[str]], taken: set[int | None]) -> int | None:
    open_columns = [column for column in range(len(names)) if column not in taken]
    named = _label_by_name(_LABEL_NAMES, names, values, open_columns)
    if named is not None:
        return named
    for column in open_columns:
        if _could_be_label(values[column]) and _says_sentiment(values[column]):
            return column
    named = _label_by_name(_VAGUE_LABEL_NAMES, names, values, open_columns)
    if named is not None:
        return named
    if all(not name for name in names):
        for column in open_columns:
            counts = Counter(cell for cell in values[column] if cell)
            if _could_be_label(values[column]) and all(
                cell.isdecimal() and len(cell) <= 2 for cell in counts
            ):
                return column
    return None


def _label_by_name(
    wanted: Sequence[str], names: Sequence[str], values: Sequence[Sequence[str]], columns: Sequence[int]
) -> int | None:
    for name in wanted:
        for column in columns:
            if names[column] == name and _could_be_label(values[column]):
                return column
    return None


def _could_be_label(cells: Sequence[str]) -> bool:
    counts = Counter(cell for cell in cells if cell)
    if not counts or len(counts) > MOST_LABEL_VALUES or max(map(len, counts)) > 60:
        return False
    return len(counts) <= max(2, counts.total() // 3)


def _says_sentiment(cells: Sequence[str]) -> bool:
    counts = Counter(cell for cell in cells if cell)
    known = labels_by_name(list(counts), DEFAULT_LABELS)
    words = {value for value in known if not value.isdecimal()}
    return sum(counts[value] for value in words) >= 0.6 * counts.total()
