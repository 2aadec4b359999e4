"""The list of recent projects: one small JSON file of the program."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from senti_studio.paths import config_folder
from senti_studio.storage.project import Project

KEPT = 30


@dataclass(frozen=True, slots=True)
class RecentProject:
    """One row of the home page; the counts are those of the last time it was open. ``is_there``: found
    now."""

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
            folder = Path(entry["folder"])
            found.append(
                RecentProject(
                    folder,
                    str(entry.get("name") or folder.stem),
                    datetime.fromtimestamp(float(entry["opened_at"]), UTC),
                    int(entry.get("comments", 0)),
                    int(entry.get("labelled", 0)),
                    (folder / "project.db").exists(),
                )
            )
        except (KeyError, TypeError, ValueError, OverflowError):
            continue  # one damaged entry does not take the others away
    return sorted(found, key=lambda project: project.opened_at, reverse=True)


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
