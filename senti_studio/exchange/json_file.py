"""Reads JSON lines and JSON arrays of objects; also what Label Studio and doccano write as such."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from senti_studio.domain.importing import BadRow
from senti_studio.domain.reading import ReadOptions, Remark
from senti_studio.errors import UserError
from senti_studio.exchange.decode import Damage, TextBlocks
from senti_studio.exchange.json_values import (
    JsonValue,
    KeysTwice,
    cell_text,
    values_of_array,
    values_of_lines,
)
from senti_studio.exchange.marks import label_studio_marks, old_doccano_marks
from senti_studio.exchange.predicted_columns import free_names, names_in, predicted
from senti_studio.exchange.raw_file import unpacked_size
from senti_studio.exchange.records import (
    Mark,
    Record,
    Tally,
    remark,
    require_few_columns,
    settled,
    writable,
)

TEXT_KEY = "text"
"""The column of a list of strings."""

_SAMPLE = 200
_TASK_LISTS = ("annotations", "completions", "predictions")


class JsonFile:
    """A `RecordFile`. Columns are the keys of all objects in the order in which they first appear; what is
    nested becomes JSON text.

    Raises UserError ``JSON_DAMAGED``, ``JSON_TOO_DEEP``, ``JSON_VALUE_TOO_LONG``, ``JSON_NOT_A_LIST``,
    ``TOO_MANY_COLUMNS``, ``NO_ROWS`` and those of `TextBlocks`.
    """

    def __init__(self, path: Path, options: ReadOptions, *, keep_empty_rows: bool = False) -> None:
        self.path = path
        self.options = options
        self.tally = Tally()
        self.size = unpacked_size(path)
        self.annotations = ""
        self._keep_empty_rows = keep_empty_rows
        self._is_tasks = options.format == "label_studio"
        self._people: dict[str, str] = {}
        self._predicted = self._not_taken = self._several = self._foreign = 0
        self._damage_of_values = Damage()
        self._twice = KeysTwice()
        self.columns = options.keys or keys_of(path, options)
        self._prediction_columns = names_in(self.columns) if self._is_tasks else None
        self._find_annotations()
        self._blocks = _blocks(path, options)

    def _find_annotations(self) -> None:
        sample = [item.value for item in islice(_values(self.path, self.options), _SAMPLE)]
        if self._is_tasks:
            self.annotations = label_field(sample, self._people)
        elif any(old_doccano_marks(value) for value in sample if isinstance(value, dict)):
            self.annotations = "annotations"

    @property
    def damage(self) -> Damage:
        bytes_damaged, values = self._blocks.damage, self._damage_of_values
        if not values.count:
            return bytes_damaged
        listed = [*(bytes_damaged.listed or ()), *(values.listed or ())]
        return Damage(bytes_damaged.count + values.count, listed)

    @property
    def bytes_read(self) -> int:
        return self._blocks.bytes_read

    @property
    def remarks(self) -> tuple[Remark, ...]:
        return (
            *remark("KEYS_TWICE", self._twice.places, self._twice.count),
            *remark("PREDICTIONS_AS_COLUMNS", (), self._predicted),
            *remark("PREDICTIONS_OF_SEVERAL", (), self._several),
            *remark("PREDICTIONS_NOT_TAKEN", (), self._not_taken),
            *remark("OTHER_ANNOTATIONS", (), self._foreign),
        )

    def __iter__(self) -> Iterator[Record]:
        for item in _read(self._blocks, self.path, self.options, self._twice):
            if item is None:
                self.tally.blank_lines += 1
            elif (record := self._record(item)) is not None:
                yield record

    def _record(self, item: JsonValue) -> Record | None:
        line, value, problem = item
        fields = _fields(value, is_tasks=self._is_tasks)
        if fields is None:
            return self._bad(line, problem or "not an object")
        try:
            fields = self._with_prediction(value, fields)
            cells = [cell_text(fields.get(key)) for key in self.columns]
            marks = self._marks(value)
        except RecursionError:
            return self._bad(line, "nested too deeply")
        cells = [writable(cell, line, self._damage_of_values) for cell in cells]
        if not any(cells) and not marks:
            self.tally.empty_rows += 1
            return Record(0, line, cells, len(fields), "") if self._keep_empty_rows else None
        self.tally.rows += 1
        if len(fields) > len(self.columns) or not fields.keys() <= set(self.columns):
            problem = "unknown field"
        if self.options.on_bad == "skip-row":
            cells, is_damaged = settled(cells)
            problem = problem or "damaged bytes" * is_damaged
        if problem:
            self.tally.add_bad(BadRow(self.tally.rows, line, len(fields), problem))
        return Record(self.tally.rows, line, cells, len(fields), problem, marks)

    def _with_prediction(self, value: Any, fields: Mapping[str, Any]) -> Mapping[str, Any]:
        """The fields, and beside them what a model says of the task."""
        if not self._is_tasks or not value.get("predictions"):
            return fields
        found = predicted(value)
        if found.cells is None or self._prediction_columns is None:
            self._not_taken += not found.is_known
            return fields
        self._predicted += 1
        self._several += found.is_one_of_several
        return {**fields, **dict(zip(self._prediction_columns, found.cells, strict=True))}

    def _bad(self, line: int, problem: str) -> Record:
        self.tally.rows += 1
        self.tally.add_bad(BadRow(self.tally.rows, line, 0, problem))
        return Record(self.tally.rows, line, [""] * len(self.columns), 0, problem)

    def _marks(self, value: Any) -> tuple[Mark, ...]:
        if not self.annotations or not isinstance(value, dict):
            return ()
        if not self._is_tasks:
            return old_doccano_marks(value)
        found = label_studio_marks(value, self.annotations, self._people)
        self._foreign += found.has_other
        return found.marks


def keys_of(path: Path, options: ReadOptions) -> tuple[str, ...]:
    """All keys of all objects. Raises UserError as `JsonFile`, ``NO_ROWS`` when there is no object,
    ``FILE_NOT_JSON`` when there is nothing but other lines."""
    keys: dict[str, None] = {}
    is_tasks = options.format == "label_studio"
    is_predicted = is_any_json = False
    for item in _values(path, options):
        is_any_json = is_any_json or item.problem != "invalid JSON"
        fields = _fields(item.value, is_tasks=is_tasks)
        if fields is not None and not keys.keys() >= fields.keys():
            keys.update(dict.fromkeys(fields))
            require_few_columns(len(keys), path)
        if is_tasks and not is_predicted and fields is not None:
            is_predicted = predicted(item.value).cells is not None
    if not keys:
        raise UserError("NO_ROWS" if is_any_json else "FILE_NOT_JSON", path=str(path))
    return (*keys, *free_names(keys)) if is_predicted else tuple(keys)


def is_label_studio(values: Sequence[Any]) -> bool:
    """Whether these are tasks of Label Studio: their data, and beside it what people and models said."""
    tasks = [value for value in values if isinstance(value, dict)]
    return bool(tasks) and all(
        isinstance(task.get("data"), dict) and any(isinstance(task.get(key), list) for key in _TASK_LISTS)
        for task in tasks
    )


def label_field(tasks: Iterable[Any], people: dict[str, str]) -> str:
    """The name of the question that most choices of these tasks answer; ``label`` without any. Takes the
    names of annotators into ``people``."""
    names: Counter[str] = Counter()
    for task in tasks:
        if isinstance(task, dict):
            names.update(label_studio_marks(task, "", people).fields)
    return names.most_common(1)[0][0] if names else "label"


def _fields(value: Any, *, is_tasks: bool) -> Mapping[str, Any] | None:
    if isinstance(value, str) and not is_tasks:
        return {TEXT_KEY: value}
    if not isinstance(value, dict):
        return None
    if is_tasks:
        data = value.get("data")
        return data if isinstance(data, dict) else None
    return value


def _blocks(path: Path, options: ReadOptions) -> TextBlocks:
    is_lines = options.format == "jsonl"
    return TextBlocks(path, options.encoding, on_bad=options.on_bad, whole_lines=is_lines)


def _read(
    blocks: TextBlocks, path: Path, options: ReadOptions, twice: KeysTwice | None = None
) -> Iterator[JsonValue | None]:
    if options.format == "jsonl":
        return values_of_lines(blocks, twice)
    return values_of_array(blocks, path, twice)


def _values(path: Path, options: ReadOptions) -> Iterator[JsonValue]:
    for item in _read(_blocks(path, options), path, options):
        if item is not None:
            yield item


def sample_of(path: Path, options: ReadOptions, count: int = _SAMPLE) -> list[Any]:
    """The first values of a file, without those that cannot be read."""
    return [item.value for item in islice(_values(path, options), count) if not item.problem]
