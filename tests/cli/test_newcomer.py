"""What tripped up somebody who used the commands for the first time."""

from __future__ import annotations

import csv
import os
import shlex
import sys
from pathlib import Path

import pytest

from senti_studio.cli.help_pages import cells, folded
from senti_studio.cli.options import quoted
from senti_studio.storage.project import Project


@pytest.fixture
def stars(tmp_path: Path) -> Path:
    path = tmp_path / "外卖 星级.tsv"
    rows = [["label", "评论"], *[[str(n % 2), f"第{n}次点这家的外卖了，味道还可以吧"] for n in range(12)]]
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, delimiter="\t").writerows(rows)
    return path


def _counts(folder: Path) -> tuple[int, int]:
    project = Project.open(folder)
    try:
        counts = project.comments.counts()
        return counts.total, counts.labelled
    finally:
        project.close()


def test_the_ending_of_a_project_may_be_left_out_everywhere(program, tmp_path, stars) -> None:  # type: ignore[no-untyped-def]
    short = tmp_path / "外卖"
    assert program("new", short).values["project"] == str(tmp_path / "外卖.senti")
    assert program("import", short, stars).status == 0
    short.mkdir()
    for words in (("runs", short), ("sources", short), ("export", short, "-o", tmp_path / "出.csv")):
        assert program(*words).status == 0


def test_a_project_that_is_not_there_is_named_as_it_was_typed(program, tmp_path, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.chdir(tmp_path)
    answer = program("runs", "没有这个")
    assert answer.values["error"] == answer.values["error"] | {"code": "PROJECT_NOT_FOUND"}
    assert answer.values["error"]["params"]["path"] == "没有这个"
    assert "project.db" not in answer.said
    (tmp_path / "文件夹").mkdir()
    assert program("runs", "文件夹").values["error"]["code"] == "NOT_A_PROJECT"


def test_a_project_never_lands_in_a_folder_that_nobody_made(program, tmp_path) -> None:  # type: ignore[no-untyped-def]
    answer = program("new", tmp_path / "打错了" / "门店")
    assert answer.values["error"]["code"] == "FILE_NOT_FOUND"
    assert answer.values["error"]["params"]["path"] == str(tmp_path / "打错了")
    assert not (tmp_path / "打错了").exists()


@pytest.mark.skipif(sys.platform != "linux", reason="/proc is Linux")
def test_a_place_where_nothing_can_be_made(program) -> None:  # type: ignore[no-untyped-def]
    assert program("new", "/proc/门店").values["error"]["code"] == "NO_PERMISSION"


def test_a_column_of_labels_is_not_overlooked_in_silence(program, tmp_path, stars) -> None:  # type: ignore[no-untyped-def]
    folder = tmp_path / "外 卖.senti"
    program("new", folder)
    told = program("import", folder, stars, as_json=False)
    assert "列“label”看起来是标签（0、1）" in told.out
    line = next(line for line in told.out.splitlines() if "--label-column" in line)
    words = shlex.split(line)[1:]
    assert words[-5:] == ["--label-column", "label", "--map", "0=负面,1=正面", "--replace"]
    assert _counts(folder) == (12, 0)

    assert program(*words).status == 0, "the proposed command does what it says"
    assert _counts(folder) == (12, 12)
    assert "--label-column" not in program("import", folder, *words[2:3], *words[3:], as_json=False).out


def test_all_values_of_a_sorted_file_are_proposed(program, tmp_path) -> None:  # type: ignore[no-untyped-def]
    folder, file = tmp_path / "外卖.senti", tmp_path / "按标签排序.csv"
    rows = [f"{int(n < 300)},第 {n} 条评论，味道{'好' if n < 300 else '差'}" for n in range(600)]
    file.write_text("label,review\n" + "\n".join(rows) + "\n", "utf-8")
    program("new", folder)
    told = program("import", folder, file, as_json=False)
    line = next(line for line in told.out.splitlines() if "--label-column" in line)
    assert program(*shlex.split(line)[1:]).status == 0
    assert _counts(folder) == (600, 600)
    asked = program(
        "import", folder, file, "--again", "--label-column", "label", "--map", "1=正面", as_json=False
    )
    assert "--map '1=正面' --map '0=" in asked.said, "what was given already stays in the proposal"


def test_the_same_file_twice_only_when_asked_for(program, tmp_path, stars) -> None:  # type: ignore[no-untyped-def]
    folder = tmp_path / "外卖.senti"
    program("new", folder)
    program("import", folder, stars)
    copy = tmp_path / "换了名字.tsv"
    copy.write_bytes(stars.read_bytes())
    refused = program("import", folder, copy)
    assert refused.status == 3
    assert refused.values["error"]["code"] == "SOURCE_ALREADY_THERE"
    assert "--again" in refused.said
    assert "--replace" in refused.said
    assert _counts(folder) == (12, 0)
    assert program("import", folder, copy, "--again").status == 0
    assert _counts(folder) == (24, 0)
    assert program("import", folder, copy, "--replace").values["files"][0]["replaced"] == [1, 2]
    assert _counts(folder) == (12, 0)


def test_a_failed_replacement_keeps_what_was_there(program, tmp_path, stars) -> None:  # type: ignore[no-untyped-def]
    folder = tmp_path / "外卖.senti"
    program("new", folder)
    program("import", folder, stars)
    refused = program("import", folder, stars, "--label-column", "label", "--replace")
    assert refused.values["error"]["code"] == "UNMAPPED_LABELS"
    assert "--map" in refused.said
    assert "0=负面" in refused.said
    assert "--ignore-unmapped" in refused.said
    assert _counts(folder) == (12, 0)


def test_sources_are_listed_taken_out_and_brought_back(program, tmp_path, stars) -> None:  # type: ignore[no-untyped-def]
    folder = tmp_path / "外卖.senti"
    program("new", folder)
    mapped = ("--label-column", "label", "--map", "0=负面,1=正面")
    program("import", folder, stars, *mapped)
    (one,) = program("sources", folder).values["sources"]
    assert (one["name"], one["comments"], one["labelled"]) == (stars.name, 12, 12)
    assert stars.name in program("sources", folder, as_json=False).out
    removed = program("sources", folder, "--remove", stars.name)
    assert (removed.values["sources"], len(removed.values["removed"])) == ([], 1)
    assert _counts(folder) == (0, 0)
    assert program("sources", folder, "--restore", "1").status == 0
    assert _counts(folder) == (12, 12)
    program("import", folder, stars, "--again")
    assert program("sources", folder, "--remove", stars.name).values["error"]["code"] == "SOURCE_AMBIGUOUS"
    assert program("sources", folder, "--remove", "9").values["error"]["code"] == "SOURCE_NOT_FOUND"


def test_results_are_kept_by_a_redirection(program, tmp_path, stars) -> None:  # type: ignore[no-untyped-def]
    folder = tmp_path / "外卖.senti"
    assert str(folder) in program("new", folder, as_json=False).out
    assert "12 条评论" in program("import", folder, stars, as_json=False).out
    assert str(tmp_path / "出.csv") in program("export", folder, "-o", tmp_path / "出.csv", as_json=False).out
    strict = program("import", folder, stars, "--again")
    assert len(strict.out.splitlines()) == 1, "with --json nothing else is on stdout"


def test_a_dry_run_says_how_much_there_is(program, tmp_path, stars) -> None:  # type: ignore[no-untyped-def]
    folder = tmp_path / "外卖.senti"
    program("new", folder)
    told = program("import", folder, stars, "--dry-run", "--language", "en", as_json=False)
    assert "12 rows; 0 malformed" in told.out
    assert "damaged" in told.out
    assert "looks like labels (0, 1)" in told.out
    assert "--replace" not in told.out, "it has not been read in yet"
    plain = tmp_path / "没有列名.csv"
    plain.write_text("很好吃的一家店，下次还来,1\n太难吃了不会再来了,0\n", "utf-8")
    told = program("import", folder, plain, "--no-header", "--dry-run", "--language", "en", as_json=False)
    assert "column 1" in told.out
    assert "列 1" not in told.out
    assert program("sources", folder).values["sources"] == []


def test_comments_of_one_character_are_doubted(program, tmp_path, stars) -> None:  # type: ignore[no-untyped-def]
    folder = tmp_path / "外卖.senti"
    program("new", folder)
    assert "--text-column" in program("import", folder, stars, "--text-column", "label", as_json=False).said


def test_an_unused_label_is_named_before_training(program, tmp_path, comments) -> None:  # type: ignore[no-untyped-def]
    folder = tmp_path / "四类.senti"
    program("new", folder, "--labels", "1=正面,2=中性,3=负面,4=广告")
    program("import", folder, comments, "--label-column", "情感")
    small = ("--epochs", "1", "--embedding-size", "8", "--hidden-size", "8")
    answer = program("train", folder, *small, as_json=False)
    assert "没有评论标为 广告" in answer.said
    file = tmp_path / "七月.csv"
    file.write_text("评论,编号\n很好吃的一家店，下次还来,1\n,2\n太难吃了不会再来了,3\n", "utf-8")
    classified = program("classify", folder, file, "--text-column", "评论", as_json=False)
    assert classified.status == 0, classified.said
    assert "1 行没有文本" in classified.out
    again = program("classify", folder, file, "-o", tmp_path / "七月_已分类.csv", as_json=False)
    assert "--overwrite" in again.said


def test_no_text_under_the_name_of_a_workbook(program, tmp_path, stars) -> None:  # type: ignore[no-untyped-def]
    folder = tmp_path / "外卖.senti"
    program("new", folder)
    program("import", folder, stars)
    refused = program("export", folder, "-o", tmp_path / "标注.XLSX", "--format", "csv")
    assert refused.values["error"]["code"] == "OUTPUT_IS_WORKBOOK"
    assert "标注.csv" in refused.said
    refused = program("export", folder, "-o", tmp_path / "没有这里" / "标注.csv")
    assert refused.values["error"]["code"] == "OUTPUT_FOLDER_MISSING"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["外卖 星级.tsv", "外卖.senti"]


def test_language_and_help(program, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    for words in (("--help",), ("import", "--help"), ("train", "--help", "--language", "zh")):
        out = program(*words, as_json=False).out
        assert "用法：" in out
        assert "选项：" in out
        assert "Show this" not in out
        for line in out.splitlines():
            if "senti-studio" not in line:
                assert cells(line) <= 100
    monkeypatch.setenv("SENTI_STUDIO_LANGUAGE", "en")
    assert "Usage:" in program("import", "--help", as_json=False).out
    assert "Read comment FILEs" in program("import", "--help", as_json=False).out
    assert "用法：" in program("import", "--help", "--language=zh", as_json=False).out
    assert "缺少 PROJECT" in program("train", "--language", "zh", as_json=False).said


def test_every_option_has_a_chinese_sentence(program) -> None:  # type: ignore[no-untyped-def]
    from senti_studio.cli.main import COMMANDS

    for name in COMMANDS:
        out = program(name, "--help", as_json=False).out
        start = out.index("选项：")
        text = out[start:]
        for word in ("Default:", "Default ", " the ", "default"):
            assert word not in text, (name, word)


def test_chinese_lines_are_folded_by_their_width() -> None:
    lines = folded("评论所在的列（列名，或从 1 数起的序号）。默认：自动判断 --text-column。", 20)
    assert all(cells(line) <= 22 for line in lines)
    assert (
        "".join(lines).replace(" ", "")
        == "评论所在的列（列名，或从1数起的序号）。默认：自动判断--text-column。"
    )
    assert not any(line[0] in "，。：）" for line in lines)


@pytest.mark.skipif(os.name == "nt", reason="POSIX shells")
def test_paths_in_proposed_commands_can_be_pasted() -> None:
    assert shlex.split(quoted("/tmp/我的 项目/书评's.senti")) == ["/tmp/我的 项目/书评's.senti"]
    assert quoted("/tmp/书评.senti") in ("/tmp/书评.senti", "'/tmp/书评.senti'")
