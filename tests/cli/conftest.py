"""A small comment file, and the program called as a script calls it."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from senti_studio.__main__ import main
from senti_studio.resources import resource


@dataclass(frozen=True)
class Answer:
    """Exit status, the JSON object of ``--json``, and what was said on stderr."""

    status: int
    values: dict[str, Any]
    said: str
    out: str


Program = Callable[..., Answer]


@pytest.fixture
def program(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Program:
    """Calls ``main()`` with the given words; ``as_json=False`` leaves ``--json`` out."""
    monkeypatch.setenv("SENTI_STUDIO_LANGUAGE", "zh")
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")

    def call(*words: object, as_json: bool = True) -> Answer:
        capfd.readouterr()
        status = main([*map(str, words), *(["--json"] if as_json else [])])
        out, said = capfd.readouterr()
        lines = [line for line in out.splitlines() if line.startswith("{")]
        return Answer(status, json.loads(lines[-1]) if lines and as_json else {}, said, out)

    return call


@pytest.fixture
def comments(tmp_path: Path) -> Path:
    """90 labelled sample comments (30 a class) as Excel writes them: GBK-encoded, ids with leading zeros."""
    with resource("samples", "sample_comments.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["人工标注"]]
    chosen: list[dict[str, str]] = []
    for name in ("正面", "中性", "负面"):
        chosen += [row for row in rows if row["人工标注"] == name][:30]
    path = tmp_path / "门店 评论.csv"
    with path.open("w", encoding="gb18030", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["编号", "评论内容", "情感", "用途"])
        for number, row in enumerate(chosen):
            part = ("train", "train", "train", "dev", "test")[number % 5]
            writer.writerow([f"{number:06d}", row["评论内容"], row["人工标注"], part])
    return path
