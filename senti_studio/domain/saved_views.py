"""Saved views: a name for a filter, an order and the columns of a table, as values that JSON can hold."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any, TypeVar

from senti_studio.domain.comments import (
    CellCondition,
    CommentFilter,
    Duplicates,
    Match,
    Order,
    Predictions,
    SearchMode,
    Sorting,
    SortKey,
)

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class SavedView:
    """``hidden``: names of our own columns that are not shown; ``columns``: original columns that are."""

    name: str
    wanted: CommentFilter = field(default_factory=CommentFilter)
    order: Order | Sorting = Order.FILE
    hidden: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()


def view_to_json(view: SavedView) -> dict[str, Any]:
    """Only lists, strings and numbers."""
    return {
        "name": view.name,
        "filter": filter_to_json(view.wanted),
        "order": order_to_json(view.order),
        "hidden": list(view.hidden),
        "columns": list(view.columns),
    }


def view_from_json(values: object) -> SavedView:
    """Raises ValueError, and nothing else, for what is none."""
    if not isinstance(values, Mapping):
        raise ValueError(f"no view: {values!r:.100}")
    return SavedView(
        _as(str, values.get("name")),
        filter_from_json(values.get("filter")),
        order_from_json(values.get("order")),
        tuple(_as(str, each) for each in _listed(values.get("hidden", []))),
        tuple(_as(str, each) for each in _listed(values.get("columns", []))),
    )


def filter_to_json(wanted: CommentFilter) -> dict[str, Any]:
    """The fields that say something."""
    empty, found = CommentFilter(), {}
    for each in fields(CommentFilter):
        value = getattr(wanted, each.name)
        if value == getattr(empty, each.name):
            continue
        if isinstance(value, frozenset):
            value = sorted(value)
        elif each.name == "cells":
            value = [[cell.column, cell.match.value, cell.value] for cell in value]
        found[each.name] = value
    return found


_SETS: Mapping[str, Callable[[Any], object]] = {
    "label_ids": lambda value: _as(int, value),
    "source_ids": lambda value: _as(int, value),
    "annotators": lambda value: _as(str, value),
    "share_ids": lambda value: _as(int, value),
    "duplicates": Duplicates,
    "predictions": Predictions,
}
_PLAIN: Mapping[str, Callable[[Any], object]] = {
    "search": lambda value: _as(str, value),
    "not_by": lambda value: _as(str, value),
    "unlabelled": lambda value: _as(bool, value),
    **dict.fromkeys(
        ("flagged", "skipped", "excluded", "disputed", "test_set"), lambda value: _as(bool, value)
    ),
    **dict.fromkeys(("shortest", "longest", "group_of"), lambda value: _as(int, value)),
    "mode": SearchMode,
    "cells": lambda value: tuple(_cell(each) for each in _listed(value)),
}
_OPTIONAL = ("flagged", "skipped", "excluded", "disputed", "test_set", "shortest", "longest", "group_of")


def filter_from_json(values: object) -> CommentFilter:
    """Fields that a newer program added are passed over. Raises ValueError, and nothing else."""
    if not isinstance(values, Mapping):
        raise ValueError(f"no filter: {values!r:.100}")
    found: dict[str, Any] = {}
    for name, value in values.items():
        if value is None and name in _OPTIONAL:
            continue
        if name in _SETS:
            found[name] = frozenset(_SETS[name](each) for each in _listed(value))
        elif name in _PLAIN:
            found[name] = _PLAIN[name](value)
    return CommentFilter(**found)


def _cell(value: object) -> CellCondition:
    column, match, text = _listed(value, 3)
    return CellCondition(_as(str, column), Match(match), _as(str, text))


def _as(kind: type[T], value: object) -> T:
    # True is an int for Python, and none for a row number.
    if type(value) is not kind or (kind is int and abs(value) >= 1 << 63):  # type: ignore[arg-type]
        raise ValueError(f"no {kind.__name__}: {value!r:.100}")
    if isinstance(value, str):
        value.encode()  # half a character of another plane: UnicodeEncodeError, which is a ValueError
    return value


def _listed(value: object, count: int | None = None) -> list[Any]:
    if not isinstance(value, (list, tuple)) or (count is not None and len(value) != count):
        raise ValueError(f"no list: {value!r:.100}")
    return list(value)


def order_to_json(order: Order | Sorting) -> list[Any] | str:
    """A word, or (key, column, descending)."""
    if isinstance(order, Order):
        return order.value
    return [order.key.value, order.column, order.descending]


def order_from_json(value: Any) -> Order | Sorting:
    """Raises ValueError, and nothing else."""
    if isinstance(value, str):
        return Order(value)
    key, column, descending = _listed(value, 3)
    return Sorting(SortKey(key), _as(str, column), _as(bool, descending))
