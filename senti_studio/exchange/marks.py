"""Annotations as other labelling programs (and our own exports) write them, as `Mark` values."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from senti_studio.domain.importing import plain
from senti_studio.exchange.records import Mark

_MILLISECONDS_FROM = 10**11
"""Larger numbers are milliseconds since the epoch, smaller ones seconds."""


class TaskMarks(NamedTuple):
    """What people said of a task of Label Studio. ``fields``: the questions that their choices answer;
    ``has_other``: there are answers that are no choices."""

    marks: tuple[Mark, ...]
    fields: tuple[str, ...]
    has_other: bool


def label_studio_marks(task: Mapping[str, Any], field: str, people: dict[str, str]) -> TaskMarks:
    """The annotations of a task, of its choices those that answer ``field``.

    ``people``: names by number; Label Studio gives sometimes both and sometimes the number only. It grows.
    """
    fields: list[str] = []
    marks: list[Mark] = []
    has_other = False
    for annotation in dicts_of(task.get("annotations")) or dicts_of(task.get("completions")):
        values: list[str] = []
        # Our own files have the name there: Label Studio refuses a `completed_by` that it does not know.
        person = _person(annotation.get("completed_by"), people) or str(
            annotation.get("created_username") or ""
        )
        for result in dicts_of(annotation.get("result")):
            name, choices = str(result.get("from_name", "")), choices_of(result)
            if choices is None:
                has_other = True
                continue
            fields.append(name)
            if name == field:
                values += choices
            else:
                has_other = True
        is_skipped = bool(annotation.get("was_cancelled"))
        if values or is_skipped:
            marks.append(
                Mark(
                    annotator=person,
                    values=() if is_skipped else tuple(dict.fromkeys(values)),
                    at=time_of(annotation.get("created_at")),
                    seconds=seconds_of(annotation.get("lead_time")),
                    skipped=is_skipped,
                    adjudicated=annotation.get("ground_truth") is True,
                    imported=annotation.get("imported") is True,
                )
            )
    return TaskMarks(tuple(marks), tuple(fields), has_other)


def choices_of(result: Mapping[str, Any]) -> list[str] | None:
    """The labels that an answer names; None for an answer of another kind."""
    value = result.get("value")
    choices = value.get("choices") if isinstance(value, dict) else None
    if not isinstance(choices, list) or not all(isinstance(choice, str) for choice in choices):
        return None
    return [str(choice) for choice in choices]


def _person(value: Any, people: dict[str, str]) -> str:
    if isinstance(value, dict):
        name = next((str(value[key]) for key in ("email", "username", "id") if value.get(key)), "")
        if value.get("id") and name:
            people[str(value["id"])] = name
        return name.strip()
    number = "" if value is None else str(value).strip()
    return people.get(number, number)


def dicts_of(value: Any) -> list[dict[str, Any]]:
    """The objects of a list, nothing for anything else."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def old_doccano_marks(item: Mapping[str, Any]) -> tuple[Mark, ...]:
    """``annotations: [{"label": 603, "user": 1}]`` of doccano before 2021: numbers of labels."""
    by_person: dict[str, list[str]] = {}
    for annotation in dicts_of(item.get("annotations")):
        label = annotation.get("label")
        if isinstance(label, str) and "result" not in annotation:
            by_person.setdefault(_person(annotation.get("user"), {}), []).append(str(label))
    return tuple(Mark(person, tuple(dict.fromkeys(labels))) for person, labels in by_person.items())


def label_values(cell: str, joint: str = "") -> tuple[str, ...]:
    """The labels of a cell: usually one; several as a JSON list, as Label Studio's ``{"choices": […]}``, or
    between ``joint``."""
    text = plain(cell)
    if text[:1] in ("[", "{") and text[-1:] in ("]", "}"):
        found = _json_labels(text)
        if found is not None:
            return found
    if joint and joint in text:
        return tuple(dict.fromkeys(part for piece in text.split(joint) if (part := plain(piece))))
    return (text,) if text else ()


def _json_labels(text: str) -> tuple[str, ...] | None:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if isinstance(value, dict) and list(value) == ["choices"]:
        value = value["choices"]
    if not isinstance(value, list) or not all(isinstance(item, (str, int, float)) for item in value):
        return None
    return tuple(dict.fromkeys(name for item in value if (name := plain(str(item)))))


def label_joint(columns: tuple[str, ...]) -> str:
    """``#`` in the CSV of doccano, which is known by its last column; otherwise nothing."""
    return "#" if "Comments" in columns and "label" in columns else ""


def time_of(value: Any) -> int | None:
    """Milliseconds since the epoch of an ISO 8601 time (without a zone: local time) or of a number."""
    text = str(value).strip() if value is not None else ""
    if not text:
        return None
    try:
        number = float(text)
    except ValueError:
        return _iso_time(text)
    if not math.isfinite(number) or not 0 < number < 10**14:
        return None
    return int(number if number >= _MILLISECONDS_FROM else number * 1000)


def _iso_time(text: str) -> int | None:
    try:
        return round(datetime.fromisoformat(text.replace("/", "-")).timestamp() * 1000)
    except (ValueError, OverflowError, OSError):
        return None


def seconds_of(value: Any) -> float | None:
    """A number of seconds, None for anything else."""
    try:
        seconds = float(value)
    except (TypeError, ValueError):
        return None
    return seconds if math.isfinite(seconds) and 0 <= seconds < 10**9 else None


def annotators_of(marks: tuple[Mark, ...]) -> Iterator[str]:
    """The names of those who said something."""
    return (mark.annotator for mark in marks if mark.annotator)
