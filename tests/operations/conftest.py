"""A project to be filled by the test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from desks import Desk

from senti_studio.storage.project import Project


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with Project.create(tmp_path / "门店 评论.senti") as project:
        yield Desk(project)
