"""Labels in a list, as doccano writes them: taken where every one is known, never a hint that fails."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

Program = Callable[..., Any]


def written(path: Path, labels: Sequence[Sequence[str]], *, as_array: bool = False) -> Path:
    items = [
        {"id": n, "text": f"第 {n} 条评论，写得不算短", "label": list(each), "Comments": []}
        for n, each in enumerate(labels, 1)
    ]
    lines = "\n".join(json.dumps(item, ensure_ascii=False) for item in items)
    path.write_text(json.dumps(items, ensure_ascii=False) if as_array else lines, "utf-8")
    return path


@pytest.fixture
def folder(program: Program, tmp_path: Path) -> Path:
    made = tmp_path / "门店.senti"
    assert program("new", made).status == 0
    return made


@pytest.mark.parametrize("as_array", [False, True])
def test_known_labels_of_doccano_come_in(
    program: Program, folder: Path, tmp_path: Path, as_array: bool
) -> None:
    file = written(tmp_path / "豆.json", [["正面"], ["负面"], [], ["正面", "负面"]] * 3, as_array=as_array)
    (found,) = program("import", folder, file).values["files"]
    assert (found["rows"], found["labelled"], found["several_labels"]) == (12, 6, 3)
    answer = program("import", folder, file, "--again", as_json=False)
    assert "标签取自“label”" in answer.out
    (found,) = program("import", folder, file, "--again", "--no-annotations").values["files"]
    assert found["labelled"] == 0


def test_a_hint_can_be_run_as_it_is(program: Program, folder: Path, tmp_path: Path) -> None:
    file = written(tmp_path / "豆.jsonl", [["正面"], ["物流"], [], ["物流", "负面"], ["甲=乙,丙"]] * 3)
    answer = program("import", folder, file, as_json=False)
    assert (answer.status, "0 条带标签" in answer.out) == (0, True)
    (line,) = (line for line in answer.out.splitlines() if "--label-column" in line)
    assert "[" not in line, "several labels at once are no value of --map"
    assert "物流=?" in line
    words = shlex.split(line.strip().replace("=?", "=负面"))[1:]
    answer = program(*words)
    assert answer.status == 0, answer.said
    assert answer.values["files"][0]["labelled"] == 9


def test_our_own_doccano_file_comes_back_by_itself(program: Program, folder: Path, tmp_path: Path) -> None:
    file = written(tmp_path / "豆.jsonl", [["正面"], ["负面"], []])
    program("import", folder, file)
    assert program("export", folder, "-o", tmp_path / "出.jsonl", "--format", "doccano").status == 0
    again = tmp_path / "再来.senti"
    program("new", again)
    (found,) = program("import", again, tmp_path / "出.jsonl").values["files"]
    assert (found["rows"], found["labelled"]) == (3, 2)


@pytest.mark.data
def test_a_real_doccano_file_brings_its_labels(program: Program, folder: Path, data_folder: Path) -> None:
    file = data_folder / "messy" / "doccano.jsonl"
    answer = program("import", folder, file)
    assert answer.status == 0, answer.said
    assert answer.values["files"][0]["labelled"] > 0
