"""Tables that come as one JSON object: columns of lists, records by their keys, a list in an envelope."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

_ENVELOPES = frozenset(
    (
        "data",
        "rows",
        "records",
        "items",
        "comments",
        "reviews",
        "list",
        "results",
        "数据",
        "评论",
        "列表",
        "结果",
    )
)
_KEY = "key"
"""The column for the keys of records that stand under keys."""


def records_within(value: Any) -> list[Any] | None:
    """The records that an object holds, None where it does not look like a table.

    ``{"text": […], "label": […]}``, also with an object of row numbers for each list (as pandas writes it);
    ``{"1": {…}, "2": {…}}``, the keys in a column of their own; ``{"data": [{…}, …], "total": 2}``.
    """
    if not isinstance(value, dict) or not value:
        return None
    if all(isinstance(column, list) for column in value.values()):
        return _rows_of(value) or _in_envelope(value)
    if all(isinstance(record, dict) and record for record in value.values()):
        return _by_row_number(value) or _by_key(value)
    return _in_envelope(value)


def _rows_of(columns: dict[str, list[Any]]) -> list[Any] | None:
    lengths = {len(cells) for cells in columns.values()}
    if len(lengths) != 1 or lengths == {0}:
        return None
    if any(isinstance(cell, (dict, list)) for cells in columns.values() for cell in cells):
        return None
    return [dict(zip(columns, cells, strict=True)) for cells in zip(*columns.values(), strict=True)]


def _by_row_number(columns: dict[str, dict[str, Any]]) -> list[Any] | None:
    first = next(iter(columns.values()))
    if not _are_numbers(first) or _are_numbers(columns):
        return None
    if any(cells.keys() != first.keys() for cells in columns.values()):
        return None
    return [{name: cells[number] for name, cells in columns.items()} for number in first]


def _are_numbers(keys: Iterable[str]) -> bool:
    return all(key.isdecimal() for key in keys)


def _by_key(records: dict[str, dict[str, Any]]) -> list[Any] | None:
    if len(records) < 2 or len({frozenset(record) for record in records.values()}) == len(records):
        return None  # objects of different kinds: parts of one thing, not records
    if any(_KEY in record for record in records.values()):
        return list(records.values())
    return [{_KEY: key, **record} for key, record in records.items()]


def _in_envelope(value: dict[str, Any]) -> list[Any] | None:
    # By name only: one task of a labelling program holds lists of objects too.
    lists = [
        held for name, held in value.items() if name.lower() in _ENVELOPES and isinstance(held, list) and held
    ]
    is_clear = len(lists) == 1 and all(isinstance(item, dict) for item in lists[0])
    return lists[0] if is_clear else None
