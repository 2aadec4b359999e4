"""Takes another copy of a project back in: looks at it first, then merges, comments and all."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from senti_studio.domain.comments import NewComment, Source
from senti_studio.domain.journal import Action
from senti_studio.domain.merging import Choices, MergeReport, Side
from senti_studio.errors import UserError
from senti_studio.operations.sharing import draft_of
from senti_studio.storage.merging import Comparison
from senti_studio.storage.pieces import UNWATCHED, Watch
from senti_studio.storage.project import Project


@dataclass(frozen=True, slots=True)
class Merged:
    """What was done: the action (one undo takes it back), and how many comments came in that were only in the
    other copy; these stay after an undo, in files of their own that can be taken out."""

    action: Action
    report: MergeReport
    brought: int


def compare(project: Project, other: Path, *, watch: Watch = UNWATCHED) -> MergeReport:
    """What merging the project folder ``other`` would do; nothing is written.

    Raises UserError ``MERGE_ITSELF``, ``CANCELLED``, and what opening a project raises.
    """
    with _opened(project, other) as there:
        return project.merging.compare(there.merging, watch).report


def merge(
    project: Project,
    other: Path,
    *,
    annotator: str,
    rule: Side = Side.NEWEST,
    choices: Choices | None = None,
    bring: bool = True,
    watch: Watch = UNWATCHED,
) -> Merged:
    """Takes in annotations, marks and notes of the project folder ``other``, and with ``bring`` the comments
    that are only there; the other copy stays as it is.

    Raises what `compare` raises. A merge that was stopped midway says so in its action.
    """
    with _opened(project, other) as there:
        compared = project.merging.compare(there.merging, watch)
        report, brought = compared.report, 0
        if bring and report.unknown:
            brought = _bring(project, there, compared, watch)
            compared = project.merging.compare(there.merging, watch)
        action = project.merging.merge(
            there.merging, compared, annotator=annotator, rule=rule, choices=choices, watch=watch
        ).result()
        return Merged(action, report, brought)


@contextmanager
def _opened(project: Project, other: Path) -> Iterator[Project]:
    there = Project.open(other, to_read=True)
    try:
        if there.folder.resolve() == project.folder.resolve():
            raise UserError("MERGE_ITSELF", path=str(other))
        yield there
    finally:
        there.close()


def _bring(project: Project, there: Project, compared: Comparison, watch: Watch) -> int:
    """Comments that are only in the other copy come in, as files of the same names; without labels."""
    unknown = compared.matches.unknown
    done = 0
    for source in there.sources.list():
        ids = _of_source(there, source, unknown)
        if not ids:
            continue
        # The whole file has its own digest; of a part, nobody may think that all of it is here.
        digest = source.sha256 if len(ids) == source.row_count else ""
        made = project.sources.begin(draft_of(source, digest))
        try:
            for page in there.whole_comments.pages_of(ids):
                if watch.stop():
                    raise UserError("CANCELLED")
                cells = [tuple(row) for row in page.cells]
                rows = list(map(NewComment, page.rows, page.texts, cells))
                project.sources.append(made, rows)
                done += len(page.ids)
                watch.progress(done, len(unknown))
            project.sources.finish(made)
        except BaseException:
            project.sources.abandon(made)
            raise
    return done


def _of_source(there: Project, source: Source, ids: Sequence[int]) -> list[int]:
    """Those of ``ids`` (ascending) that are comments of the source."""
    found: list[int] = []
    for first, last in there.comments.stretches(source.id):
        found += ids[bisect_left(ids, first) : bisect_right(ids, last)]
    return found
