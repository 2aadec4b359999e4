"""A label whose next comment was on the screen is in the file, whatever happens to the window then."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from senti_studio.domain.comments import NewComment, SourceDraft
from senti_studio.storage.project import Project

HERE = Path(__file__).resolve().parent

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="forks")


def _project(folder: Path, count: int) -> Path:
    with Project.create(folder / "断电 测试.senti") as project:
        source = project.sources.begin(
            SourceDraft(name="外卖.csv", path="/外卖.csv", columns=("评论",), text_column=0)
        )
        texts = [f"第 {number} 条：汤洒了一半，骑手态度还行" for number in range(count)]
        project.sources.append(
            source, [NewComment(row=n, text=t, values=(t,)) for n, t in enumerate(texts, 1)]
        )
        project.sources.finish(source)
        return project.folder


def _kill_after_each(project: Path, count: int) -> list[dict[str, Any]]:
    done = subprocess.run(
        [sys.executable, "-X", "utf8", str(HERE / "killed_labelling.py"), str(project), "1", str(count)],
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stderr[-4000:]
    told = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    return [each for each in told if "labelled" in each]


def _check(project: Path, count: int) -> None:
    told = _kill_after_each(project, count)
    assert [each["seen"] for each in told] == [[n, n + 1] for n in range(1, count + 1)], (
        "each was killed then"
    )
    assert [each["labelled"] for each in told if not each["stored"]] == [], "labels that were lost"
    with Project.open(project) as opened:
        assert opened.comments.counts().labelled == count
        annotator = next(iter(opened.comments.get(1).annotations)).annotator
        undone = opened.annotations.undo(annotator).result(10)
        assert undone is not None
        assert undone.comment_ids == (count,), "the journal holds them as well"


def test_a_label_is_on_the_disk_before_the_next_comment_is_on_the_screen(tmp_path: Path) -> None:
    _check(_project(tmp_path, 20), 8)


@pytest.mark.long
@pytest.mark.timeout(7200)
def test_a_thousand_kills_lose_nothing(tmp_path: Path) -> None:
    _check(_project(tmp_path, 1100), 1000)
