"""Every key and every queue of the labelling page, through ``main()``, beside an input method."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from senti_studio.domain.comments import NewComment, SourceDraft
from senti_studio.domain.importing import ReadOptions
from senti_studio.domain.labels import labels_from_names
from senti_studio.domain.run_states import RunKind
from senti_studio.domain.specs import LabelName
from senti_studio.exchange.predictions import BatchFile, BatchFolder, Part
from senti_studio.operations import test_set
from senti_studio.storage.project import Project
from senti_studio.ui.pages.label.queue_choice import Choice

SCREENS = {"zh_CN": (800, 800), "en": (1440, 940)}
"""One where there is no room for twelve buttons, and one with room for the whole page."""
HERE = Path(__file__).resolve().parent
DISPUTED = 33
WRONG = (57, 90, 123)

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="scan codes of Linux")


THINGS = (
    "汤",
    "米饭",
    "包装",
    "骑手态度",
    "屏幕",
    "电池",
    "房间",
    "前台服务",
    "早餐",
    "剧情",
    "音乐",
    "座位",
)
GOOD = ("很满意，真喜欢", "真喜欢，太满意了", "喜欢，满意，推荐", "让人满意，很喜欢", "满意极了，喜欢得很")
BAD = ("很失望，差劲透了", "差劲，太失望了", "失望，差劲，别来", "让人失望，真差劲", "差劲极了，失望得很")
SAID = ("周一中午点的", "和同事一起去的", "朋友介绍来的", "出差路过", "雨天在家", "第一次试", "孩子陪着我")
COPIES = (
    "{}三点订的外卖，等到五点半才送来，汤已经洒了一半，打电话给店家也没有人接听，最后只好自己收拾",
    "{}的酒店离地铁站走路要二十分钟，晚上楼下大排档吵到两点，空调也时好时坏，修了两次还是老样子",
    "{}买的手机用了不到三个月，充电接口就松了，拿去维修点排队两小时，说要自费两百块钱才给换新",
)
ASIDE = range(5, 241, 10)


def _rows(labels: list[int]) -> list[NewComment]:
    """240 comments, more than half of them labelled, three wrongly; near-copies; a long one."""
    good, bad = labels[0], labels[2]
    rows = []
    for row in range(1, 241):
        is_good = row % 2 == 1
        said = (GOOD if is_good else BAD)[row // 2 % 5]
        has_label = row > 40 and row % 5 != 1
        label = (good if is_good != (row in WRONG) else bad) if has_label else None
        text = f"{SAID[row % 7]}，{THINGS[row // 10 % 12]}{said}（{row}）" + (
            "，汤洒了" if row % 15 == 1 else ""
        )
        rows.append(
            NewComment(row, text, (text,), label, flagged=row in (2, 4, 5), skipped=row in (7, 8, 35))
        )
    for copy in COPIES:
        for number, label in enumerate((good, bad, None)):
            text = copy.format(("下午", "昨天下午", "周日下午")[number])
            rows.append(NewComment(len(rows) + 1, text, (text,), label))
    text = "这条很长。" + "今天的事情要从早上说起，" * 400
    return [*rows, NewComment(len(rows) + 1, text, (text,))]


def _batch(project: Project, source: int, count: int) -> None:
    """What a classified source leaves behind: of most comments it is sure, of three it is not."""
    known = project.labels.list()
    folder = project.batches_folder / "外卖 分类"
    folder.mkdir()
    batch = BatchFolder(folder)
    names = (LabelName(known[0].key, known[0].name), LabelName(known[2].key, known[2].name))
    batch.write(BatchFile("b", "外卖", "m", "s", names, "data/input.csv", "s", ReadOptions(), 0, count, True))
    sure = np.full(count, 0.95, dtype=np.float32)
    for place, row in enumerate((13, 5, 11, 15, 10)):  # 5 and 15 are in the test set
        sure[row - 1] = 0.51 + place / 100
    shares = np.stack([sure, 1 - sure], axis=1)
    batch.write_part(0, Part(1, np.zeros(count, dtype=np.int16), shares))
    details = {"source": "外卖.csv", "source_id": source}
    project.batches.add(
        "b", number=1, kind=RunKind.CLASSIFY, name="外卖", folder=folder.name, details=details
    )


def _project(folder: Path) -> Path:
    names = ["正面", "中性", "负面", *(f"类别{number}" for number in range(4, 12)), "物流慢"]
    labels = labels_from_names([(str(number), name) for number, name in enumerate(names, 1)])
    with Project.create(folder / "按键 测试.senti", labels=labels) as project:
        source = project.sources.begin(
            SourceDraft(name="外卖.csv", path="/外卖.csv", columns=("评论",), text_column=0)
        )
        rows = _rows([label.id for label in project.labels.list()])
        project.sources.append(source, rows)
        project.sources.finish(source)
        test_set.put_back(project, ASIDE)
        good, _, bad, *_ = (label.id for label in project.labels.list())
        project.annotations.label([DISPUTED], good, annotator="张三").result()
        project.annotations.label([DISPUTED], bad, annotator="李四").result()
        _batch(project, source, len(rows))
        return project.folder


@pytest.mark.parametrize(("language", "title"), [("zh_CN", "标注"), ("en", "Label")])
def test_every_key_works_beside_an_input_method(tmp_path: Path, language: str, title: str) -> None:
    width, height = SCREENS[language]
    screen = {"name": "一", "x": 0, "y": 0, "width": width, "height": height, "dpr": 1}
    screen |= {"logicalDpi": 96, "logicalBaseDpi": 96}
    (tmp_path / "screens.json").write_text(json.dumps({"screens": [screen]}), "utf-8")
    platform = f"offscreen:configfile={tmp_path / 'screens.json'}"
    done = subprocess.run(
        [sys.executable, "-X", "utf8", str(HERE / "play_label_keys.py"), str(_project(tmp_path)), language],
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=200,
        check=False,
        env={**os.environ, "QT_IM_MODULE": "compose", "QT_QPA_PLATFORM": platform},
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-6000:]
    told: dict[str, Any] = {}
    for line in done.stdout.splitlines():
        if line.startswith("{"):
            told.update(json.loads(line))
    assert told["title"] == title
    assert told["wide"] is (language == "en")
    assert told["page_takes_input_methods"] is False
    assert told.keys() >= {*map(str, Choice), "pairs"}, "every queue was used"
    assert told["accepted"] is True
    assert [name.rstrip("…").isascii() for name in told["names"]] == [language == "en"] * len(Choice)
    assert told["digits"] == 12
    assert told["all"] > 5
    assert told["done"]
    assert {"label.accept", "label.left", "label.right", "label.keep"} <= set(told["sheet"])
    assert {"label.choose", "label.all", "label.history", "label.undo"} <= set(told["sheet"])
