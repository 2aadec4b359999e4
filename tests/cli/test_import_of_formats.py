"""``inspect`` and ``import`` with files of other formats, bad bytes, and a report on disk."""

from __future__ import annotations

import json
import shlex
from pathlib import Path

import pytest


@pytest.fixture
def dirty(tmp_path: Path) -> Path:
    path = tmp_path / "脏 数据.jsonl"
    lines = ['{"评论": "味道不错", "情感": "正面"}'.encode()] * 3
    lines += ['{"评论": "断'.encode(), '{"评论": "慢*了", "情感": "负面"}'.encode().replace(b"*", b"\xff")]
    path.write_bytes(b"\n".join(lines) + b"\n")
    return path


@pytest.fixture
def project(program, tmp_path: Path) -> Path:  # type: ignore[no-untyped-def]
    folder = tmp_path / "格式.senti"
    assert program("new", folder).status == 0
    return folder


def test_inspect_says_how_a_file_is_read(program, dirty: Path) -> None:  # type: ignore[no-untyped-def]
    answer = program("inspect", dirty)
    assert answer.status == 0, answer.said
    (found,) = answer.values["files"]
    assert (found["format"], found["rows"], found["bad_rows"]) == ("jsonl", 5, 1)
    assert found["columns"] == ["评论", "情感"]
    assert (found["text_column"], found["guessed_label_column"]) == (0, 1)
    assert [bad["line"] for bad in found["bad_row_list"]] == [4]
    assert 5 in [place["line"] for place in found["bad_byte_list"]]
    assert found["label_values"] == {"正面": 3, "负面": 1}
    assert found["encodings"][0]["encoding"] == "utf-8"


@pytest.mark.parametrize(
    ("on_bad", "rows", "text"), [("replace", 4, "慢\ufffd了"), ("remove", 4, "慢了"), ("skip-row", 3, "")]
)
def test_bad_bytes_as_told(  # type: ignore[no-untyped-def]
    program, project: Path, dirty: Path, tmp_path: Path, on_bad: str, rows: int, text: str
) -> None:
    report = tmp_path / "报告.json"
    answer = program("import", project, dirty, "--on-bad", on_bad, "--report", report)
    assert answer.status == 0, answer.said
    assert json.loads(report.read_text("utf-8")) == answer.values
    (found,) = answer.values["files"]
    assert (found["rows"], found["skipped_bad"]) == (rows, 5 - rows)
    assert found["bad_byte_count"] > 0
    out = tmp_path / "出.csv"
    assert program("export", project, "-o", out).status == 0
    assert text in out.read_text("utf-8-sig")
    assert ("慢" in out.read_text("utf-8-sig")) is (rows == 4)


def test_bad_bytes_may_stop_it(program, project: Path, dirty: Path) -> None:  # type: ignore[no-untyped-def]
    answer = program("import", project, dirty, "--on-bad", "stop")
    assert answer.status == 3
    assert answer.values["error"]["code"] == "FILE_HAS_BAD_ROWS"
    assert answer.values["error"]["params"]["lines"] == [4, 5]


@pytest.mark.parametrize(("choice", "rows", "excluded", "skipped"), [
    ("keep", 3, 0, 0), ("exclude", 3, 1, 0), ("skip", 2, 0, 1),
])  # fmt: skip
def test_boilerplate_as_told(  # type: ignore[no-untyped-def]
    program, project: Path, tmp_path: Path, choice: str, rows: int, excluded: int, skipped: int
) -> None:
    file = tmp_path / "平台 默认.csv"
    file.write_text("编号,评论\n1,味道不错，还会再来\n2,此用户没有填写评价\n3,太慢了，不想再点\n", "utf-8")
    tried = program("import", project, file, "--dry-run", "--boilerplate", choice)
    assert tried.values["files"][0]["boilerplate"] == 1
    answer = program("import", project, file, "--boilerplate", choice)
    assert answer.status == 0, answer.said
    (found,) = answer.values["files"]
    assert (found["rows"], found["excluded"], found["skipped_boilerplate"]) == (rows, excluded, skipped)


def test_a_list_of_boilerplate_from_a_file(program, project: Path, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    file, listed = tmp_path / "评论.csv", tmp_path / "清单.txt"
    file.write_text("编号,评论\n1,味道不错，还会再来\n2,此用户没有填写评价\n3,太慢了，不想再点\n", "utf-8")
    listed.write_bytes("太慢了，不想再点\n".encode("gb18030"))
    wanted = ("import", project, file, "--boilerplate", "skip", "--boilerplate-list", listed)
    assert program(*wanted).values["error"]["code"] == "FILE_NOT_TEXT"
    listed.write_text("太慢了，不想再点\n味道不错，还会再来\n", "utf-8-sig")
    answer = program(*wanted, as_json=False)
    assert answer.status == 0, answer.said
    assert "2 行是平台自动填写的，没有导入" in answer.said + answer.out


def test_two_encodings_that_are_equally_likely_are_told(program, project: Path, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    file = tmp_path / "疑.csv"
    file.write_bytes("name,comment\r\n1,单都场程单都场程 ok\r\n2,都单程场 fine\r\n".encode("gbk"))
    words = "编码可能是 gb18030，也可能是 big5"
    told = program("inspect", file, as_json=False)
    assert words in told.said + told.out
    assert (
        words
        not in (chosen := program("inspect", file, "--encoding", "big5", as_json=False)).said + chosen.out
    )
    told = program("import", project, file, "--text-column", "comment", as_json=False)
    assert told.status == 0
    assert words in told.said + told.out


def test_a_doubtful_encoding_is_said_to_be_so(  # type: ignore[no-untyped-def]
    program, project: Path, tmp_path: Path
) -> None:
    path = tmp_path / "俄文.csv"
    path.write_bytes("id,text\n1,Очень хороший и быстрый\n2,Плохо\n".encode("cp1251"))
    answer = program("import", project, path, "--text-column", "text", "--dry-run")
    assert answer.status == 0, answer.said
    (found,) = answer.values["files"]
    assert found["is_close"]
    assert found["is_doubtful"]


@pytest.mark.parametrize("name", ["json", "jsonl"])
def test_a_format_that_the_file_does_not_have(  # type: ignore[no-untyped-def]
    program, tmp_path: Path, name: str
) -> None:
    path = tmp_path / "评论.csv"
    path.write_text("评论,情感\n很好,1\n", encoding="utf-8")
    answer = program("inspect", path, "--format", name)
    assert answer.status == 3
    assert answer.values["error"]["code"] == "FILE_NOT_JSON"


@pytest.fixture
def commas(tmp_path: Path) -> Path:
    path = tmp_path / "带逗号 的标签.csv"
    rows = [f'{place},味道{place},"{value}"' for place, value in enumerate(["好,推荐", "差,不推荐"] * 4)]
    path.write_text("\n".join(["编号,评论,态度", *rows, '8,还行,"a=""b"""']) + "\n", encoding="utf-8")
    return path


def _labelled(program, project: Path, commas: Path, *words: object) -> int:  # type: ignore[no-untyped-def]
    answer = program("import", project, commas, "--again", "--label-column", "态度", *words)
    assert answer.status == 0, answer.said
    return int(answer.values["files"][0]["labelled"])


def test_values_with_commas_can_be_mapped(program, project: Path, commas: Path) -> None:  # type: ignore[no-untyped-def]
    told = program("import", project, commas, "--label-column", "态度", as_json=False).said
    line = next(line for line in told.splitlines() if "--map" in line)
    words = shlex.split(line[line.index("--map") : line.index("（")].replace("?", "正面"))
    assert words.count("--map") == 3
    assert _labelled(program, project, commas, *words) == 9, "what is proposed can be run"
    rest = ("--ignore-unmapped",)
    assert _labelled(program, project, commas, "--map", "好,推荐=正面", *rest) == 4
    assert _labelled(program, project, commas, "--map", "好,推荐=正面,差,不推荐=负面", *rest) == 8
    assert _labelled(program, project, commas, "--map", '"好,推荐"=正面,"差,不推荐"=负面', *rest) == 8
    refused = program("import", project, commas, "--again", "--label-column", "态度", "--map", "坏,推荐=正面")
    assert refused.status == 2
    assert "坏" in refused.said


def test_a_header_can_be_forced_both_ways(program, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    path = tmp_path / "数字.csv"
    path.write_text("味道不错很好吃,1\n送得太慢了不满意,0\n", encoding="utf-8")
    rows = {}
    for word in ("--header", "--no-header"):
        answer = program("inspect", path, word)
        assert answer.status == 0, answer.said
        rows[word] = answer.values["files"][0]["rows"]
    assert rows == {"--header": 1, "--no-header": 2}


def test_inspect_goes_on_after_a_file_that_cannot_be_read(program, commas: Path, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    bad = tmp_path / "空的.csv"
    bad.write_bytes(b"")
    answer = program("inspect", bad, commas)
    assert answer.status == 3
    first, second = answer.values["files"]
    assert first["error"]["code"]
    assert second["rows"] == 9
