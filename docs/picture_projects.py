"""The projects in the pictures: the program itself imported their comments and learnt from their labels."""

from __future__ import annotations

import csv
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from senti_studio.domain.architectures import default_options
from senti_studio.domain.comments import CommentFilter, NewComment, SourceDraft
from senti_studio.domain.guidelines import Guidelines
from senti_studio.domain.labels import APPEARANCES, Label
from senti_studio.jobs.run_folder import RunFolder
from senti_studio.operations import classifying, training
from senti_studio.operations.classifying import ClassificationRequest
from senti_studio.operations.guidelines import store_guidelines
from senti_studio.operations.projects import create_project, remember
from senti_studio.operations.sample import TEXT_COLUMN, create_sample_project
from senti_studio.operations.test_set import put_back, set_aside
from senti_studio.operations.training import TrainingRequest
from senti_studio.resources import resource
from senti_studio.storage.project import Project

ANNOTATOR, OTHER = "小王", "李敏"
WAIT_S = 60.0
GUIDE = """先褒后贬时，看结论句。拿不准按 0 跳过，不要硬选。

## 正面

整体满意；小抱怨不影响再次购买

## 中性

好坏各半，或只陈述事实、没有态度

- 味道还行，就是慢了点。

## 负面

主要不满影响体验，或表示不再来
"""
COLUMNS = ("评论", "门店", "评分", "入住日期", "渠道", "订单号", "房型", "出行", "有用")
SHOWN = (
    "前台办入住很快，还主动给升了房型，这点要夸。但是房间隔音实在太差，隔壁说话听得一清二楚，半夜两点走廊还有人"
    "拖行李箱，基本没怎么睡。早餐种类不算多，味道倒是不错。总体对得起这个价，不过我睡眠浅，下次来可能会换一家。"
)
PLACE = (
    "位置很好找，出地铁走三分钟就到，房间干净，床也舒服，前台小姑娘说话和气，就是早上退房时电梯等得久了点，"
)
BREAKFAST = "早餐种类还可以，鸡蛋是现煎的，粥有三种，咖啡机要自己按，味道一般般，跟上次来的时候差不多，"
HOTEL: tuple[tuple[str, str], ...] = (
    (SHOWN, ""),
    ("前台办入住很快，这点要夸。但是房间隔音实在太差，隔壁说话听得一清二楚，半夜走廊有人拖行李箱。", "负面"),
    ("早餐种类不算多，味道倒是不错。房间隔音一般，总体对得起这个价。", "中性"),
    ("前台办入住很快，还主动给升了房型，服务热情，可惜隔音太差，基本没怎么睡。", ""),
    ("前台办入住很快，还主动给升了房型，早餐味道不错，总体对得起这个价。", "正面"),
    (f"{PLACE}一共等了三趟才挤进去。", "正面"),
    (f"{PLACE}一共等了五趟才挤进去！", "负面"),
    (f"{BREAKFAST}没什么好说的，也没什么好骂的。", "中性"),
    (f"{BREAKFAST}没什么好说的，也没什么好夸的。", "负面"),
)
"""What the main picture shows, comments that resemble it, and pairs whose labels contradict each other."""
FLIPPED = 14
"""Labels of the sample that are turned round, so that there are mistakes to be found."""
BY_BOTH = 150
"""Comments that two people label."""
TOPICS = (
    *("味道", "分量", "配送", "包装", "服务", "价格", "卫生", "房间", "位置", "早餐"),
    *("隔音", "剧情", "演员", "画面", "屏幕", "电池", "客服", "质量", "尺寸", "其他"),
)
LONG_TEXT_LENGTH = 3000


def make_projects(place: Path, *, trained: bool) -> dict[str, Path]:
    """Every project of the pictures by its name; ``trained``: the main one gets two models and a batch."""
    empty = place / "周报" / "酒店周报 第 30 周"
    project = create_project(empty)
    empty = project.folder
    project.close()
    return {
        "empty": empty,
        "done": _finished(place / "评论分析" / "外卖评论 7 月"),
        "many": _many_labels(place / "评论分析" / "评论主题"),
        "long": _long_comment(place / "评论分析" / "长评论"),
        "main": _main(place, trained=trained),
    }


def _main(place: Path, *, trained: bool) -> Path:
    folder = create_sample_project(place / "评论分析" / "门店评论 2026Q3")
    project = Project.open(folder)
    by_name = {label.name: label.id for label in project.labels.list()}
    _second_person(project, by_name)
    add_comments(project, "酒店_2026Q3.csv", COLUMNS, [_hotel_row(*each) for each in enumerate(HOTEL)])
    first = find(project, SHOWN)
    for offset, (_, name) in enumerate(HOTEL):
        if name:
            project.annotations.label([first + offset], by_name[name], annotator=ANNOTATOR).result(WAIT_S)
    set_aside(project, seed=1)
    guide = Guidelines().changed(
        GUIDE, at=int(time.time() * 1000), by=ANNOTATOR, names={i: n for n, i in by_name.items()}
    )
    store_guidelines(project, guide).result(WAIT_S)
    if trained:
        _train_and_classify(project, place)
    remember(project)
    project.close()
    return folder


def _second_person(project: Project, by_name: dict[str, int]) -> None:
    """Two people label the first comments, mostly alike; of the others some labels are turned round."""
    aside = project.test_sets.current()
    labelled = [each for each in project.comments.labelled() if each.id not in aside]
    by_key = {label.key: label.id for label in project.labels.list()}
    both, others = labelled[:BY_BOTH], labelled[BY_BOTH:]
    for label_id in by_key.values():
        own = [each.id for each in both if by_key[each.label_key] == label_id]
        project.annotations.label(own, label_id, annotator=ANNOTATOR).result(WAIT_S)
        project.annotations.label(own, label_id, annotator=OTHER).result(WAIT_S)
    differing = [each.id for each in both[4::9] if each.label_key != "2"]
    project.annotations.label(differing, by_name["中性"], annotator=OTHER).result(WAIT_S)
    opposite = {by_name["正面"]: by_name["负面"], by_name["负面"]: by_name["正面"]}
    for comment in others[:: len(others) // FLIPPED]:
        turned = opposite.get(by_key[comment.label_key], by_name["正面"])
        project.annotations.label([comment.id], turned, annotator=ANNOTATOR).result(WAIT_S)


def _hotel_row(place: int, row: tuple[str, str]) -> tuple[str, ...]:
    """The columns beside a comment, as a hotel would export them."""
    rooms, ways = ("高级双床房", "商务大床房", "家庭房"), ("家庭", "出差", "朋友")
    order = f"0048-{7731 + place}-{2290 + 7 * place}"
    return (
        row[0],
        "江畔店",
        "3",
        f"2026-07-{18 + place}",
        "App",
        order,
        rooms[place % 3],
        ways[place % 3],
        "2",
    )


def _finished(folder: Path) -> Path:
    """Every comment is labelled."""
    made = create_sample_project(folder)
    with Project.open(made) as project:
        left = ids_of(project, CommentFilter(unlabelled=True))
        for place, label in enumerate(project.labels.list()):
            project.annotations.label(left[place::3], label.id, annotator=ANNOTATOR).result(WAIT_S)
        set_aside(project, seed=1)
    return made


def _many_labels(folder: Path) -> Path:
    """Twenty labels; every second comment that names one of them has it."""
    labels = [
        Label(str(place), name, APPEARANCES[(place - 1) % len(APPEARANCES)], str(place) if place < 10 else "")
        for place, name in enumerate(TOPICS, start=1)
    ]
    with create_project(folder, labels=labels) as project:
        with resource("samples", "sample_comments.csv").open(encoding="utf-8-sig", newline="") as file:
            columns, *rows = csv.reader(file)
        text = columns.index(TEXT_COLUMN)
        add_comments(project, "评论_主题.csv", tuple(columns[:-1]), [tuple(row[:-1]) for row in rows], text)
        by_name = {label.name: label.id for label in project.labels.list()}
        for place, comment_id in enumerate(ids_of(project, CommentFilter())):
            words = rows[place][text]
            found = next((each for each in TOPICS if each in words), TOPICS[-1] if place % 8 == 0 else "")
            if found and place % 2:
                project.annotations.label([comment_id], by_name[found], annotator=ANNOTATOR).result(WAIT_S)
        set_aside(project, seed=1)
        return project.folder


def _long_comment(folder: Path) -> Path:
    """One comment of 3,000 characters among short ones."""
    made = create_sample_project(folder)
    with resource("samples", "sample_comments.csv").open(encoding="utf-8-sig", newline="") as file:
        texts = [row[TEXT_COLUMN].strip() for row in csv.DictReader(file)]
    whole = ""
    for text in texts:
        whole += text + ("" if text.endswith(("。", "！", "？", "…")) else "。")
    with Project.open(made) as project:
        row = _hotel_row(0, (whole[:LONG_TEXT_LENGTH], ""))
        add_comments(project, "酒店_2026Q3.csv", COLUMNS, [row])
        first = find(project, row[0])
        set_aside(project, seed=1)
        if first in project.test_sets.current():
            put_back(project, project.test_sets.current() - {first})
    return made


def add_comments(
    project: Project, name: str, columns: tuple[str, ...], rows: Sequence[tuple[str, ...]], text: int = 0
) -> None:
    """A further source of comments without labels; ``text`` is the column of the comment."""
    source = project.sources.begin(
        SourceDraft(name=name, path=f"/数据/{name}", columns=columns, text_column=text)
    )
    project.sources.append(
        source, [NewComment(row=row, text=values[text], values=values) for row, values in enumerate(rows, 1)]
    )
    project.sources.finish(source)


def ids_of(project: Project, wanted: CommentFilter) -> list[int]:
    """All ids that match, in file order."""
    return [each for ids in project.comments.ids(wanted) for each in ids]


def find(project: Project, text: str) -> int:
    """The id of the first comment that begins as ``text`` does."""
    return ids_of(project, CommentFilter(search=text[:10]))[0]


def _train_and_classify(project: Project, place: Path) -> None:
    def wait(run: RunFolder) -> None:
        while run.state().is_active:
            time.sleep(0.2)  # a script, not a test: nothing else is to be done meanwhile

    for architecture in ("gru", "lstm"):
        options = replace(default_options(architecture), epochs=8, patience=8)
        request = TrainingRequest(architecture=architecture, options=options)
        run = training.create_run(project, request)
        training.start(project, run.id)
        wait(run)
        print(f"{architecture}: {run.state()}")
    output = place / "评论分析" / "外卖_7月_已分类.csv"
    batch = classifying.create_batch(
        project,
        ClassificationRequest(
            model=run.id, file=resource("samples", "sample_to_classify.csv"), output=output
        ),
    )
    classifying.start(project, batch.id)
    wait(batch)
    print(f"classified: {batch.state()}")
