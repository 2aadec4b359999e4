"""The option ``--map``: what the values of a label column mean; read, and proposed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import islice
from pathlib import Path

import click

from senti_studio.cli.options import quoted
from senti_studio.domain.importing import plain, suggest_label_map
from senti_studio.domain.labels import Label
from senti_studio.domain.reading import ReadOptions
from senti_studio.errors import UserError

LONGEST_VALUE = 60
"""A longer value is no name that anybody types."""
_MOST_VALUES = 10_000
_LOOKED_AT = 500_000
_OPTION = "--map"


def values_in(path: Path, options: ReadOptions, column: int | None, *, most: int = _MOST_VALUES) -> list[str]:
    """What stands in a column, sorted; a file that is sorted by its labels shows only one of them at its
    beginning. None: in the labels that the file keeps beside its columns. More than ``most`` are not collected."""
    from senti_studio.exchange.marks import label_joint, label_values
    from senti_studio.exchange.open_file import open_records

    values: set[str] = set()
    file = open_records(path, options)
    joint = label_joint(file.columns)
    for record in islice(file, _LOOKED_AT):
        said = (
            [label_values(record.cells[column], joint)]
            if column is not None
            else [mark.values for mark in record.marks]
        )
        # Several labels at once come in as none, whatever they are mapped to.
        values.update(*(one for one in said if len(one) == 1))
        if len(values) > most:
            break
    return sorted(values)


def read_map(
    given: Sequence[str], labels: Sequence[Label], values: Callable[[], Sequence[str]]
) -> dict[str, str] | None:
    """Value of the file -> label key; None where nothing is given. ``values`` of the file are asked for where
    a comma or ``=`` may belong to a value. Raises click.BadParameter and UserError ``NO_SUCH_LABEL``."""
    known = {label.key: label.key for label in labels} | {label.name: label.key for label in labels}
    found: dict[str, str] = {}
    for text in filter(None, (one.strip() for one in given)):
        for value, name in _pairs_of(text, values):
            if name not in known:
                raise UserError(
                    "NO_SUCH_LABEL", label=name, labels=[f"{one.key} {one.name}" for one in labels]
                )
            if value in found:
                raise click.BadParameter(f"“{value}” is given twice", param_hint=_OPTION)
            found[value] = known[name]
    return found or None


def can_be_typed(value: str) -> bool:
    """Whether a command line can name the value."""
    return value.isprintable() and len(value) <= LONGEST_VALUE


def proposal(values: Sequence[str], labels: Sequence[Label]) -> str:
    """``--map 0=负面,1=正面 --map '好,推荐=?'``: as it can be pasted into a command, empty where no value can be
    named; values whose meaning nobody can guess get a question mark."""
    found = suggest_label_map(values, labels)
    names = {label.key: label.name for label in labels}
    together, alone = [], []
    for value in filter(can_be_typed, values):
        name = names.get(found.get(value, ""), "?")
        if not any(sign in value for sign in ',，="'):
            together.append(f"{value}={name}")
        elif any(sign in value for sign in '="'):
            doubled = value.replace('"', '""')
            alone.append(f'"{doubled}"={name}')
        else:
            alone.append(f"{value}={name}")
    options = [*([",".join(together)] if together else []), *alone]
    return " ".join(f"{_OPTION} {quoted(option)}" for option in options)


def _pairs_of(text: str, values: Callable[[], Sequence[str]]) -> list[tuple[str, str]]:
    """``VALUE=LABEL,…``; a value in double quotes may hold anything, one without them what the file has."""
    left, sign, right = text.rpartition("=")
    is_ambiguous = text.count("=") > 1 or "," in left or "，" in left
    if sign and is_ambiguous and '"' not in text[:1] and plain(left) in values():
        return [(plain(left), right.strip())]
    pairs: list[tuple[str, str]] = []
    waiting = ""
    for item, separator in _items(text):
        whole = waiting + item
        pair = _pair(whole)
        if pair is None:
            waiting = whole + separator
            continue
        if waiting and pair[0] not in values():
            raise _wrong(waiting.rstrip(",， "))
        waiting = ""
        pairs.append(pair)
    if waiting.strip(",， "):
        raise _wrong(waiting.rstrip(",， "))
    return pairs


def _items(text: str) -> list[tuple[str, str]]:
    """The parts between commas that stand in no quotes, each with the comma behind it."""
    found, start, is_quoted = [], 0, False
    for place, sign in enumerate(text):
        if sign == '"' and (is_quoted or not text[start:place].strip()):
            is_quoted = not is_quoted
        elif sign in ",，" and not is_quoted:
            found.append((text[start:place], sign))
            start = place + 1
    return [(item, sign) for item, sign in [*found, (text[start:], "")] if item.strip() or sign]


def _pair(item: str) -> tuple[str, str] | None:
    """Value and label of one part; None where it has no ``=`` behind a value."""
    item = item.strip()
    if item.startswith('"') and (end := item.rfind('"=')) > 0:
        value, name = item[1:end].replace('""', '"'), item[end + 2 :]
    else:
        value, _, name = item.partition("=")
    return (plain(value), name.strip()) if plain(value) and name.strip() else None


def _wrong(item: str) -> click.BadParameter:
    return click.BadParameter(f"“{item}” is not of the form VALUE=NAME", param_hint=_OPTION)
