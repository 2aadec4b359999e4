"""Writes comments for other labelling programs: Label Studio's JSON and doccano's JSON lines."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from typing import IO, Any, Protocol
from xml.sax.saxutils import quoteattr

from senti_studio.domain.exporting import (
    CONFIDENCE,
    HOME_NAMES,
    PREDICTED,
    OutgoingAnnotation,
    OutgoingPrediction,
    OutgoingTask,
    iso_time,
)
from senti_studio.domain.labels import Label
from senti_studio.exchange.predicted_columns import OUR_MODEL

MOST_TASKS = 250_000
MOST_BYTES = 50_000_000
"""Label Studio takes no larger file."""

QUESTION = "sentiment"
TEXT = "text"
"""The key of the comment; ASCII, because Label Studio reads no other ``$name``."""
LABEL = "label"

_encode = json.JSONEncoder(ensure_ascii=False).encode
_COLOURS = {
    "pos": "#0072b2",
    "neu": "#7a848c",
    "neg": "#d55e00",
    "purple": "#a8527f",
    "brown": "#8a6a00",
    "sky": "#2c7fb0",
    "outline-up": "#005f95",
    "outline-down": "#a34700",
    "outline-diamond": "#8a3c66",
    "star": "#b8860b",
    "right": "#7d3c98",
    "left": "#1f8a8a",
    "outline-circle": "#525c64",
    "outline-square": "#6e5500",
    "outline-pentagon": "#1d658f",
    "outline-star": "#94610a",
    "outline-right": "#5e2f78",
    "outline-left": "#156464",
}


class TaskFile(Protocol):
    """Tasks that are being written."""

    def write(self, tasks: Sequence[OutgoingTask]) -> None:
        """Adds tasks."""

    def close(self) -> None:
        """Writes what is left; the files themselves stay open."""


class LabelStudioTasks:
    """JSON arrays of at most `MOST_TASKS` tasks and `MOST_BYTES` bytes; ``next_file`` opens one after the
    other and is told how many tasks are in those before."""

    def __init__(self, next_file: Callable[[int], IO[bytes]]) -> None:
        self._next_file = next_file
        self._file = next_file(0)
        self._tasks = self._bytes = self._before = 0

    def write(self, tasks: Sequence[OutgoingTask]) -> None:
        blocks: list[bytes] = []
        for task in tasks:
            block = _encode(label_studio_task(task)).encode("utf-8")
            if self._tasks and (self._tasks >= MOST_TASKS or self._bytes + len(block) + 4 > MOST_BYTES):
                self._file.write(b"".join(blocks))
                blocks.clear()
                self.close()
                self._before += self._tasks
                self._file = self._next_file(self._before)
                self._tasks = self._bytes = 0
            blocks += (b",\n" if self._tasks else b"[\n", block)
            self._tasks += 1
            self._bytes += len(block) + 2
        self._file.write(b"".join(blocks))

    def close(self) -> None:
        self._file.write(b"\n]\n" if self._tasks else b"[]\n")


class DoccanoLines:
    """One object a line: ``text``, ``label`` (a list of names), and every column beside them, ours with
    ``suffix``. ``text_columns``: what the texts are called in the sources."""

    def __init__(
        self,
        next_file: Callable[[int], IO[bytes]],
        *,
        with_predictions: bool = False,
        suffix: str = "",
        text_columns: Collection[str] = (),
    ) -> None:
        self._file = next_file(0)
        self._with_predictions = with_predictions
        self._suffix = suffix
        self._text_columns = frozenset(text_columns)

    def write(self, tasks: Sequence[OutgoingTask]) -> None:
        lines = [
            _encode(
                doccano_item(
                    task,
                    with_predictions=self._with_predictions,
                    suffix=self._suffix,
                    text_columns=self._text_columns,
                )
            )
            + "\n"
            for task in tasks
        ]
        self._file.write("".join(lines).encode("utf-8"))

    def close(self) -> None:
        """Nothing is held back."""


def label_studio_task(task: OutgoingTask) -> dict[str, Any]:
    """A task as Label Studio reads it. Who annotated stands in ``created_username``: a ``completed_by`` that
    is no member of the organisation there makes it refuse the whole file."""
    given = [_annotation(task.id, each) for each in task.annotations if each.label is not None]
    if task.is_skipped:
        given.append({"result": [], "was_cancelled": True, "ground_truth": False})
    data, home = _with_text(task, {TEXT: task.text})
    values: dict[str, Any] = {
        "id": task.id,
        "data": data,
        "annotations": given,
        "predictions": [_prediction(each) for each in task.predictions],
    }
    home.pop(TEXT, None)  # the meta data say that already
    if task.meta:
        values["meta"] = {**task.meta, "columns": home} if home else dict(task.meta)
    return values


def _prediction(given: OutgoingPrediction) -> dict[str, Any]:
    values: dict[str, Any] = {"model_version": given.model, "result": [_choice(*given.label.split("#"))]}
    if given.confidence is not None:
        values["score"] = round(given.confidence, 6)
    return values


def _annotation(task_id: int, given: OutgoingAnnotation) -> dict[str, Any]:
    at = iso_time(given.at).replace("+00:00", "Z")
    values = {
        "result": [{"id": f"senti-{task_id}", **_choice(given.label or ""), "origin": "manual"}],
        "was_cancelled": False,
        "ground_truth": given.adjudicated,
        "created_at": at,
        "updated_at": at,
        "created_username": given.annotator,
    }
    if given.seconds is not None:
        values["lead_time"] = given.seconds
    if given.imported:
        values["imported"] = True
    return values


def _choice(*labels: str) -> dict[str, Any]:
    return {"value": {"choices": list(labels)}, "from_name": QUESTION, "to_name": TEXT, "type": "choices"}


def doccano_item(
    task: OutgoingTask,
    *,
    with_predictions: bool,
    suffix: str = "",
    text_columns: Collection[str] = (),
) -> dict[str, Any]:
    """A line of doccano. All lines have the same keys: doccano makes NaN of one that is missing and then
    cannot store it. What was said of the comment, and when and by whom, are columns like any other."""
    own = {TEXT: task.text, LABEL: [task.label] if task.label else []}
    is_one_name = len(text_columns) < 2
    columns = {
        name: cell if is_one_name and name == task.text_column else cell or ""
        for name, cell in task.columns.items()
    }
    item, home = _with_text(
        replace(task, columns=columns, text_column=task.text_column if is_one_name else ""), own
    )
    if home:
        item[HOME_NAMES + suffix] = _encode(home)
    if with_predictions:
        best = next((each for each in task.predictions if each.model == OUR_MODEL), None)
        item[PREDICTED + suffix] = best.label if best is not None else ""
        item[CONFIDENCE + suffix] = _share(best.confidence) if best is not None else ""
    return item


def _share(confidence: float | None) -> str:
    return "" if confidence is None else f"{confidence:.4f}"


def _with_text(task: OutgoingTask, own: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    """``own``, of which the text stands where it stood in the source, and the columns; and the names at home
    of what is called otherwise here. A column that has a name of ``own`` gets a number."""
    values: dict[str, Any] = {}
    home = {TEXT: task.text_column} if task.text_column not in ("", TEXT) else {}
    for name, cell in task.columns.items():
        if name == task.text_column:
            values[TEXT] = task.text
        elif cell is not None:
            free, number = name, 1
            while free in values or free in own:
                number += 1
                free = f"{name} ({number})"
            values[free] = cell
            if free != name:
                home[free] = name
    if TEXT not in values:
        values = {TEXT: task.text, **values}
    return {**values, **own}, home


def labelling_config(labels: Sequence[Label]) -> str:
    """The labelling interface that `label_studio_task` belongs to (Settings → Labelling Interface → Code)."""
    choices = "\n".join(
        f"    <Choice value={quoteattr(label.name)}"
        + (f" hotkey={quoteattr(label.shortcut)}" if label.shortcut else "")
        + "/>"
        for label in labels
    )
    return (
        f'<View>\n  <Text name="{TEXT}" value="${TEXT}"/>\n'
        f'  <Choices name="{QUESTION}" toName="{TEXT}" choice="single" showInline="true">\n'
        f"{choices}\n  </Choices>\n</View>\n"
    )


def doccano_labels(labels: Sequence[Label]) -> str:
    """The label set as doccano imports it (Labels → Import)."""
    taken: set[str] = set()
    items = []
    for label in labels:
        item: dict[str, Any] = {"text": label.name, "background_color": _COLOURS[label.appearance]}
        key = label.shortcut.lower()
        if len(key) == 1 and key in "0123456789abcdefghijklmnopqrstuvwxyz" and key not in taken:
            taken.add(key)
            item["suffix_key"] = key
        items.append({**item, "text_color": "#ffffff"})
    return json.dumps(items, ensure_ascii=False, indent=2) + "\n"
