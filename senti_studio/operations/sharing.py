"""Hands the comments of a project out to several people: in the project itself, and as copies to carry away.

A copy holds the comments of one share with all their columns, the label set, and of the annotations only
those of its person: everybody labels by what stands there. `operations.merging` takes the copies back in.
"""

from __future__ import annotations

import errno
import random
import shutil
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from senti_studio.arriving import arriving
from senti_studio.domain.comments import CommentFilter, NewAnnotation, NewComment, Source, SourceDraft
from senti_studio.domain.people import deal
from senti_studio.errors import UserError
from senti_studio.storage.errors import disk_error
from senti_studio.storage.pieces import UNWATCHED, Watch
from senti_studio.storage.project import SUFFIX, Project
from senti_studio.storage.whole_comments import CommentPage

_CARRIED = ("guidelines", "lexicon", "boilerplate")
"""Settings of a project that whoever labels a copy of it needs too."""
_FORBIDDEN = frozenset('\\/:*?"<>|')


@dataclass(frozen=True, slots=True)
class ShareRequest:
    """``overlap``: which part of a share everybody gets (0 … 1); ``each``: how many comments a person gets
    (None: all are dealt); ``labelled``: comments that have a label are handed out too; ``again``: those that
    are handed out already too; ``folder``: where copies are made (None: no copies)."""

    people: tuple[str, ...]
    overlap: float = 0.1
    each: int | None = None
    source_ids: frozenset[int] = frozenset()
    labelled: bool = False
    again: bool = False
    folder: Path | None = None
    seed: int = 1


@dataclass(frozen=True, slots=True)
class PlannedShare:
    """What one person would get; ``target`` is the folder of the copy (None: no copy)."""

    person: str
    ids: Sequence[int]
    target: Path | None = None


@dataclass(frozen=True, slots=True)
class SharePlan:
    """Nothing is handed out yet. ``common`` comments are in everybody's share, ``left`` in nobody's."""

    shares: tuple[PlannedShare, ...]
    common: int
    left: int


def plan(project: Project, request: ShareRequest) -> SharePlan:
    """Deals the comments; equal texts go to one person, or to all.

    Raises UserError ``SHARE_NO_PEOPLE``, ``SHARE_SAME_NAME``, ``SHARE_SAME_FOLDER``,
    ``SHARE_NAME_TOO_LONG``, ``SHARE_NO_COMMENTS`` or ``SHARE_COPY_EXISTS``.
    """
    # Half a surrogate pair (a cut emoji) cannot be stored.
    named = (name.strip().encode("utf-8", "replace").decode("utf-8") for name in request.people)
    people = tuple(name for name in named if name)
    if not people:
        raise UserError("SHARE_NO_PEOPLE")
    twice = next((name for place, name in enumerate(people) if name in people[:place]), None)
    if twice is not None:
        raise UserError("SHARE_SAME_NAME", name=twice)
    targets = _targets(project, people, request.folder)
    pool = _pool(project, request)
    if not pool:
        raise UserError("SHARE_NO_COMMENTS")
    groups = project.people.same_texts(pool)
    random.Random(request.seed).shuffle(groups)
    total = len(pool)
    if request.each is not None:
        wanted = round(request.each * request.overlap)
        total = min(total, wanted + (request.each - wanted) * len(people))
    else:
        wanted = round(total * request.overlap)
    place, common = _take(groups, 0, wanted)
    end, own = _take(groups, place, total - common)
    shares = deal(groups[place:end], len(people), groups[:place])
    planned = [PlannedShare(*each) for each in zip(people, shares, targets, strict=True)]
    return SharePlan(tuple(planned), common, len(pool) - common - own)


def hand_out(project: Project, made: SharePlan, *, watch: Watch = UNWATCHED) -> list[int]:
    """Makes the copies, then notes who got what; returns the ids of the shares. All of it or
    nothing.

    Raises UserError ``CANCELLED``, ``PROJECT_EXISTS``, ``DISK_FULL`` ….
    """
    total = sum(len(share.ids) for share in made.shares if share.target is not None)
    done: list[Path] = []
    before = 0
    try:
        for share in made.shares:
            if share.target is not None:
                _copy(project, share, Watch(_later(watch, before, total), watch.stop))
                done.append(share.target)
                before += len(share.ids)
        return project.people.add_shares(
            [
                (share.person, share.ids, share.target.name if share.target is not None else "")
                for share in made.shares
            ]
        )
    except BaseException:
        for folder in done:
            shutil.rmtree(folder, ignore_errors=True)
        raise


def _later(watch: Watch, before: int, total: int) -> Callable[[int, int], None]:
    return lambda done, _total: watch.progress(before + done, total)


def _pool(project: Project, request: ShareRequest) -> list[int]:
    wanted = CommentFilter(
        unlabelled=not request.labelled, source_ids=request.source_ids, excluded=False, test_set=False
    )
    out = set() if request.again else set(project.people.handed_out())
    return [each for part in project.comments.ids(wanted) for each in part if each not in out]


def _take(groups: Sequence[Sequence[int]], place: int, wanted: int) -> tuple[int, int]:
    """Where so many groups end that they hold about ``wanted`` comments, and how many these are."""
    count = 0
    while place < len(groups) and count + len(groups[place]) / 2 <= wanted and count < wanted:
        count += len(groups[place])
        place += 1
    return place, count


def _targets(project: Project, people: Sequence[str], folder: Path | None) -> list[Path | None]:
    if folder is None:
        return [None] * len(people)
    targets: list[Path | None] = []
    owners: dict[str, str] = {}
    for name in people:
        plain = "".join(
            "_" if letter in _FORBIDDEN or not letter.isprintable() else letter for letter in name
        )
        target = Path(folder).expanduser().absolute() / f"{project.folder.stem}-{plain.strip('. ')}{SUFFIX}"
        # Upper and lower case are one on some disks, and so are two ways to write an accent.
        other = owners.setdefault(unicodedata.normalize("NFC", target.name).casefold(), name)
        if other != name:
            raise UserError("SHARE_SAME_FOLDER", name=other, other=name, folder=target.name)
        if _is_there(target, name):
            raise UserError("SHARE_COPY_EXISTS", path=str(target))
        targets.append(target)
    return targets


def _is_there(target: Path, person: str) -> bool:
    try:
        return target.exists()
    except OSError as error:
        if error.errno == errno.ENAMETOOLONG:
            raise UserError("SHARE_NAME_TOO_LONG", name=person) from error
        raise disk_error(error, target) from error


def _copy(project: Project, share: PlannedShare, watch: Watch) -> None:
    target = share.target
    assert target is not None
    labels = project.labels.list()
    try:
        with arriving(target) as making:
            name = f"{project.name} · {share.person}"
            with Project.create(making, name=name, labels=labels) as copy:
                copy.note_origin(of=project.id, person=share.person)
                by_key = {label.key: label.id for label in copy.labels.list()}
                translated = {label.id: by_key[label.key] for label in labels}
                for key in _CARRIED:
                    value = project.settings.get(key)
                    if value is not None:
                        copy.settings.set(key, value).result()
                done = 0
                for source in project.sources.list():
                    done = _copy_source(project, copy, source, share, translated, watch, done)
                _copy_test_set(project, copy, share)
            making.rename(target)
    except OSError as error:
        raise disk_error(error, target) from error


def _copy_test_set(project: Project, copy: Project, share: PlannedShare) -> None:
    """What is set aside here is set aside there: labelled blindly, and learnt from by nobody."""
    aside = project.test_sets.visible() & set(share.ids)
    if aside:
        here = (each for source in project.sources.list() for each in _of_source(project, source, share))
        there = (each for part in copy.comments.ids() for each in part)
        copy.test_sets.draw(twin for each, twin in zip(here, there, strict=True) if each in aside)


def _of_source(project: Project, source: Source, share: PlannedShare) -> list[int]:
    stretches = project.comments.stretches(source.id)
    return [each for each in share.ids if any(first <= each <= last for first, last in stretches)]


def _copy_source(
    project: Project,
    copy: Project,
    source: Source,
    share: PlannedShare,
    labels: dict[int, int],
    watch: Watch,
    done: int,
) -> int:
    own = _of_source(project, source, share)
    if not own:
        return done
    made = copy.sources.begin(draft_of(source, source.sha256))
    for page in project.whole_comments.pages_of(own):
        if watch.stop():
            raise UserError("CANCELLED")
        copy.sources.append(made, _rows(page, share.person, labels))
        done += len(page.ids)
        watch.progress(done, len(share.ids))
    copy.sources.finish(made)
    return done


def _rows(page: CommentPage, person: str, labels: dict[int, int]) -> list[NewComment]:
    rows = []
    for comment_id, row, text, cells in zip(page.ids, page.rows, page.texts, page.cells, strict=True):
        given = tuple(
            NewAnnotation(labels[each.label_id], person, each.at, each.seconds)
            for each in page.given.get(comment_id, [])
            if each.annotator == person and each.label_id in labels and not each.adjudicated
        )
        rows.append(NewComment(row, text, tuple(cells), annotations=given))
    return rows


def draft_of(source: Source, digest: str) -> SourceDraft:
    """The same file once more, for another project."""
    return SourceDraft(
        source.name,
        source.path,
        source.columns,
        source.text_column,
        source.label_column,
        digest,
        source.encoding,
        source.delimiter,
        source.quote,
        source.has_header,
        source.part,
    )
