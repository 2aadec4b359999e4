"""Sentences about the files of the queue."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from senti_studio.domain.eight_bits import EIGHT, WHOLE
from senti_studio.domain.reading import TEXT_FORMATS
from senti_studio.messages import message
from senti_studio.ui import formats
from senti_studio.ui.i18n import current_language, tr
from senti_studio.ui.pages.classify.queue_item import ItemState, QueueItem
from senti_studio.ui.pages.importing.wording import encoding_name, format_name

OUTPUT_ENCODINGS = ("utf-8-sig", "utf-8", "gb18030", "gbk")


def progress_words(item: QueueItem) -> str:
    """What stands in the progress column instead of a bar; empty where the bar says enough."""
    if item.state in (ItemState.PROBLEM, ItemState.FAILED):
        return message(item.code, _short(item), current_language()).what
    if item.is_silent:
        return tr("No answer")
    if item.state is ItemState.LOOKING:
        return tr("Looking at the file…")
    if item.state is ItemState.PREPARING:
        return tr("Preparing…")
    if item.state is ItemState.WRITING:
        return tr("Writing the classified file…")
    if item.state is ItemState.STOPPING:
        return tr("Stopping…")
    if item.state is ItemState.INTERRUPTED:
        return tr("Interrupted at row {row}").format(row=formats.number(item.rows_done))
    if item.state is ItemState.PAUSED:
        return tr("Paused at row {row}").format(row=formats.number(item.rows_done))
    return ""


def problem_sentence(item: QueueItem) -> str:
    """What is wrong, and what to do."""
    return str(message(item.code, _short(item), current_language()))


def silence_sentence(item: QueueItem) -> str:
    """What may be the matter with a worker that gives no sign of life, and what can be done."""
    if item.wish == "cancel":
        return tr(
            "Its process gives no sign of life: it is held, or gets no time. It stops by itself when that "
            "is over; Force stop ends it."
        )
    return tr(
        "Its process gives no sign of life: it is held, or gets no time. It goes on by itself when that is "
        "over; Force stop ends it, and the rows done so far stay."
    )


def _short(item: QueueItem) -> dict[str, Any]:
    """The parameters with the name of the file instead of its whole path: the path is in the tooltip."""
    params = dict(item.params)
    if params.get("path") == str(item.path):
        params["path"] = item.name
    return params


def reading_words(item: QueueItem) -> str:
    """The encoding of a text, the sheet of a workbook, the name of any other format."""
    options = item.options
    if options is None:
        return formats.MISSING
    if options.format in TEXT_FORMATS:
        return encoding_name(options.encoding)
    return options.sheet or format_name(options.format)


def sheets_words(item: QueueItem) -> str:
    """Which of its sheets is read of a workbook."""
    return tr("Sheet “{name}” of {count}: {names}").format(
        name=reading_words(item), count=formats.number(len(item.sheets)), names="、".join(item.sheets)
    )


def output_encoding_words(encoding: str) -> tuple[str, str]:
    """Name and purpose of an encoding for writing."""
    return {
        "utf-8-sig": (tr("UTF-8 with BOM"), tr("Excel opens it directly")),
        "utf-8": ("UTF-8", tr("for other programs")),
        "gb18030": ("GB18030", tr("older Chinese software")),
        "gbk": ("GBK", tr("oldest Chinese software")),
    }[encoding]


def characters_words(item: QueueItem) -> tuple[str, str]:
    """Whether the classified file holds every character as it was written, and the role of these words."""
    count = int(item.output.get("replaced_count", 0))
    name, _ = output_encoding_words(str(item.output.get("encoding", "utf-8-sig")))
    if not count:
        text = tr("✓ Written as {encoding}, which holds every character of the file")
        return text.format(encoding=name), "good"
    shown = " ".join(str(pair[0]) for pair in list(item.output.get("replaced", ()))[:20])
    whole, _ = output_encoding_words(OUTPUT_ENCODINGS[0])
    text = tr(
        "{count} characters cannot be written in {encoding} and became “?”: {characters}. "
        "To keep them, choose {whole} here, then “Write again as {whole}”."
    )
    words = text.format(count=formats.number(count), encoding=name, characters=shown, whole=whole)
    return words, "warn"


def numbers_words(told: Mapping[str, Any] | None) -> str:
    """In which numbers a file was classified and what that cost; "" where nobody asked for others."""
    if not told:
        return ""
    if told.get("precision") != EIGHT:
        return WHOLE
    lost = formats.score(float(told.get("lost", 0)), decimals=2)
    values = {
        "speed": formats.score(float(told.get("speed", 0)), decimals=1),
        "lost": lost,
        "same": formats.percent(float(told.get("same", 0)) / 100),
        "rows": formats.number(int(told.get("rows", 0))),
    }
    if told.get("is_labelled"):
        text = tr("int8 · {speed} × as fast · {lost} points lost on {rows} comments · {same} the same labels")
    else:
        text = tr("int8 · {speed} × as fast · {same} the same labels on {rows} comments")
    return text.format(**values)
