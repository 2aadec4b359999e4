"""Each thing a user can get wrong: one sentence with a next step, an exit status, nothing half-written."""

from __future__ import annotations

import csv
import hashlib
import itertools
import os
import re
import zipfile
from pathlib import Path

import click
import pytest

from senti_studio.cli.hints import HINTS
from senti_studio.cli.main import cli as root
from senti_studio.cli.options import quoted
from senti_studio.messages import message


def _write(path: Path, rows: list[list[str]], encoding: str = "utf-8") -> Path:
    with path.open("w", encoding=encoding, newline="") as file:
        csv.writer(file).writerows(rows)
    return path


def _digest(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.fixture
def project(program, tmp_path: Path) -> Path:  # type: ignore[no-untyped-def]
    folder = tmp_path / "坏 输入.senti"
    assert program("new", folder).status == 0
    return folder


def _refused(answer, code: str) -> None:  # type: ignore[no-untyped-def]
    assert answer.status == 3, answer.said
    assert answer.values["error"]["code"] == code
    expected = message(code, answer.values["error"]["params"], "zh")
    assert expected.what in answer.said
    assert expected.next_step in answer.said
    assert "Traceback" not in answer.said


def test_a_file_without_a_text_column_names_what_there_is_to_type(
    program, project: Path, tmp_path: Path
) -> None:  # type: ignore[no-untyped-def]
    file = _write(tmp_path / "无 文本.csv", [["a", "b"], *[[str(n), str(n * 7)] for n in range(30)]])
    answer = program("import", project, file)
    _refused(answer, "NO_TEXT_COLUMN")
    assert f"senti-studio inspect {quoted(file)}" in answer.said
    assert "--dry-run" not in answer.said, "classify, which says the same, has no such option"


def test_hints_name_commands_and_options_that_there_are() -> None:
    found = 0
    for words in itertools.chain.from_iterable(HINTS.values()):
        for name, rest in re.findall(r"senti-studio (\w+)([^：；;:]*)", words):
            command = root.get_command(click.Context(root), name)
            assert command is not None, words
            options = {each for one in command.params for each in (*one.opts, *one.secondary_opts)}
            assert set(re.findall(r"--[a-z-]+", rest)) <= options, words
            found += 1
    assert found > 20


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("空.csv", b"", "FILE_EMPTY"),
        ("只有表头.csv", "编号,评论\n".encode(), "NO_ROWS"),
        ("假的.csv", b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 8, "FILE_IS_BINARY"),
    ],
)
def test_files_that_hold_no_comments(
    program, project: Path, tmp_path: Path, name: str, content: bytes, code: str
) -> None:  # type: ignore[no-untyped-def]
    file = tmp_path / name
    file.write_bytes(content)
    before = _digest(project)
    _refused(program("import", project, file), code)
    assert _digest(project) == before


def test_a_workbook_in_disguise(program, project: Path, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    file = tmp_path / "其实是 Excel.csv"
    with zipfile.ZipFile(file, "w") as book:
        book.writestr("[Content_Types].xml", "<Types/>")
        book.writestr("xl/workbook.xml", "<workbook/>")
    _refused(program("import", project, file), "FILE_DAMAGED")
    _refused(program("import", project, file, "--format", "csv"), "FILE_IS_WORKBOOK")


def test_a_file_that_is_not_there_and_a_folder(program, project: Path, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    _refused(program("import", project, tmp_path / "没有.csv"), "FILE_NOT_FOUND")
    answer = program("import", project, tmp_path)
    assert answer.status == 3
    assert answer.values["error"]["code"] in ("CANNOT_READ", "NO_PERMISSION")


def test_a_column_that_is_not_there(program, project: Path, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    file = _write(tmp_path / "评论.csv", [["编号", "评论"], ["001", "很好"]])
    _refused(program("import", project, file, "--text-column", "内容"), "NO_SUCH_COLUMN")


def test_labels_without_a_mapping_are_named_all_at_once(program, project: Path, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    rows = [
        ["评论", "星级"],
        ["很好吃的一家店", "五星"],
        ["太难吃了不会再来", "一星"],
        ["还可以吧没有感觉", "三星"],
    ]
    file = _write(tmp_path / "星级.csv", rows)
    answer = program("import", project, file, "--label-column", "星级")
    _refused(answer, "UNMAPPED_LABELS")
    for value in ("五星", "一星", "三星"):
        assert value in answer.said
    mapped = program(
        "import", project, file, "--label-column", "星级", "--map", "五星=正面,三星=中性,一星=负面"
    )
    assert mapped.values["files"][0]["labelled"] == 3
    _refused(
        program("import", project, file, "--label-column", "星级", "--map", "五星=很棒"), "NO_SUCH_LABEL"
    )


def test_too_little_to_train(program, project: Path, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    assert program("train", project).values["error"]["code"] == "NO_LABELLED_COMMENTS"
    one_class = [["评论", "情感"], *[[f"味道不错下次再来{number}号", "正面"] for number in range(40)]]
    program("import", project, _write(tmp_path / "一类.csv", one_class), "--label-column", "情感")
    _refused(program("train", project), "ONE_LABEL_ONLY")
    assert not list((project / "runs").glob("*"))


def test_a_class_of_three_comments_is_a_warning(program, project: Path, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    rows = [[f"味道不错下次再来{number}号", "正面"] for number in range(30)]
    rows += [[f"送餐太慢汤都洒了{number}回", "负面"] for number in range(30)]
    rows += [[f"一般般没有感觉{number}次", "中性"] for number in range(3)]
    program(
        "import", project, _write(tmp_path / "少.csv", [["评论", "情感"], *rows]), "--label-column", "情感"
    )
    small = ("--epochs", "1", "--embedding-size", "8", "--hidden-size", "8")
    refused = program("train", project, *small)
    _refused(refused, "CLASS_TOO_SMALL")
    assert "中性 3" in refused.said
    assert not list((project / "runs").glob("*"))
    answer = program("train", project, *small, "--allow-few", as_json=False)
    assert answer.status == 0, answer.said
    assert "中性" in answer.said
    assert (
        message("TOO_FEW_COMMENTS", {"label": "中性", "count": 0, "least": 5}, "zh").next_step in answer.said
    )


def test_classify_before_training_and_with_a_broken_model(program, project: Path, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    file = _write(tmp_path / "七月.csv", [["评论"], ["很好吃的一家店"]])
    _refused(program("classify", project, file), "NO_MODEL_YET")
    empty = tmp_path / "不是模型"
    empty.mkdir()
    _refused(program("classify", project, file, "--model", empty), "MODEL_FILES_MISSING")
    assert not list(tmp_path.glob("*已分类*"))


def test_bad_options_are_listed_all_at_once(program, project: Path) -> None:  # type: ignore[no-untyped-def]
    answer = program("train", project, "--epochs", "0", "--dropout", "2")
    _refused(answer, "BAD_SPEC")
    assert "epochs=0" in answer.said
    assert "dropout=2" in answer.said


def test_existing_projects_and_files_are_never_overwritten(program, project: Path, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    before = _digest(project)
    _refused(program("new", project), "PROJECT_EXISTS")
    assert _digest(project) == before
    kept = tmp_path / "重要.csv"
    kept.write_text("不要动", "utf-8")
    _refused(program("export", project, "-o", kept), "OUTPUT_EXISTS")
    assert kept.read_text("utf-8") == "不要动"


def test_damaged_and_newer_projects_are_left_alone(program, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    for name, content in (
        ("坏.senti", b"SQLite format 3\0" + b"x" * 5000),
        ("文.senti", "不是数据库".encode()),
    ):
        folder = tmp_path / name
        folder.mkdir()
        (folder / "project.db").write_bytes(content)
        before = _digest(folder)
        answer = program("runs", folder)
        assert answer.status == 3
        assert answer.values["error"]["code"] in ("PROJECT_DAMAGED", "NOT_A_PROJECT")
        assert _digest(folder) == before


def test_wrong_usage_has_its_own_status(program) -> None:  # type: ignore[no-untyped-def]
    assert program("train", as_json=False).status == 2
    assert program("nonsense", as_json=False).status == 2
    assert program("--help", as_json=False).status == 0


@pytest.mark.parametrize(
    "name", ["new", "import", "sources", "train", "runs", "evaluate", "classify", "export", "demo"]
)
def test_every_command_explains_itself(program, name: str) -> None:  # type: ignore[no-untyped-def]
    answer = program(name, "--help", as_json=False)
    assert answer.status == 0
    assert len(answer.out.splitlines()) > 8
    assert "--json" in answer.out


def test_row_by_row_results_overwrite_nothing(program, project: Path, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    precious = tmp_path / "重要.csv"
    precious.write_text("重要", "utf-8")
    _refused(program("evaluate", project, "--errors", precious), "OUTPUT_EXISTS")
    assert precious.read_text("utf-8") == "重要"


def test_the_project_itself_is_not_overwritten(program, project: Path, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    before = (project / "project.db").read_bytes()
    _refused(program("export", project, "-o", project / "project.db", "--overwrite"), "OUTPUT_IN_PROJECT")
    assert (project / "project.db").read_bytes() == before


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_a_pipe_is_refused_at_once(program, project: Path, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    pipe = tmp_path / "管道.csv"
    os.mkfifo(pipe)
    _refused(program("import", project, pipe), "CANNOT_READ")
