"""Pseudo-labels: which comments may join a training without a label of people, and what that changed."""

from __future__ import annotations

import hashlib
from array import array
from collections.abc import Iterator, Mapping
from pathlib import Path

from senti_studio.domain.comments import CommentFilter, Part, text_keys
from senti_studio.domain.repetition import Repetition
from senti_studio.domain.transfer import CANDIDATES, TEACHER, PseudoRequest
from senti_studio.operations.earlier_models import Beginning, copy_model
from senti_studio.operations.frozen_rows import line, write_lines
from senti_studio.operations.parts import Split
from senti_studio.operations.unlabelled import MOST
from senti_studio.storage.project import Project

_PAGE = 1000


def freeze_candidates(
    project: Project,
    parts: Split,
    alike: Mapping[int, str],
    teacher: Beginning,
    data: Path,
    *,
    most: int = MOST,
) -> None:
    """Copies the model that is asked and the comments that it is asked about into the data of a run."""
    copy_model(teacher.model.folder, data / TEACHER)
    rows = (line(id=each, text=text) for each, text in candidates(project, parts, alike, most=most))
    write_lines(data / CANDIDATES, rows, hashlib.sha256())


def candidates(
    project: Project, parts: Split, alike: Mapping[int, str], *, most: int = MOST
) -> Iterator[tuple[int, str]]:
    """(id, text) of the comments without any label, each text once, neither skipped nor excluded; of more
    than ``most`` an even selection.

    Left out is whatever stands near the validation part, the test part or the project's test set: the same
    text, a near-copy as far as these are known, and a comment with the same value in ``alike`` (comment id ->
    user or product).
    """
    if not most:
        return
    free = array("q")
    for block in project.comments.ids(CommentFilter(unlabelled=True, excluded=False, skipped=False)):
        free.extend(block)
    held = {row.id for part in (Part.VALID, Part.TEST) for row in parts.rows[part]}
    held |= project.test_sets.visible()
    near = project.near_groups.beside(sorted(held))
    values = {alike[each] for each in held if alike.get(each)}
    seen = {row.text_key for part in Part for row in parts.rows[part]}
    seen |= project.overview.text_keys(sorted(held))
    allowed = [
        each for each in free if each not in held and each not in near and alike.get(each, "") not in values
    ]
    step = -(-len(allowed) // most) if allowed else 1
    for start in range(0, len(allowed), step * _PAGE):
        rows = list(project.comments.texts(allowed[start : start + step * _PAGE : step]))
        for (comment_id, text), key in zip(rows, text_keys([text for _, text in rows]), strict=True):
            if key not in seen and text.strip():
                seen.add(key)
                yield comment_id, text


def problem_of_pseudo(
    wanted: PseudoRequest, repetition: Repetition
) -> tuple[str, Mapping[str, object]] | None:
    """What is wrong with a request, before any comment is looked at."""
    if repetition.leaves_out:
        return "PSEUDO_NO_FOLDS", {}
    problems = wanted.problems()
    return ("BAD_SPEC", {"problems": problems}) if problems else None
