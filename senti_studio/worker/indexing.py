"""Finds comments that nearly say the same; runs after an import, beside everything else."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from senti_studio.domain.near_groups import NearSummary
from senti_studio.errors import UserError
from senti_studio.file_lock import FileLock
from senti_studio.storage.project import Project
from senti_studio.text.near_duplicates import NearDuplicates
from senti_studio.worker.helper import Handler
from senti_studio.worker.progress import Emit, Pace, ShouldStop, never, tell_nobody

if TYPE_CHECKING:
    from numpy.typing import NDArray

_READING, _COMPARING = 0.75, 0.15
"""Shares of the time, for the progress; the rest is writing."""


def index_near_duplicates(
    project: Project, *, emit: Emit = tell_nobody, should_stop: ShouldStop = never
) -> NearSummary:
    """Looks through all comments of a project and stores which of them belong together.

    Raises UserError ``CANCELLED`` (what was known before stays, as far as it was not replaced yet) and
    ``INDEX_BUSY`` when another process is at it.
    """
    lock = FileLock(project.cache_folder / "index.lock")
    if not lock.acquire():
        raise UserError("INDEX_BUSY", path=str(project.folder))
    scratch = project.cache_folder / "near-copies"
    try:
        shutil.rmtree(scratch, ignore_errors=True)  # of a look that was killed
        scratch.mkdir()
        return _index(project, scratch, emit, should_stop)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
        lock.release()


def _index(project: Project, scratch: Path, emit: Emit, should_stop: ShouldStop) -> NearSummary:
    import numpy as np

    total = project.comments.counts().total
    pace = Pace(emit, "indexing", total)
    pages: list[NDArray[np.int64]] = []
    with NearDuplicates(scratch) as finder:
        for ids, texts in project.near_groups.texts():
            if should_stop():
                raise UserError("CANCELLED")
            finder.add(texts)
            pages.append(np.array(ids, dtype=np.int64))
            pace.at(int(finder.count * _READING))
        first = finder.groups(
            progress=lambda share: pace.at(int(total * (_READING + _COMPARING * share))),
            should_stop=should_stop,
        )
    if first is None:
        raise UserError("CANCELLED")
    ids_of = np.concatenate([*pages, np.zeros(0, np.int64)])
    sizes = np.bincount(first, minlength=len(first))
    together = sizes[first] > 1
    done = 0
    for page in pages:
        if should_stop():
            raise UserError("CANCELLED")
        part = slice(done, done + len(page))
        chosen = together[part]
        groups = ids_of[first[part][chosen]]
        pairs = list(zip(page[chosen].tolist(), groups.tolist(), strict=True))
        project.near_groups.write(pairs, int(page[0]), int(page[-1]))
        done += len(page)
        pace.at(int(total * (_READING + _COMPARING)) + int(done * (1 - _READING - _COMPARING)))
    summary = NearSummary(int((sizes > 1).sum()), int(together.sum()), len(first), pace.seconds)
    project.near_groups.conclude(summary)
    pace.at(total, last=True)
    return summary


def handlers() -> Mapping[str, Handler]:
    """The requests of ``worker index``."""
    return {"near_duplicates": _near_duplicates}


def _near_duplicates(params: Mapping[str, Any], emit: Emit, should_stop: ShouldStop) -> NearSummary:
    project = Project.open(Path(params["project"]))
    try:
        return index_near_duplicates(project, emit=emit, should_stop=should_stop)
    finally:
        project.close()
