"""What a net reads, from the command line: options, the report, and a model that reads as it was told."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

TINY = ["--epochs", "1", "--embedding-size", "8", "--hidden-size", "8"]


@pytest.fixture
def folder(program, tmp_path: Path, comments: Path) -> Path:  # type: ignore[no-untyped-def]
    folder = tmp_path / "门店.senti"
    program("new", folder)
    program("import", folder, comments, "--text-column", "评论内容", "--label-column", "情感")
    return folder


def test_a_run_reads_what_it_was_told_and_its_model_too(  # type: ignore[no-untyped-def]
    program, folder: Path, tmp_path: Path, comments: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    others = tmp_path / "没有标签.csv"
    others.write_text("评论\n" + "\n".join(f"停车场很方便，第{n % 7}次来" for n in range(40)), "utf-8")
    program("import", folder, others, "--text-column", "评论")
    asked = ["--vectors", "project", "--own-words", "停车场很方便", "--simplified", "--max-length", "0"]
    trained = program("train", folder, *TINY, *asked, "--truncation", "tail", as_json=False)
    assert trained.status == 0, trained.said
    assert "在全部评论上学得的词向量覆盖训练评论中" in trained.said + trained.out
    (run,) = (folder / "runs").iterdir()
    vocabulary = json.loads((run / "model" / "vocabulary.json").read_text("utf-8"))
    assert vocabulary["truncation"] == "tail"
    assert 16 <= vocabulary["max_length"] < 256
    assert vocabulary["normalisation"]["simplified"] is True
    assert "停车场很方便" in vocabulary["views"]["words"], "of a comment without a label"
    sent = tmp_path / "两种字.csv"
    with sent.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([["评论"], ["房间很干净，停车场很方便"], ["房間很乾淨，停車場很方便"]])
    assert program("classify", folder, sent, "--model", run.name).status == 0
    with (tmp_path / "两种字_已分类.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))
    assert rows[1][1:] == rows[2][1:], "both scripts are the same to it"


def test_a_file_of_vectors_is_named_from_where_the_user_is(  # type: ignore[no-untyped-def]
    program, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    asked = ["--vectors", "file", "--vectors-file", "字 向量.txt"]
    assert program("train", folder, *TINY, *asked).values["error"]["code"] == "VECTORS_NOT_FOUND"
    (tmp_path / "字 向量.txt").write_text("很 1 2 3 4\n的 4 3 2 1\n好 1 1 2 2\n", "utf-8")
    trained = program("train", folder, *TINY, *asked)
    assert trained.status == 0, trained.said
    assert 0 < trained.values["reading"]["vectors_running"] < 1
    assert trained.values["run"]["warnings"] == ["VECTORS_COVER_LITTLE"]
