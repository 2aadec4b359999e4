"""``worker encoders``: adding, checking and downloading encoders, which takes long and must not end with
a page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from senti_studio.jobs.helper_protocol import to_json
from senti_studio.operations import encoders
from senti_studio.shelf.entries import Entry
from senti_studio.shelf.findings import Checked, Progress
from senti_studio.worker.helper import Handler
from senti_studio.worker.progress import Emit, Pace, ShouldStop


def handlers() -> Mapping[str, Handler]:
    """The requests of ``worker encoders``."""
    return {"add": _add, "check": _check, "download": _download}


def _add(params: Mapping[str, Any], emit: Emit, should_stop: ShouldStop) -> Any:
    wanted, name = str(params["wanted"]), str(params.get("name", ""))
    entry = encoders.add(wanted, name=name, progress=paced(emit, "adding"), should_stop=should_stop)
    return entry_values(entry)


def _download(params: Mapping[str, Any], emit: Emit, should_stop: ShouldStop) -> Any:
    wanted, name, hub = str(params["wanted"]), str(params.get("name", "")), str(params.get("endpoint", ""))
    told = paced(emit, "downloading")
    entry = encoders.download(wanted, name=name, hub=hub, progress=told, should_stop=should_stop)
    return entry_values(entry)


def _check(params: Mapping[str, Any], emit: Emit, should_stop: ShouldStop) -> Any:
    found = encoders.check(
        str(params["wanted"]),
        batch=int(params.get("batch", 16)),
        length=int(params.get("length", 128)),
        progress=paced(emit, "checking"),
        should_stop=should_stop,
    )
    return check_values(found)


def paced(emit: Emit, stage: str) -> Progress:
    """Bytes as they come -> progress with speed and time left, at most ten times a second."""
    pace = Pace(emit, stage)

    def tell(done: int, total: int) -> None:
        pace.total = total
        pace.at(done, last=done >= total > 0)

    return tell


def entry_values(entry: Entry) -> dict[str, Any]:
    """An entry of the shelf as the protocol and ``--json`` write it."""
    return {
        "name": entry.name,
        "folder": str(entry.folder),
        **to_json(entry.facts),
        "source": to_json(entry.source),
        "adapted": dict(entry.adapted),
        "added_at": entry.added_at,
        "formerly": list(entry.formerly),
        "files": {name: to_json(note) for name, note in entry.files.items()},
        "problem": to_json(entry.problem) if entry.problem else None,
    }


def check_values(found: encoders.CheckedEncoder) -> dict[str, Any]:
    """A check as the protocol and ``--json`` write it."""
    forecast = to_json(found.forecast) if found.forecast else None
    if found.forecast is not None and forecast is not None:
        forecast |= {"can_train": found.forecast.can_train, "can_classify": found.forecast.can_classify}
    return {
        "folder": str(found.folder),
        "name": found.entry.name if found.entry else "",
        "is_fit": found.checked.is_fit,
        **_checked_values(found.checked),
        "forecast": forecast,
    }


def _checked_values(checked: Checked) -> dict[str, Any]:
    return {
        "facts": to_json(checked.facts),
        "files": list(checked.files),
        "findings": [to_json(finding) for finding in checked.findings],
    }
