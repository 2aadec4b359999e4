"""What one can do for the health of a project: facts, check, compact, tidy up."""

from __future__ import annotations

import logging
import threading
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import UTC, datetime

from senti_studio.domain.comments import Source
from senti_studio.domain.labels import Label
from senti_studio.operations.places import network_share
from senti_studio.storage.compacting import KEPT, CompactReport, compact, expire, size_of
from senti_studio.storage.integrity import IntegrityReport, Problem, check_project
from senti_studio.storage.project import Project

__all__ = [
    "KEPT",
    "CompactReport",
    "IntegrityReport",
    "Problem",
    "ProjectFacts",
    "check_project",
    "compact",
    "expire",
    "facts",
    "tidy_up",
]

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ProjectFacts:
    """``sizes``: bytes of ``comments`` (project.db), ``runs``, ``models``, ``batches``, ``backups``,
    ``trash`` and ``cache``. ``share``: kind of network share that the project lies on, empty for a disk."""

    name: str
    folder: str
    created_at: datetime
    version: int
    comments: int
    labelled: int
    labels: tuple[tuple[Label, int], ...]
    sources: tuple[Source, ...]
    removed: tuple[tuple[Source, datetime], ...]
    sizes: dict[str, int]
    share: str


def facts(project: Project) -> ProjectFacts:
    """Facts about a project; looks at every file of it, so off the GUI thread."""
    counts = project.comments.counts()
    sizes = {"comments": 0}
    for entry in project.folder.iterdir():
        kind = entry.name if entry.is_dir() else "comments"
        sizes[kind] = sizes.get(kind, 0) + size_of(entry)
    return ProjectFacts(
        project.name,
        str(project.folder),
        project.created_at,
        project.version,
        counts.total,
        counts.labelled,
        tuple((label, counts.by_label.get(label.id, 0)) for label in project.labels.list()),
        tuple(project.sources.list()),
        tuple(project.sources.removed()),
        sizes,
        network_share(project.folder),
    )


def tidy_up(project: Project, *, stop: threading.Event) -> Future[int]:
    """Once a day, in a thread of its own: takes out for good what was removed 30 days ago. The future tells
    how many sources and folders went."""
    done: Future[int] = Future()
    today = datetime.now(UTC).date().isoformat()

    def work() -> None:
        try:
            if project.settings.get("tidied") == today:
                done.set_result(0)
                return
            names, folders, _ = expire(project, should_stop=stop.is_set)
            if not stop.is_set():
                project.settings.set("tidied", today).result()
            done.set_result(len(names) + folders)
        except BaseException as error:  # noqa: BLE001 - it belongs to whoever waits for the future
            done.set_exception(error)

    threading.Thread(target=work, name="tidying up", daemon=True).start()
    return done
