"""Texts that a platform wrote: kept, excluded or left out, as the request says; told in the report."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from senti_studio.domain.boilerplate import SETTING, texts_of
from senti_studio.domain.comments import CommentFilter
from senti_studio.domain.importing import ImportRequest, ReadOptions
from senti_studio.errors import UserError
from senti_studio.exchange.sniff import sniff
from senti_studio.storage.project import Project
from senti_studio.worker.importing import import_file
from senti_studio.worker.known_texts import KnownTexts
from senti_studio.worker.preview import check_file

LABELS = {"好评": "1", "差评": "3"}
ROWS = [
    ["01", "汤洒了一半，商家电话也不接", "差评"],
    ["02", "此用户没有填写评价", "好评"],
    ["03", "味道不错", "好评"],
    ["04", " 此用户没有填写评价。 ", "好评"],
    ["05", "系统默认好评", ""],
    ["06", "", ""],
    ["07", "此用户没有填写评价，但是我要说不好吃", "差评"],
]


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    with Project.create(tmp_path / "门店 评论.senti") as made:
        yield made


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "平台 默认.csv"
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([["编号", "评论", "评级"], *ROWS])
    return path


def request(path: Path, choice: str, *, labels: bool = True) -> ImportRequest:
    return ImportRequest(
        str(path),
        1,
        ReadOptions(),
        label_column=2 if labels else None,
        label_map=LABELS if labels else None,
        boilerplate=choice,
    )


def rows_of(project: Project, wanted: CommentFilter | None = None) -> list[int]:
    ids = [each for chunk in project.comments.ids(wanted or CommentFilter()) for each in chunk]
    return [project.comments.get(each).row for each in ids]


def test_they_are_kept_unless_something_else_is_said(project: Project, file: Path) -> None:
    report = import_file(project, request(file, "keep"))
    assert (report.rows, report.labelled, report.excluded, report.skipped_boilerplate) == (7, 5, 0, 0)
    assert project.comments.counts().excluded == 0


@pytest.mark.parametrize("labels", [True, False])
def test_excluded_rows_are_there_and_can_come_back(project: Project, file: Path, labels: bool) -> None:
    report = import_file(project, request(file, "exclude", labels=labels))
    assert (report.rows, report.excluded, report.skipped_boilerplate) == (7, 3, 0)
    assert report.labelled == (5 if labels else 0)
    assert rows_of(project, CommentFilter(excluded=True)) == [2, 4, 5]
    assert project.comments.counts().excluded == 3
    trained = [project.comments.get(one.id).row for one in project.comments.labelled()]
    assert trained == ([1, 3, 7] if labels else [])
    ids = [each for chunk in project.comments.ids(CommentFilter(excluded=True)) for each in chunk]
    project.annotations.exclude(ids[:1], False, annotator="我").result()
    assert rows_of(project, CommentFilter(excluded=True)) == [4, 5]

    project.sources.remove(report.source_id).result()
    assert project.comments.counts().excluded == 0
    project.sources.restore(report.source_id).result()
    assert rows_of(project, CommentFilter(excluded=True)) == [4, 5]


def test_left_out_rows_are_counted(project: Project, file: Path) -> None:
    report = import_file(project, request(file, "skip"))
    assert (report.rows, report.labelled, report.excluded, report.skipped_boilerplate) == (4, 3, 0, 3)
    assert rows_of(project) == [1, 3, 6, 7], "rows keep their numbers of the file"


def test_with_annotators_beside_the_labels(project: Project, file: Path) -> None:
    """The longer way through the import, which gathers the annotations of one comment."""
    wanted = replace(request(file, "exclude"), annotator_column=0, task_column=0)
    report = import_file(project, wanted)
    assert (report.rows, report.excluded, report.labelled) == (7, 3, 5)
    assert rows_of(project, CommentFilter(excluded=True)) == [2, 4, 5]


def test_the_list_of_the_project_counts(project: Project, file: Path) -> None:
    project.settings.set(SETTING, ["味道不错"]).result()
    checked = check_file(file, ReadOptions(), text_column=1, label_column=2, known=KnownTexts(project.folder))
    assert (checked.boilerplate, checked.boilerplate_labels) == (1, (("好评", 1),))
    assert import_file(project, request(file, "skip")).skipped_boilerplate == 1


def test_a_list_that_comes_along_becomes_that_of_the_project(project: Project, file: Path) -> None:
    texts = texts_of("\n 汤洒了一半，商家电话也不接 \n系统默认好评\n系统默认好评\n\n")
    assert texts == ("汤洒了一半，商家电话也不接", "系统默认好评")
    report = import_file(project, replace(request(file, "exclude"), boilerplate_texts=texts))
    assert report.excluded == 2
    assert project.settings.get(SETTING) == list(texts)


def test_the_check_and_the_import_agree_on_a_long_file(project: Project, tmp_path: Path) -> None:
    """More rows than are written at once; without labels, so that the shortest way is taken."""
    path = tmp_path / "很长.jsonl"
    texts = [
        ("Repost", "系统默认 好评", "第{}条，还可以")[number % 3].format(number) for number in range(9000)
    ]
    path.write_text("\n".join(json.dumps({"评论": text}) for text in texts), encoding="utf-8")
    options = sniff(path).options
    checked = check_file(path, options, text_column=0, known=KnownTexts(None))
    report = import_file(project, ImportRequest(str(path), 0, options, boilerplate="exclude"))
    assert checked.boilerplate == report.excluded == 6000
    assert project.comments.counts().excluded == 6000
    assert rows_of(project, CommentFilter(excluded=True))[:4] == [1, 2, 4, 5]


def test_an_unknown_choice_is_refused(project: Project, file: Path) -> None:
    with pytest.raises(UserError) as caught:
        import_file(project, request(file, "forget"))
    assert caught.value.code == "BAD_OPTIONS"
    assert project.sources.list() == []
