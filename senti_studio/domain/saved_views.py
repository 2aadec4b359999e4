"""Saved views: a name for a filter, an order and the columns of a table, as values that JSON can hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

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


def view_from_json(values: Mapping[str, Any]) -> SavedView:
    """Raises ValueError, KeyError or TypeError for what is none."""
    return SavedView(
        str(values["name"]),
        filter_from_json(values["filter"]),
        order_from_json(values["order"]),
        tuple(map(str, values.get("hidden", ()))),
        tuple(map(str, values.get("columns", ()))),
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


_SETS = {
    "label_ids": int,
    "source_ids": int,
    "annotators": str,
    "duplicates": Duplicates,
    "predictions": Predictions,
}


def filter_from_json(values: Mapping[str, Any]) -> CommentFilter:
    """Fields that a newer program added are passed over. Raises ValueError or TypeError."""
    known = {each.name for each in fields(CommentFilter)}
    found: dict[str, Any] = {name: value for name, value in values.items() if name in known}
    for name, kind in _SETS.items():
        if name in found:
            found[name] = frozenset(kind(each) for each in found[name])
    if "cells" in found:
        found["cells"] = tuple(CellCondition(c, Match(m), str(v)) for c, m, v in found["cells"])
    if "mode" in found:
        found["mode"] = SearchMode(found["mode"])
    return CommentFilter(**found)


def order_to_json(order: Order | Sorting) -> list[Any] | str:
    """A word, or (key, column, descending)."""
    if isinstance(order, Order):
        return order.value
    return [order.key.value, order.column, order.descending]


def order_from_json(value: Any) -> Order | Sorting:
    """Raises ValueError or TypeError."""
    if isinstance(value, str):
        return Order(value)
    key, column, descending = value
    return Sorting(SortKey(key), str(column), bool(descending))
