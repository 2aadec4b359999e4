"""A project whose file is taken away under the open window: nothing is called saved that is not there."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from senti_studio.errors import UserError
from senti_studio.storage.project import Project

Take = Callable[..., int]

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows does not move open files")


def delete(folder: Path) -> None:
    shutil.rmtree(folder)


def move(folder: Path) -> None:
    folder.rename(folder.with_name("改了名字.senti"))


def replace(folder: Path) -> None:
    shutil.copy(folder / "project.db", folder / "project.db.new")
    (folder / "project.db.new").replace(folder / "project.db")


@pytest.mark.parametrize("loss", [delete, move, replace])
def test_a_label_is_refused(project: Project, take: Take, loss: Callable[[Path], None]) -> None:
    take(project, ["好", "差"])
    project.annotations.label([1], 1, annotator="我").result()
    project.data_version()
    loss(project.folder)
    with pytest.raises(UserError, match="PROJECT_MOVED"):
        project.annotations.label([2], 1, annotator="我").result()
    with pytest.raises(UserError, match="PROJECT_MOVED"):
        project.data_version()


def test_a_project_that_is_put_back_goes_on(project: Project, take: Take) -> None:
    take(project, ["好", "差"])
    elsewhere = project.folder.with_name("别处.senti")
    project.folder.rename(elsewhere)
    with pytest.raises(UserError, match="PROJECT_MOVED"):
        project.annotations.label([1], 1, annotator="我").result()
    elsewhere.rename(project.folder)
    project.annotations.label([1], 1, annotator="我").result()
    assert project.comments.counts().labelled == 1


def test_a_missing_file_is_not_called_a_matter_of_permission(project: Project) -> None:
    project.folder.rename(project.folder.with_name("别处.senti"))
    with ThreadPoolExecutor(1) as pool, pytest.raises(UserError, match="PROJECT_MOVED"):
        pool.submit(project.comments.counts).result()  # a new thread, which opens the file itself
