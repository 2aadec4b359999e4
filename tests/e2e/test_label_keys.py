"""Every key of the labelling page, through ``main()``, in both languages, beside an input method."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from senti_studio.domain.comments import NewComment, SourceDraft
from senti_studio.domain.labels import labels_from_names
from senti_studio.storage.project import Project

HERE = Path(__file__).resolve().parent

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="scan codes of Linux")


def _project(folder: Path) -> Path:
    names = [f"类别{number}" for number in range(1, 12)] + ["物流慢"]
    labels = labels_from_names([(str(number), name) for number, name in enumerate(names, 1)])
    with Project.create(folder / "按键 测试.senti", labels=labels) as project:
        source = project.sources.begin(
            SourceDraft(name="外卖.csv", path="/外卖.csv", columns=("评论",), text_column=0)
        )
        texts = ["骑手态度还行", "汤洒了一半", "菜凉了", "👂吵", "很好"]
        rows = [f"{texts[row % 5]}（{row}）" for row in range(60)]
        project.sources.append(source, [NewComment(n, text, (text,)) for n, text in enumerate(rows, 1)])
        project.sources.finish(source)
        return project.folder


@pytest.mark.parametrize(("language", "title"), [("zh_CN", "标注"), ("en", "Label")])
def test_every_key_works_beside_an_input_method(tmp_path: Path, language: str, title: str) -> None:
    done = subprocess.run(
        [sys.executable, "-X", "utf8", str(HERE / "play_label_keys.py"), str(_project(tmp_path)), language],
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=200,
        check=False,
        env={**os.environ, "QT_IM_MODULE": "compose"},
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-6000:]
    told: dict[str, Any] = {}
    for line in done.stdout.splitlines():
        if line.startswith("{"):
            told.update(json.loads(line))
    assert told["title"] == title
    assert told["page_takes_input_methods"] is False
    assert told["digits"] == 12
    assert told["all"] > 5
    assert told["done"]
    assert {"label.choose", "label.all", "label.history", "label.undo"} <= set(told["sheet"])
