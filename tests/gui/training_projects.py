"""Projects with labelled comments, and the scripted worker in the place of the real one."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from senti_studio.domain.comments import NewComment, SourceDraft
from senti_studio.domain.labels import DEFAULT_LABELS, Label
from senti_studio.storage.project import Project

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "fakes"))

from scripted_worker import Script

WORKER = Path(__file__).resolve().parents[1] / "fakes" / "scripted_worker.py"

WORDS = (
    ("味道很好，下次还来", "服务热情，房间干净", "屏幕清晰，喜欢"),
    ("还行吧，中规中矩", "一般般，没什么感觉", "说不上好坏"),
    ("太难吃了，再也不来", "隔音差，一夜没睡", "用了三天就坏了"),
)


def make_labelled_project(
    folder: Path,
    *,
    per_label: int = 30,
    labels: Sequence[Label] = DEFAULT_LABELS,
    only: Sequence[int] | None = None,
) -> Project:
    """A project whose comments all carry labels; ``only``: positions of the labels that are used."""
    project = Project.create(folder / "训练 项目.senti", labels=tuple(labels))
    stored = project.labels.list()
    source = project.sources.begin(
        SourceDraft(name="外卖 七月.csv", path="/数据/外卖 七月.csv", columns=("评论", "标签"), text_column=0)
    )
    rows = []
    for position in range(len(stored)) if only is None else only:
        for number in range(per_label):
            word = WORDS[position % 3][number % 3]
            text = f"{word}，第{number}单{position}号"
            cells = (text, stored[position].name)
            rows.append(NewComment(len(rows) + 1, text, cells, label_id=stored[position].id))
    project.sources.append(source, rows)
    project.sources.finish(source)
    return project


def play(monkeypatch: pytest.MonkeyPatch, script: Script) -> None:
    """From now on every run is worked on by the scripted worker."""
    monkeypatch.setattr(
        "senti_studio.jobs.launch.worker_command", lambda *given: [sys.executable, str(WORKER), *given]
    )
    for name, value in script.environment().items():
        monkeypatch.setenv(name, value)


__all__ = ["Script", "make_labelled_project", "play"]
