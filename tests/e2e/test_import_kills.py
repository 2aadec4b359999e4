"""Killing an import or an export at any moment leaves a whole or an untouched project, and no half file.

A few random moments of each by default. The fifty of the issue, twenty-five each:

    SENTI_KILLS=50 pytest tests/e2e/test_import_kills.py
"""

from __future__ import annotations

import csv
import hashlib
import json
import os
import random
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest

from senti_studio.domain.comments import NewComment, SourceDraft
from senti_studio.jobs.launch import worker_command, worker_environment
from senti_studio.operations.care import check_project
from senti_studio.storage.project import Project

KILLS = int(os.environ.get("SENTI_KILLS", "6"))
ROWS = 4_000 if KILLS <= 8 else 20_000
LIMIT_S = 120


class Helper:
    """One helper process with one request."""

    def __init__(self, kind: str, do: str, **params: Any) -> None:
        self.began = time.monotonic()
        self.process = subprocess.Popen(
            worker_command(kind),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=worker_environment(),
        )
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps({"id": 1, "do": do, **params}).encode() + b"\n")
        self.process.stdin.flush()

    def result(self) -> tuple[dict[str, Any], float]:
        """The answer, and how long it took."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            answer: dict[str, Any] = json.loads(line)
            if answer["type"] != "Progress":
                seconds = time.monotonic() - self.began
                self._end()
                return answer, seconds
        raise AssertionError("no answer")

    def kill_after(self, seconds: float) -> bool:
        """Kills it at this moment; True when it had answered before."""
        try:
            # Nobody reads what it tells: few lines, which fit into the pipe.
            self.process.wait(max(0.0, seconds - (time.monotonic() - self.began)))
        except subprocess.TimeoutExpired:
            self.process.kill()
        assert self.process.stdout is not None
        told = self.process.stdout.read()
        self._end()
        return b'"Result"' in told

    def _end(self) -> None:
        self.process.kill()
        for stream in (self.process.stdin, self.process.stdout):
            if stream is not None:
                stream.close()
        self.process.wait(LIMIT_S)


def totals(folder: Path) -> tuple[int, int, int]:
    """Comments, labelled ones, files, once what a killed import left behind is gone; the project must be
    sound."""
    with Project.open(folder) as project:
        project.sources.remove_unfinished().result()
        counts = project.comments.counts()
        assert sum(len(part) for part in project.comments.ids()) == counts.total
        assert check_project(project).problems == ()
        return counts.total, counts.labelled, len(project.sources.list())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    with Project.create(tmp_path / "断电 项目.senti") as project:
        source_id = project.sources.begin(SourceDraft("先前.csv", "/先前.csv", ("评论",), 0))
        rows = [NewComment(n, f"先前的第 {n} 条", (f"先前的第 {n} 条",), 1 + n % 3) for n in range(ROWS // 4)]
        project.sources.append(source_id, rows)
        project.sources.finish(source_id)
        project.annotations.label([1, 2, 3], 2, annotator="我").result()
    return tmp_path / "断电 项目.senti"


@pytest.mark.alone
def test_a_killed_import_is_whole_or_absent(folder: Path, tmp_path: Path) -> None:
    source = tmp_path / "要导入的 评论.csv"
    with source.open("w", encoding="gb18030", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["编号", "评论", "标签"])
        writer.writerows(
            [f"{n:08d}", f"第{n}条：汤洒了一半，骑手态度还行", "正面" if n % 2 else "负面"]
            for n in range(ROWS)
        )
    request = {
        "project": str(folder),
        "path": str(source),
        "options": {"encoding": "gb18030"},
        "text_column": 1,
        "label_column": 2,
    }
    answer, seconds = Helper("import", "import", **request).result()
    assert (answer["type"], answer["rows"], answer["labelled"]) == ("Result", ROWS, ROWS)
    chance = random.Random(20260722)
    before = totals(folder)
    seen = {"whole": 0, "absent": 0}
    for _ in range(max(1, KILLS // 2)):
        answered = Helper("import", "import", **request).kill_after(chance.uniform(0, 1.1 * seconds))
        after = totals(folder)
        whole = (before[0] + ROWS, before[1] + ROWS, before[2] + 1)
        assert after in (before, whole)
        assert not answered or after == whole, "what was reported is there"
        seen["whole" if after == whole else "absent"] += 1
        before = after
    assert seen["absent"] > 0, seen
    answer, _ = Helper("import", "import", **request).result()
    assert answer["type"] == "Result", "and it can be done again"
    print(seen)  # noqa: T201 - shown with -s, for the figure


@pytest.mark.alone
@pytest.mark.parametrize("format_", ["csv", "xlsx", "jsonl"])
def test_a_killed_export_leaves_no_half_file(folder: Path, tmp_path: Path, format_: str) -> None:
    out = tmp_path / "导出"
    out.mkdir()
    target = out / f"标注.{format_}"
    request = {"project": str(folder), "path": str(target), "format": format_, "existing": "overwrite"}
    answer, seconds = Helper("export", "annotations", **request).result()
    assert answer["type"] == "Result", answer
    whole = content(target)
    before = totals(folder)
    chance = random.Random(format_)
    seen = {"whole": 0, "old": 0, "absent": 0}
    for number in range(max(2, -(-KILLS // 6))):
        old = b"old" if number % 2 else None
        target.unlink(missing_ok=True)
        if old is not None:
            target.write_bytes(old)
        answered = Helper("export", "annotations", **request).kill_after(chance.uniform(0, 1.1 * seconds))
        there = target.read_bytes() if target.exists() else None
        state = ("old" if old else "absent") if there == old else "whole"
        assert state != "whole" or content(target) == whole
        assert not answered or state == "whole"
        seen[state] += 1
    assert totals(folder) == before
    print(format_, seen)  # noqa: T201


def content(path: Path) -> str:
    """What a file says; a workbook also holds the time when it was written."""
    if path.suffix != ".xlsx":
        return hashlib.sha256(path.read_bytes()).hexdigest()
    import zipfile

    with zipfile.ZipFile(path) as book:
        assert book.testzip() is None
        sheets = [book.read(name) for name in sorted(book.namelist()) if "sheet" in name]
    return hashlib.sha256(b"".join(sheets)).hexdigest()
