"""``labels``, ``project`` and ``index`` in a terminal."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from senti_studio.__main__ import main
from senti_studio.errors import UserError
from senti_studio.storage.project import Project

Say = Callable[..., dict[str, Any]]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder, file = tmp_path / "门店.senti", tmp_path / "评论.csv"
    rows = [f"味道不错，下次还来，第{n % 30}次了,{'好' if n % 2 else '差'}" for n in range(60)]
    file.write_text("评论,标签\n" + "\n".join(rows), encoding="utf-8")
    assert main(["new", str(folder)]) == 0
    words = ["--label-column", "标签", "--map", "好=正面,差=负面"]
    assert main(["import", str(folder), str(file), "--text-column", "评论", *words]) == 0
    return folder


@pytest.fixture
def say(capsys: pytest.CaptureFixture[str]) -> Say:
    def run(*words: object, status: int = 0) -> dict[str, Any]:
        capsys.readouterr()
        assert main([str(word) for word in words] + ["--json"]) == status
        values: dict[str, Any] = json.loads(capsys.readouterr().out)
        return values

    return run


def names(values: dict[str, Any]) -> list[str]:
    return [label["name"] for label in values["labels"]]


def test_labels_are_changed_and_changed_back(
    folder: Path, say: Say, capsys: pytest.CaptureFixture[str]
) -> None:
    assert names(say("labels", folder)) == ["正面", "中性", "负面"]
    added = say("labels", folder, "add", "无关")["labels"][-1]
    assert (added["key"], added["appearance"]) == ("4", "purple")
    assert names(say("labels", folder, "rename", "无关", "其他")) == ["正面", "中性", "负面", "其他"]
    assert names(say("labels", folder, "move", "3", "1")) == ["负面", "正面", "中性", "其他"]
    merged = say("labels", folder, "merge", "正面", "其他")
    assert merged["action"]["annotations"] == 30
    assert [label["comments"] for label in merged["labels"]] == [30, 0, 30]
    assert names(say("labels", folder, "undo")) == ["负面", "正面", "中性", "其他"]
    removed = say("labels", folder, "remove", "负面")
    assert removed["removed"] == [{**removed["removed"][0], "name": "负面", "annotations": 30}]
    assert say("labels", folder, "restore", "负面")["labels"][-1]["comments"] == 30
    assert main(["labels", str(folder), "remove", "没有"]) == 3
    assert main(["labels", str(folder), "merge", "正面"]) == 2
    capsys.readouterr()
    assert main(["labels", str(folder), "--language", "zh"]) == 0
    assert "▲ 正面" in capsys.readouterr().out


def test_a_project_is_looked_at_and_carried(folder: Path, say: Say, tmp_path: Path) -> None:
    assert say("index", folder)["comments"] == 60
    info = say("project", "info", folder)
    assert (info["comments"], info["labelled"]) == (60, 60)
    assert say("project", "check", folder)["problems"] == []
    made = say("project", "backup", folder, tmp_path / "备份.zip")
    assert Path(made["path"]).exists()
    assert (
        say("project", "backup", folder, tmp_path / "备份.zip", status=3)["error"]["code"] == "OUTPUT_EXISTS"
    )
    restored = say("project", "restore", tmp_path / "备份.zip", tmp_path / "新店")["folder"]
    with Project.open(Path(restored)) as project:
        assert project.comments.counts().labelled == 60
        project.sources.remove(1).result()
    compacted = say("project", "compact", restored, "--everything")
    assert compacted["sources"] == ["评论.csv"]
    assert say("project", "check", restored)["problems"] == []
    assert main(["project", "backup", str(folder)]) == 2
    for words in (["info"], ["check"], ["compact"]):
        assert main(["project", *words, str(folder), "--language", "zh"]) == 0


def test_a_damaged_project_ends_the_check_with_three(folder: Path, say: Say) -> None:
    import sqlite3

    with sqlite3.connect(folder / "project.db") as connection:
        connection.execute("DELETE FROM texts WHERE id = 3")
    connection.close()
    problems = say("project", "check", folder, status=3)["problems"]
    assert [problem["code"] for problem in problems] == ["CHECK_TEXTS_MISSING"]


def test_a_project_where_nothing_can_be_written_can_be_read(
    folder: Path, say: Say, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The user who runs the tests may be one whom no permission binds.
    real = os.access
    monkeypatch.setattr(os, "access", lambda path, mode: mode != os.W_OK and real(path, mode))
    (folder / "trash").rmdir()
    before = {entry.name: entry.stat().st_mtime_ns for entry in folder.iterdir()}
    assert say("project", "info", folder)["comments"] == 60
    assert say("project", "check", folder)["problems"] == []
    assert [source["labelled"] for source in say("sources", folder)["sources"]] == [60]
    assert names(say("labels", folder)) == ["正面", "中性", "负面"]
    for words in (["sources", folder, "--remove", "1"], ["labels", folder, "add", "无关"]):
        assert say(*words, status=3)["error"]["code"] == "PROJECT_READ_ONLY"
    with Project.open(folder, to_read=True) as project:
        project.data_version()
        assert [row.text for row in project.comments.rows([1])] == ["味道不错，下次还来，第0次了"]
        with pytest.raises(UserError, match="PROJECT_READ_ONLY"):
            project.annotations.label([1], 1, annotator="我").result()
    assert {entry.name: entry.stat().st_mtime_ns for entry in folder.iterdir()} == before
    (folder / "project.db-wal").write_bytes(b"")
    assert say("project", "info", folder, status=3)["error"]["code"] == "PROJECT_READ_ONLY"


def test_restoring_what_an_earlier_version_half_deleted_says_so(
    folder: Path, say: Say, capsys: pytest.CaptureFixture[str]
) -> None:
    import sqlite3

    assert main(["sources", str(folder), "--remove", "1"]) == 0
    with sqlite3.connect(folder / "project.db") as connection:
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("DELETE FROM comments WHERE id <= 20")
    connection.close()
    assert say("sources", folder)["removed"][0]["missing"] == 20
    capsys.readouterr()
    assert main(["sources", str(folder), "--restore", "1", "--language", "zh"]) == 0
    said = "".join(capsys.readouterr())
    assert "40 条评论" in said
    assert "20 条评论连同标签已经永久删除" in said
    assert main(["sources", str(folder), "--language", "zh"]) == 0
    assert "缺 20 条" in capsys.readouterr().out
    assert say("project", "info", folder)["labelled"] == 40


def test_comments_are_set_aside_and_taken_back(folder: Path, say: Say, tmp_path: Path) -> None:
    nothing = {"comments": 0, "labelled": 0, "later": 0, "at_once": 0, "proposed": 0}
    assert say("testset", folder) == nothing
    assert main(["testset", str(folder), "draw"]) == 3, "sixty comments are too few unless asked for"
    drawn = say("testset", folder, "draw", "--count", 12, "--seed", 1)
    assert 10 <= drawn["comments"] <= 14
    assert drawn["labelled"] == drawn["comments"]
    with Project.open(folder) as project:
        first = project.test_sets.visible()
        texts = {project.comments.get(each).text for each in first}
        copies = [each for part in project.comments.ids() for each in part]
        assert {each for each in copies if project.comments.get(each).text in texts} == first
    later = tmp_path / "八月.csv"
    later.write_text("评论\n" + "\n".join(f"新的一条 {n}" for n in range(40)), encoding="utf-8")
    assert main(["import", str(folder), str(later), "--text-column", "评论"]) == 0
    assert say("testset", folder)["later"] == 40
    assert say("testset", folder, "extend", "--seed", 1)["comments"] > len(first)
    assert say("testset", folder, "remove")["comments"] == 0
