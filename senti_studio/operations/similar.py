"""Comments that resemble the one in view: near-copies that were found before, and whom others propose."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from senti_studio.domain.comments import Comment
from senti_studio.domain.similarity import SimilarComment, resemblance
from senti_studio.storage.project import Project

_COPIES_READ = 60


def near_copies(project: Project, comment: Comment, most: int, *, own: str = "") -> list[SimilarComment]:
    """Members of the group of near-copies that a comment belongs to, the most similar first; ``own`` as for
    `described`."""
    ids = project.near_groups.members(comment.id, _COPIES_READ)
    return described(project, comment.text, ids, own=own)[:most]


def described(project: Project, text: str, ids: Sequence[int], *, own: str = "") -> list[SimilarComment]:
    """Those of ``ids`` that are to be shown, sorted; comments of the test set and excluded ones are not.

    ``own``: the person whose labels alone are seen (empty: everybody's are)."""
    rows = project.comments.rows(project.near_groups.outside_test_set(ids))
    if own:
        rows = [dataclasses.replace(row, label_id=_own_label(project, row.id, own)) for row in rows]
    found = [SimilarComment(row, resemblance(text, row.text)) for row in rows if not row.excluded]
    return sorted(found, key=lambda each: each.order)


def _own_label(project: Project, comment_id: int, annotator: str) -> int | None:
    annotations = project.comments.get(comment_id).annotations
    return next((each.label_id for each in annotations if each.annotator == annotator), None)
