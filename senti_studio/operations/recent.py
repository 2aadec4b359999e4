"""The list of recent projects: one small JSON file of the program."""

from __future__ import annotations

import json
import logging
import os
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from senti_studio.errors import SentiError
from senti_studio.paths import config_folder
from senti_studio.storage.glance import glance
from senti_studio.storage.project import FILE_NAME, Project

KEPT = 30

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class RecentProject:
    """One row of the home page; the counts are those of now, or of the last time it was open where it
    cannot be read. ``is_there``: found now."""

    folder: Path
    name: str
    opened_at: datetime
    comments: int = 0
    labelled: int = 0
    is_there: bool = True


def recent_projects() -> list[RecentProject]:
    """The projects that were opened last, newest first; a list that cannot be read counts as empty."""
    found = []
    for entry in _read():
        try:
            found.append(_project(entry))
        except (KeyError, TypeError, ValueError, OverflowError):
            continue  # one damaged entry does not take the others away
    return sorted(found, key=lambda project: project.opened_at, reverse=True)


def _project(entry: dict[str, Any]) -> RecentProject:
    folder = Path(entry["folder"])
    opened_at = datetime.fromtimestamp(float(entry["opened_at"]), UTC)
    comments, labelled = int(entry.get("comments", 0)), int(entry.get("labelled", 0))
    is_there = (folder / FILE_NAME).exists()
    if is_there:
        # What was counted at its last opening knows nothing of what was imported and labelled since.
        try:
            comments, labelled = glance(folder / FILE_NAME)
        except SentiError as error:
            _log.info("%s was not counted: %s", folder, error)
    return RecentProject(
        folder, str(entry.get("name") or folder.stem), opened_at, comments, labelled, is_there
    )


def remember(project: Project) -> None:
    """Puts an open project at the top, with its present counts."""
    counts = project.comments.counts()
    entry = {
        "folder": str(project.folder),
        "name": project.name,
        "opened_at": datetime.now(UTC).timestamp(),
        "comments": counts.total,
        "labelled": counts.labelled,
    }
    _write([entry, *_others(project.folder)])


def forget(folder: Path) -> None:
    """Takes a project off the list; the project itself stays."""
    _write(_others(folder))


def _others(folder: Path) -> list[dict[str, Any]]:
    return [entry for entry in _read() if entry.get("folder") != str(Path(folder).absolute())]


def _path() -> Path:
    return config_folder() / "recent.json"


def _read() -> list[dict[str, Any]]:
    try:
        entries = json.loads(_path().read_bytes())
    except (OSError, ValueError):
        return []
    return [entry for entry in entries if isinstance(entry, dict)] if isinstance(entries, list) else []


def _write(entries: list[dict[str, Any]]) -> None:
    path = _path()
    temporary = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    temporary.write_text(json.dumps(entries[:KEPT], ensure_ascii=False, indent=1), "utf-8")
    temporary.replace(path)
