"""Comments that resemble the one in view: near-copies that were found before, and whom others propose."""

from __future__ import annotations

from collections.abc import Sequence

from senti_studio.domain.similarity import SimilarComment, resemblance
from senti_studio.storage.project import Project

_COPIES_READ = 60


def near_copies(project: Project, comment_id: int, text: str, most: int) -> list[SimilarComment]:
    """Members of the group of near-copies that ``comment_id`` belongs to, the most similar first."""
    ids = project.near_groups.members(comment_id, _COPIES_READ)
    return described(project, text, ids)[:most]


def described(project: Project, text: str, ids: Sequence[int]) -> list[SimilarComment]:
    """Those of ``ids`` that are to be shown, sorted; comments of the test set and excluded ones are not."""
    rows = project.comments.rows(project.near_groups.outside_test_set(ids))
    found = [SimilarComment(row, resemblance(text, row.text)) for row in rows if not row.excluded]
    return sorted(found, key=lambda each: each.order)
