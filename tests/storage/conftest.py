"""A project with a few comments, and a way to make more."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from senti_studio.domain.comments import NewComment, Part, SourceDraft
from senti_studio.storage.project import Project

Take = Callable[..., int]


def take_in(
    project: Project,
    texts: Sequence[str],
    *,
    name: str = "评论.csv",
    labels: Sequence[int | None] = (),
    part: Part | None = None,
) -> int:
    """Imports texts with two further columns and returns the id of the source."""
    draft = SourceDraft(name, f"/数据/{name}", ("编号", "评论", "分"), 1, 2, part=part)
    source_id = project.sources.begin(draft)
    given = [*labels, *([None] * (len(texts) - len(labels)))]
    project.sources.append(
        source_id,
        [
            NewComment(row, text, (f"{row:06d}", text, "5"), label)
            for row, (text, label) in enumerate(zip(texts, given, strict=True), 1)
        ],
    )
    project.sources.finish(source_id)
    return source_id


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "门店 评论 2026.senti"


@pytest.fixture
def project(folder: Path) -> Iterator[Project]:
    with Project.create(folder) as made:
        yield made


@pytest.fixture
def take() -> Take:
    return take_in
