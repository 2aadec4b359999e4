"""The request ``budget`` of the assistant, by a real process on a real project."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from real_workers import Talk

from senti_studio.domain.comments import NewComment, SourceDraft
from senti_studio.domain.label_budget import BudgetCurve
from senti_studio.jobs.helper_protocol import from_json
from senti_studio.storage.project import Project

GOOD = (
    "房间很大",
    "早餐不错",
    "服务热情",
    "性价比高",
    "下次还来",
    "味道很好",
    "物流很快",
    "拍照清晰",
    "灯光温馨",
)
BAD = (
    "房间太小",
    "早餐难吃",
    "态度恶劣",
    "价格太贵",
    "再也不来",
    "味道一般",
    "物流很慢",
    "屏幕坏了",
    "灯光昏暗",
)
FILL = ("今天", "和朋友一起", "说实话", "买了两次", "位置在市中心", "老板", "总之", "怎么说呢")


def comment(number: int) -> str:
    """An invented comment: odd numbers complain, and one in six says the opposite as well."""
    chance = random.Random(number)
    kind = (GOOD, BAD)[number % 2] if chance.random() < 0.85 else GOOD + BAD
    said = chance.sample(kind, 1) + chance.sample(FILL, 3)
    chance.shuffle(said)
    return "，".join(said) + f"（{number}）"


@pytest.fixture
def project(tmp_path: Path) -> Any:
    """200 comments, nobody has labelled one."""
    with Project.create(tmp_path / "标注 项目.senti") as made:
        source = made.sources.begin(SourceDraft("评论.csv", "/评论.csv", ("评论",), 0))
        texts = [comment(number) for number in range(1, 201)]
        made.sources.append(source, [NewComment(row, text, (text,)) for row, text in enumerate(texts, 1)])
        made.sources.finish(source)
        yield made


def label(project: Project, first: int, last: int) -> None:
    good, _, bad = (each.id for each in project.labels.list())
    for label_id, odd in ((good, 0), (bad, 1)):
        ids = [number for number in range(first, last + 1) if number % 2 == odd]
        project.annotations.label(ids, label_id, annotator="我").result(10)


def test_too_few_labels_are_counted_and_enough_give_a_curve(
    project: Project, talk: Callable[..., Talk]
) -> None:
    helper = talk("assist")
    label(project, 1, 40)
    few = from_json(BudgetCurve, helper.ask("budget", project=str(project.folder)))
    assert (few.labels, few.needed, few.points, few.main) == (40, 20, (), None)
    label(project, 41, 140)
    project.annotations.exclude([7], annotator="我").result(10)
    number = helper.send("budget", project=str(project.folder))
    progress = []
    while (answer := helper.next())["type"] == "Progress":
        progress.append(answer)
    assert (answer["id"], answer["type"]) == (number, "Result"), answer
    assert progress[-1]["stage"] == "measuring"
    assert progress[-1]["rows"] == progress[-1]["total"]
    curve = from_json(BudgetCurve, answer)
    good, fair, bad = (each.id for each in project.labels.list())
    assert (curve.label_ids, curve.labels, curve.used, curve.needed) == ((good, fair, bad), 139, 139, 0)
    assert (curve.source, curve.held_out) == ("cross_validation", 139)
    assert [point.labels for point in curve.points] == pytest.approx([11, 28, 56, 83, 111], abs=1)
    assert curve.points[-1].score > curve.points[0].score
    assert curve.main is not None
    assert curve.main.low <= curve.main.gain <= curve.main.high
    assert [each.count for each in curve.classes] == [70, 0, 69]
    assert curve.gains_most != fair, "nothing is said of a label that nobody gave"
    assert sorted(each.name for each in (project.cache_folder).iterdir()) == [], "it leaves nothing behind"


def test_it_can_be_stopped_and_asked_again(project: Project, talk: Callable[..., Talk]) -> None:
    helper = talk("assist")
    label(project, 1, 200)
    number = helper.send("budget", project=str(project.folder))
    while helper.next()["type"] != "Progress":
        pass
    helper.write({"id": number, "do": "cancel"})
    answer = helper.last()
    assert (answer["id"], answer["type"], answer.get("code")) == (number, "Failed", "CANCELLED")
    label(project, 1, 1)
    assert helper.ask("open", project=str(project.folder))["type"] == "Result", "it is still there"
