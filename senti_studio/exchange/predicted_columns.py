"""What models said of the tasks of Label Studio, as columns of the comments."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Any, NamedTuple

from senti_studio.exchange.json_values import cell_text
from senti_studio.exchange.marks import choices_of, dicts_of

LABEL, SCORE, MODEL = "prediction", "prediction_score", "prediction_model"
NAMES = (LABEL, SCORE, MODEL)

OUR_MODEL = "senti-studio"
"""What predictions of ours are called in other programs."""

_OUR_META = {"source", "row"}
_NUMBERED = re.compile(r"(.+?)(?: \((\d+)\))?")


class Predicted(NamedTuple):
    """``cells`` for the three columns, None where no prediction says a label (Label Studio sometimes gives
    bare numbers); ``is_one_of_several`` that do; ``is_known``: the columns of the task say it already."""

    cells: tuple[str, str, str] | None
    is_one_of_several: bool
    is_known: bool


def predicted(task: Mapping[str, Any]) -> Predicted:
    """The prediction of a task that its model was surest of. Not among them: what went out from here as a
    prediction of ours, and what the columns of the task say already."""
    data = task.get("data")
    known = tuple(cell_text(data.get(name)) for name in NAMES) if isinstance(data, dict) else ()
    meta = task.get("meta")
    is_ours = isinstance(meta, dict) and meta.keys() >= _OUR_META
    found: list[tuple[str, str, str]] = []
    is_known = False
    for prediction in dicts_of(task.get("predictions")):
        choices = [name for result in dicts_of(prediction.get("result")) for name in choices_of(result) or ()]
        model = cell_text(prediction.get("model_version"))
        if not choices or (is_ours and model == OUR_MODEL):
            continue
        cells = "#".join(dict.fromkeys(choices)), cell_text(prediction.get("score")), model
        if is_ours and (cells[0], cells[2]) == known[:1] + known[2:]:
            is_known = True
        else:
            found.append(cells)
    best = max(found, key=lambda cells: _number(cells[1]), default=None)
    return Predicted(best, len(found) > 1, is_known)


def free_names(taken: Collection[str]) -> tuple[str, str, str]:
    """`NAMES`, all with a number where a column has one of them already."""
    number = 1
    while set(_numbered(number)) & set(taken):
        number += 1
    return _numbered(number)


def names_in(columns: tuple[str, ...]) -> tuple[str, str, str] | None:
    """The columns of predictions among those of a file, which are its last ones; None without any."""
    last = columns[-3:]
    found = _NUMBERED.fullmatch(last[0]) if len(last) == 3 else None
    if found is None or last != _numbered(int(found[2] or 1)):
        return None
    return last[0], last[1], last[2]


def _numbered(number: int) -> tuple[str, str, str]:
    suffix = "" if number == 1 else f" ({number})"
    return LABEL + suffix, SCORE + suffix, MODEL + suffix


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return -1.0
