"""``-o -``: the file itself on the standard output, or a sentence where that cannot be."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture
def folder(program: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project of two comments; the present folder is an empty one."""
    file = tmp_path / "门店.csv"
    file.write_text("编号,评论,情感\n0001,很好吃,正面\n0002,太慢了,负面\n", "utf-8")
    made = tmp_path / "门店.senti"
    program("new", made)
    assert program("import", made, file, "--label-column", "情感", "--text-column", "评论").status == 0
    here = tmp_path / "此处"
    here.mkdir()
    monkeypatch.chdir(here)
    return made


def test_the_file_and_nothing_else_goes_to_the_standard_output(
    program: Callable[..., Any], folder: Path
) -> None:
    answer = program(
        "export", folder, "-o", "-", "--encoding", "utf-8", "--columns", "编号,senti_label", as_json=False
    )
    assert answer.status == 0
    assert answer.out.splitlines() == ["编号,senti_label", "0001,正面", "0002,负面"]
    assert "已写出 2 行：标准输出" in answer.said
    assert list(Path.cwd().iterdir()) == []
    lines = program("export", folder, "-o", "-", "--format", "jsonl", as_json=False).out.splitlines()
    assert [line[0] + line[-1] for line in lines] == ["{}", "{}"]


@pytest.mark.parametrize("words", [("--json",), ("--format", "label-studio")])
def test_what_is_not_one_file_is_refused(
    program: Callable[..., Any], folder: Path, words: tuple[str, ...]
) -> None:
    answer = program("export", folder, "-o", "-", *words, as_json=False)
    assert (answer.status, answer.out) == (2, "")
    assert "-o" in answer.said


def test_other_commands_write_no_file_of_that_name(program: Callable[..., Any], folder: Path) -> None:
    """Through `require_place_for_text`, before anything else is done."""
    answer = program("evaluate", folder, "--errors", "-")
    assert answer.values["error"]["code"] == "OUTPUT_IS_DASH"
    answer = program("import", folder, folder.with_name("门店.csv"), "--again", "--report", "-")
    assert answer.values["error"]["code"] == "OUTPUT_IS_DASH"
    assert list(Path.cwd().iterdir()) == []


def test_a_classified_file_that_is_not_there_is_told_with_what_there_is(
    program: Callable[..., Any], folder: Path
) -> None:
    answer = program("export", folder, "-o", "出.csv", "--batch", "last")
    assert answer.values["error"]["code"] == "NO_BATCH_YET"
    assert "senti-studio classify" in answer.said
    assert "训练" not in answer.said
