"""Files that commands write beside their work: never over an input, never over anything unasked."""

from __future__ import annotations

import json
import resource
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

Program = Callable[..., Any]


@pytest.fixture
def precious(tmp_path: Path) -> Path:
    file = tmp_path / "珍贵.csv"
    file.write_text("编号,评论,情感\n0001,很好吃,正面\n0002,太慢了,负面\n", "utf-8")
    return file


@pytest.fixture
def folder(program: Program, tmp_path: Path) -> Path:
    made = tmp_path / "门店.senti"
    assert program("new", made).status == 0
    return made


@pytest.mark.parametrize("words", [(), ("--dry-run",), ("--overwrite",), ("--dry-run", "--overwrite")])
@pytest.mark.parametrize("kind", ["itself", "link", "second name"])
def test_a_report_never_replaces_what_is_imported(
    program: Program, folder: Path, precious: Path, tmp_path: Path, words: tuple[str, ...], kind: str
) -> None:
    before = precious.read_bytes()
    report = precious if kind == "itself" else tmp_path / "另一个名字.csv"
    if kind == "link":
        report.symlink_to(precious)
    elif kind == "second name":
        report.hardlink_to(precious)
    answer = program("import", folder, precious, "--text-column", "评论", "--report", report, *words)
    assert answer.status == 3
    assert answer.values["error"]["code"] == "OUTPUT_IS_SOURCE"
    assert precious.read_bytes() == before
    assert program("sources", folder).values["sources"] == []


def test_a_report_replaces_nothing_unless_told(
    program: Program, folder: Path, precious: Path, tmp_path: Path
) -> None:
    report = tmp_path / "报告.json"
    report.write_text("别的内容", "utf-8")
    answer = program("import", folder, precious, "--text-column", "评论", "--report", report)
    assert (answer.status, answer.values["error"]["code"]) == (3, "OUTPUT_EXISTS")
    assert "--overwrite" in answer.said
    assert report.read_text("utf-8") == "别的内容"
    answer = program("import", folder, precious, "--text-column", "评论", "--report", report, "--overwrite")
    assert answer.status == 0, answer.said
    assert json.loads(report.read_text("utf-8"))["files"][0]["rows"] == 2


def test_a_table_of_errors_replaces_nothing_unless_told(
    program: Program, folder: Path, tmp_path: Path
) -> None:
    table = tmp_path / "错误.csv"
    table.write_text("别的内容", "utf-8")
    answer = program("evaluate", folder, "--errors", table)
    assert (answer.status, answer.values["error"]["code"]) == (3, "OUTPUT_EXISTS")
    assert table.read_text("utf-8") == "别的内容"


def test_a_report_that_cannot_be_written_does_not_undo_the_import(
    program: Program, folder: Path, tmp_path: Path
) -> None:
    """As on a full disk: the report is larger than any file may become, the project is not."""
    file = tmp_path / "很多坏行.csv"
    file.write_bytes("评论,备注\n".encode() + "味道好*,甲\n".encode().replace(b"*", b"\xff") * 1000)
    words = ("import", folder, *[file] * 6, "--again", "--encoding", "utf-8", "--text-column", "评论")
    words = (*words, "--delimiter", "comma", "--report", tmp_path / "报告.json")
    with no_file_beyond(800_000):
        answer = program(*words)
    assert answer.status == 4, answer.said
    assert answer.values["report_error"]["code"] == "DISK_FULL"
    assert "已经导入" in answer.said
    assert len(answer.values["files"]) == len(program("sources", folder).values["sources"]) == 6
    assert not (tmp_path / "报告.json").exists()
    assert [each.name for each in tmp_path.iterdir() if each.name.startswith(".")] == []


@contextmanager
def no_file_beyond(size: int) -> Iterator[None]:
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_what_cannot_be_exported_is_told_by_its_name(
    program: Program, folder: Path, precious: Path, tmp_path: Path
) -> None:
    answer = program("import", folder, precious, "--text-column", "评论", "--label-column", "情感")
    assert answer.status == 0
    answer = program("export", folder, "-o", tmp_path / "出.csv", "--label", "没有这个")
    assert answer.values["error"]["code"] == "NO_SUCH_LABEL"
    assert "没有这个" in answer.said
    assert "--map" not in answer.said
    answer = program("export", folder, "-o", tmp_path / "出.foo")
    assert answer.values["error"]["code"] == "OUTPUT_ENDING_UNKNOWN"
    assert not (tmp_path / "出.foo").exists()
    assert program("export", folder, "-o", tmp_path / "出.foo", "--format", "csv").status == 0


def test_a_backup_does_not_go_where_the_project_keeps_its_own(
    program: Program, folder: Path, tmp_path: Path
) -> None:
    answer = program("project", "backup", folder, folder / "backups" / "我的.zip")
    assert answer.values["error"]["code"] == "OUTPUT_IN_PROJECT"
    assert program("project", "backup", folder, tmp_path / "我的.zip").status == 0


def test_nobody_is_listed_among_the_annotators(
    program: Program, folder: Path, precious: Path, tmp_path: Path
) -> None:
    words = ("--text-column", "评论", "--label-column", "情感")
    assert program("import", folder, precious, *words).status == 0
    assert program("export", folder, "-o", tmp_path / "出.csv").status == 0
    again = tmp_path / "再来.senti"
    program("new", again)
    answer = program("import", again, tmp_path / "出.csv", as_json=False)
    assert answer.status == 0
    assert "标注者" not in answer.said
