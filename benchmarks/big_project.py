"""A project of many comments for the benchmarks of the window, made through the storage itself."""

from __future__ import annotations

import random
import sys
from pathlib import Path

from senti_studio.domain.comments import NewComment, SourceDraft
from senti_studio.storage.project import Project

_PARTS = (
    "前台办入住很快，", "房间隔音太差，", "汤洒了一半，", "骑手师傅很客气，", "屏幕偏黄，", "早餐种类不多，",
    "续航一天半没问题，", "拍照比上一代清楚，", "等了四十分钟，", "包装完好，", "味道一样，", "客服说正常，",
    "价格合适，", "位置不好找，", "电影节奏太慢，", "配乐好听，",
)  # fmt: skip
_ENDS = ("下次还来。", "不会再买了。", "一般般吧。", "给个好评！", "希望改进。", "就这样。")


def text(number: int) -> str:
    """The comment of a row: 10 to about 120 characters, no two alike, the same every time."""
    chance = random.Random(number)
    parts = chance.choices(_PARTS, k=chance.choice((1, 1, 2, 2, 3, 3, 4, 6, 12)))
    return "".join(parts) + chance.choice(_ENDS) + f"（{number}）"


def make_project(folder: Path, count: int) -> Project:
    """A project of ``count`` comments in three sources with six columns; opened."""
    project = Project.create(folder)
    names = ("外卖_2026Q3.csv", "酒店_2026Q3.csv", "手机_2026Q3.csv")
    columns = ("编号", "门店", "评分", "日期", "渠道", "评论")
    number = 0
    for place, name in enumerate(names):
        share = count * (place + 1) // len(names) - number
        source = project.sources.begin(
            SourceDraft(name=name, path=f"/{name}", columns=columns, text_column=5)
        )
        for start in range(0, share, 20_000):
            rows = []
            for row in range(start + 1, min(start + 20_000, share) + 1):
                words = text(number)
                values = (f"{number:012d}", "江畔店", str(number % 5 + 1), "2026-07-18", "App", words)
                rows.append(NewComment(row=row, text=words, values=values))
                number += 1
            project.sources.append(source, rows)
            print(f"\rmaking the project: {number:,} of {count:,}", end="", file=sys.stderr, flush=True)
        project.sources.finish(source)
    print(file=sys.stderr)
    return project
