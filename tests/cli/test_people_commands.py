"""Several people in a terminal: agreement, shares, merging."""

from __future__ import annotations

import io
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from senti_studio.storage.project import Project

ZHANG, LI = "张三", "李四"


@pytest.fixture
def folder(tmp_path: Path, program: Callable[..., Any]) -> Path:
    """40 comments without labels."""
    folder, file = tmp_path / "门店 评论.senti", tmp_path / "评论.csv"
    file.write_text("评论\n" + "\n".join(f"第{n}次来，味道如何" for n in range(40)), encoding="utf-8")
    assert program("new", folder).status == 0
    assert program("import", folder, file, "--text-column", "评论").status == 0
    return folder


def label(folder: Path, annotator: str, given: dict[int, int]) -> None:
    with Project.open(folder) as project:
        for comment_id, label_id in given.items():
            project.annotations.label([comment_id], label_id, annotator=annotator).result(10)


def test_agreement_as_figures_and_as_tables(folder: Path, program: Callable[..., Any]) -> None:
    assert "还没有两个人" in program("agreement", folder, as_json=False).out
    label(folder, ZHANG, {1: 1, 2: 1, 3: 2, 4: 3})
    label(folder, LI, {1: 1, 2: 3, 3: 2, 4: 3, 5: 1})
    values = program("agreement", folder).values
    assert (values["comments"], values["share"], values["disputed"]) == (4, 0.75, 1)
    (pair,) = values["pairs"]
    assert (pair["comments"], pair["same"]) == (4, 3)
    assert pair["kappa"] == pytest.approx(7 / 11)
    shown = program("agreement", folder, as_json=False).out
    assert "75.0%" in shown
    assert "张三 ↓  李四 →" in shown
    answer = program("agreement", folder, "--person", "王五")
    assert (answer.status, answer.values["error"]["code"]) == (3, "NO_SUCH_PERSON")


def test_another_copy_is_looked_at_merged_and_taken_back(
    folder: Path, tmp_path: Path, program: Callable[..., Any]
) -> None:
    there = tmp_path / "门店 李四.senti"
    shutil.copytree(folder, there)
    label(there, LI, {1: 1, 2: 2})
    label(folder, LI, {2: 3})
    label(folder, ZHANG, {1: 1})
    seen = program("merge", folder, there, "--dry-run").values
    assert seen["action"] is None
    assert seen["report"]["people"] == [{"name": LI, "new": 1}]
    (conflict,) = seen["report"]["conflicts"]
    assert (conflict["mine"], conflict["theirs"], conflict["annotator"]) == ("负面", "中性", LI)
    shown = program("merge", folder, there, "--dry-run", as_json=False).out
    assert "1 处冲突" in shown
    done = program("merge", folder, there, "--conflicts", "theirs", "--annotator", ZHANG).values
    assert done["action"] == {"comments": 2, "brought": 0, "stopped": False}
    with Project.open(folder) as project:
        assert project.comments.get(2).label_id == 2
    undone = program("labels", folder, "undo", "--annotator", ZHANG).values
    assert undone["action"]["annotations"] == 2
    with Project.open(folder) as project:
        assert project.comments.get(2).label_id == 3
        assert {each.name for each in project.people.names()} == {ZHANG, LI}
    assert program("merge", folder, folder).values["error"]["code"] == "MERGE_ITSELF"


def test_conflicts_are_asked_one_by_one(
    folder: Path, tmp_path: Path, program: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    there = tmp_path / "门店 李四.senti"
    shutil.copytree(folder, there)
    label(there, LI, {1: 1, 2: 2})
    label(folder, LI, {1: 3, 2: 3})
    monkeypatch.setattr("sys.stdin", io.StringIO("2\n1\n"))
    answer = program("merge", folder, there, "--conflicts", "ask", as_json=False)
    assert answer.status == 0
    assert "第0次来" in answer.said
    with Project.open(folder) as project:
        assert [project.comments.get(n).label_id for n in (1, 2)] == [1, 3]


def test_what_comes_in_from_an_unrelated_project_is_said(
    folder: Path, tmp_path: Path, program: Callable[..., Any]
) -> None:
    other, file = tmp_path / "酒店.senti", tmp_path / "酒店.csv"
    file.write_text("评论\n房间很干净，下次还来\n隔音太差，一夜没睡\n", "utf-8")
    program("new", other)
    program("import", other, file, "--text-column", "评论")
    shown = program("merge", folder, other, "--dry-run", as_json=False).out
    assert "2 条评论会连同标签作为新文件带进来；不要它们：--without-new-comments" in shown
    shown = program("merge", folder, other, "--dry-run", "--without-new-comments", as_json=False).out
    assert "2 条评论不带进来" in shown


def test_comments_are_handed_out_from_a_terminal(folder: Path, program: Callable[..., Any]) -> None:
    assert "还没有分发" in program("share", folder, as_json=False).out
    planned = program("share", folder, "--people", "3", "--overlap", "10%", "--dry-run").values
    assert [each["person"] for each in planned["shares"]] == ["标注者1", "标注者2", "标注者3"]
    assert (planned["common"], planned["left"]) == (4, 0)
    assert program("share", folder).values == {"shares": []}
    made = program("share", folder, "--people", "张三，李四", "--each", "12", "--overlap", "50%").values
    again = program("share", folder, "--people", "张三", "--again").values
    assert again["error"]["code"] == "SHARE_COPY_EXISTS"
    assert program("share", folder, "--people", "0").values["error"]["code"] == "SHARE_NO_PEOPLE"
    copies = [Path(each["folder"]) for each in made["shares"]]
    assert [copy.name for copy in copies] == ["门店 评论-张三.senti", "门店 评论-李四.senti"]
    with Project.open(copies[0]) as copy:
        copy.annotations.label([1, 2, 3], 1, annotator=ZHANG).result(10)
    assert program("merge", folder, copies[0]).values["action"]["comments"] == 3
    listed = program("share", folder).values["shares"]
    assert [(each["person"], each["comments"], each["labelled"]) for each in listed] == [
        (ZHANG, 12, 3),
        (LI, 12, 0),
    ]
    left = program("share", folder, "--take-back", listed[0]["id"]).values["shares"]
    assert [each["person"] for each in left] == [LI]
    assert program("share", folder, "--people", "2", "--overlap", "140%").status == 2
