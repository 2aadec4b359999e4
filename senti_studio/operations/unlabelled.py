"""The comments without a part in a training, from which word vectors are learnt before it."""

from __future__ import annotations

from array import array
from collections.abc import Iterator

from senti_studio.domain.comments import CommentFilter, Part, text_keys
from senti_studio.operations.parts import Split
from senti_studio.storage.project import Project

MOST = 500_000
"""Of more comments than this an even selection is taken: vectors hardly gain from more."""


def other_comments(project: Project, parts: Split) -> Iterator[tuple[int, str]]:
    """(id, text) of the comments that are in no part, each text once; excluded ones are left out, and so
    are the texts of the validation and the test part and of the test set: nobody shall have seen them
    before."""
    ids = array("q")
    for block in project.comments.ids(CommentFilter(excluded=False)):
        ids.extend(block)
    taken = {comment.id for part in Part for comment in parts.rows[part]} | project.test_sets.visible()
    seen = {comment.text_key for part in Part for comment in parts.rows[part]}
    seen |= project.overview.text_keys(sorted(project.test_sets.visible()))
    free = [each for each in ids if each not in taken]
    step = -(-len(free) // MOST) if free else 1
    for start in range(0, len(free), step * 1000):
        rows = list(project.comments.texts(free[start : start + step * 1000 : step]))
        for (comment_id, text), key in zip(rows, text_keys([text for _, text in rows]), strict=True):
            if key not in seen:
                seen.add(key)
                yield comment_id, text
