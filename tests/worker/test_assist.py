"""The labelling assistant as a real process: it learns, ranks, explains, and keeps its cache."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from real_workers import Talk, wait_until

from senti_studio.domain.assisting import AssistState, Influence, Ranking, Suggestion
from senti_studio.domain.comments import NewComment, Part, SourceDraft
from senti_studio.jobs.helper_protocol import from_json
from senti_studio.storage.project import Project

GOOD = ("房间很大", "早餐不错", "服务热情", "性价比高", "下次还来", "味道很好", "物流很快", "拍照清晰")
BAD = ("房间太小", "早餐难吃", "态度恶劣", "价格太贵", "再也不来", "味道一般", "物流很慢", "屏幕坏了")
FILL = ("今天", "和朋友一起", "说实话", "买了两次", "位置在市中心", "老板", "总之", "怎么说呢")
POSITIVE, NEGATIVE = 1, 3


def comment(number: int) -> tuple[str, int]:
    """An invented comment and its label: odd numbers complain."""
    chance = random.Random(number)
    said = chance.sample((GOOD, BAD)[number % 2], 2) + chance.sample(FILL, 3)
    chance.shuffle(said)
    return "，".join(said) + f"（{number}）", (POSITIVE, NEGATIVE)[number % 2]


def add(project: Project, count: int, *, first: int = 1, part: Part | None = None) -> int:
    source = project.sources.begin(SourceDraft(f"第{first}批.csv", f"/{first}.csv", ("评论",), 0, part=part))
    texts = [comment(number)[0] for number in range(first, first + count)]
    project.sources.append(source, [NewComment(row, text, (text,)) for row, text in enumerate(texts, 1)])
    project.sources.finish(source)
    return source


def label(project: Project, ids: list[int]) -> None:
    """As somebody would who reads them."""
    truth = {each: NEGATIVE if any(bad in text for bad in BAD) else POSITIVE for each, text in
             project.comments.texts(ids)}  # fmt: skip
    for label_id in (POSITIVE, NEGATIVE):
        chosen = [each for each in ids if truth.get(each) == label_id]
        if chosen:
            project.annotations.label(chosen, label_id, annotator="我").result(10)


@pytest.fixture
def project(tmp_path: Path) -> Any:
    with Project.create(tmp_path / "标注 项目.senti") as made:
        add(made, 300)
        yield made


def open_helper(talk: Callable[..., Talk], project: Project) -> tuple[Talk, AssistState]:
    helper = talk("assist")
    return helper, from_json(AssistState, helper.ask("open", project=str(project.folder)))


def test_it_learns_along(project: Project, talk: Callable[..., Talk]) -> None:
    helper, state = open_helper(talk, project)
    assert (state.label_ids, state.needed, state.total, state.trained_at) == ((1, 2, 3), 20, 300, 0)
    assert helper.ask("suggest", ids=[1, 2])["suggestions"] == []
    label(project, list(range(1, 20)))
    state = from_json(AssistState, helper.ask("labels_changed"))
    assert (state.needed, state.trained_on) == (1, 0)
    label(project, [20])
    state = from_json(AssistState, helper.ask("labels_changed"))
    assert (state.needed, state.trained_on, state.total, state.ranked) == (0, 20, 280, 280)
    assert state.quality is not None
    assert (state.quality.source, state.quality.count) == ("cross_validation", 20)

    answer = helper.ask("rank", queue="useful", n=40, seed=1)
    ranking = from_json(Ranking, answer)
    assert len(set(ranking.ids)) == 40
    assert not set(ranking.ids) & set(range(1, 21)), "what is labelled is shown to nobody"
    assert helper.ask("rank", queue="useful", n=40, seed=1)["ids"] == answer["ids"], "same seed, same order"
    label(project, list(ranking.ids))
    state = from_json(AssistState, helper.ask("labels_changed"))
    assert state.trained_on == 60
    found = [from_json(Suggestion, each) for each in helper.ask("suggest", ids=[299, 300])["suggestions"]]
    assert [each.id for each in found] == [299, 300]
    assert found[0].probabilities[2] > 0.7, "299 complains"
    assert found[1].probabilities[0] > 0.7
    assert found[0].probabilities[1] == 0, "nobody has ever said that anything is neutral"
    assert sum(found[0].probabilities) == pytest.approx(1, abs=0.001)

    text = comment(299)[0]
    influences = [from_json(Influence, each) for each in helper.ask("explain", comment=299)["influences"]]
    assert 0 < len(influences) <= 12
    assert influences[0].weight == 1
    strongest = text[influences[0].start : influences[0].end]
    assert any(strongest in bad for bad in BAD), strongest
    assert influences[0].label_id == NEGATIVE
    assert helper.close() == 0


def test_few_changes_are_only_counted(project: Project, talk: Callable[..., Talk]) -> None:
    label(project, list(range(1, 31)))
    helper, state = open_helper(talk, project)
    wait_until(lambda: (project.cache_folder / "assistant" / "space.npz").exists())
    helper.ask("labels_changed")
    before = from_json(AssistState, helper.ask("labels_changed"))
    label(project, list(range(31, 50)))
    state = from_json(AssistState, helper.ask("labels_changed"))
    assert (state.trained_on, state.trained_at, state.total) == (30, before.trained_at, 251)
    state = from_json(AssistState, helper.ask("learn"))
    assert state.trained_on == 49
    assert state.trained_at > before.trained_at
