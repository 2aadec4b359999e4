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


def test_a_restarted_helper_has_its_cache(project: Project, talk: Callable[..., Talk]) -> None:
    label(project, list(range(1, 41)))
    helper, _ = open_helper(talk, project)
    space = project.cache_folder / "assistant" / "space.npz"
    wait_until(space.exists)
    assert helper.close() == 0
    made = {name: (space.parent / name).stat().st_mtime_ns for name in ("features.bin", "space.npz")}
    helper, state = open_helper(talk, project)
    assert (state.trained_on, state.ranked) == (40, 260)
    helper.ask("rank", queue="useful", n=10)
    assert made == {name: (space.parent / name).stat().st_mtime_ns for name in made}, "nothing was made anew"
    (space.parent / "header.json").write_bytes(b"{}")
    assert helper.close() == 0
    helper, state = open_helper(talk, project)
    assert (state.trained_on, state.ranked) == (40, 260)
    helper.kill()
    space.write_bytes(b"no")
    helper, state = open_helper(talk, project)
    assert (state.trained_on, state.ranked) == (40, 260)


def test_two_windows_have_an_assistant_each(project: Project, talk: Callable[..., Talk]) -> None:
    label(project, list(range(1, 41)))
    helper, one = open_helper(talk, project)
    second, other = open_helper(talk, project)
    assert (one.ranked, other.ranked) == (260, 260)
    said = [each.ask("suggest", ids=[299])["suggestions"] for each in (helper, second)]
    assert said[0] == said[1]
    assert (helper.close(), second.close()) == (0, 0)


def test_an_import_extends_it_and_a_removal_hides(project: Project, talk: Callable[..., Talk]) -> None:
    label(project, list(range(1, 41)))
    helper, state = open_helper(talk, project)
    source = add(project, 200, first=1001)
    wait_until(lambda: helper.ask("labels_changed")["ranked"] == 460)
    state = from_json(AssistState, helper.ask("labels_changed"))
    assert state.total == 460
    ranking = from_json(Ranking, helper.ask("rank", queue="useful", n=500, source_ids=[source]))
    assert sorted(ranking.ids) == list(range(301, 501))
    project.sources.remove(source).result(10)
    state = from_json(AssistState, helper.ask("labels_changed"))
    assert (state.total, state.ranked) == (260, 260)
    ranking = from_json(Ranking, helper.ask("rank", queue="useful", n=500))
    assert max(ranking.ids) <= 300
    assert len(ranking.ids) == 260
    project.sources.restore(source).result(10)
    assert helper.ask("labels_changed")["total"] == 460


def test_skipped_excluded_and_test_comments_are_not_shown(
    project: Project, talk: Callable[..., Talk]
) -> None:
    label(project, list(range(1, 121)))
    project.test_sets.draw([*range(91, 121), *range(201, 221)])
    copies = [comment(number)[0] for number in (91, 92, 201)]
    source = project.sources.begin(SourceDraft("副本.csv", "/副本.csv", ("评论",), 0))
    project.sources.append(source, [NewComment(row, text, (text,)) for row, text in enumerate(copies, 1)])
    project.sources.finish(source)
    label(project, [301, 302, 303])
    project.annotations.skip([130], annotator="我").result(10)
    project.annotations.exclude([131, 5], annotator="我").result(10)
    project.near_groups.write([(10, 1), (91, 1)], 1, 300)
    helper, state = open_helper(talk, project)
    assert state.trained_on == 90 - 2, (
        "neither the test set, nor its texts under another id, nor what is left out"
    )
    assert state.quality is not None
    assert (state.quality.source, state.quality.count) == ("test_set", 30)
    assert state.quality.accuracy > 0.8
    ids = set(from_json(Ranking, helper.ask("rank", queue="useful", n=1000)).ids)
    assert ids == set(range(121, 301)) - {130, 131} - set(range(201, 221))
    assert state.total == len(ids)


def test_what_disagrees_comes_surest_first(project: Project, talk: Callable[..., Talk]) -> None:
    label(project, list(range(1, 201)))
    project.annotations.label([7], POSITIVE, annotator="我").result(10)  # 7 complains
    project.annotations.label([8], NEGATIVE, annotator="我").result(10)
    helper, _ = open_helper(talk, project)
    ranking = from_json(Ranking, helper.ask("rank", queue="disagrees", n=10))
    assert set(ranking.ids[:2]) == {7, 8}
    assert ranking.total == 200
    ranking = from_json(Ranking, helper.ask("rank", queue="disagrees", n=10, label_id=NEGATIVE))
    assert ranking.ids[0] == 7
    assert 8 not in ranking.ids
    answer = helper.ask("rank", queue="mistakes", n=10)
    assert (answer["type"], answer["code"]) == ("Failed", "BAD_REQUEST")


def test_one_class_and_other_labels(project: Project, talk: Callable[..., Talk]) -> None:
    project.annotations.label(list(range(2, 62, 2)), POSITIVE, annotator="我").result(10)
    helper, state = open_helper(talk, project)
    assert (state.needed, state.trained_on) == (1, 0), "one class says nothing"
    assert len(from_json(Ranking, helper.ask("rank", queue="useful", n=30)).ids) == 30
    label(project, [1, 3])
    state = from_json(AssistState, helper.ask("learn"))
    assert (state.needed, state.trained_on) == (0, 32)
    added = project.labels.list()[0].__class__("9", "不知道", "purple", "9")
    project.labels.add(added, annotator="我").result(10)
    state = from_json(AssistState, helper.ask("labels_changed"))
    assert len(state.label_ids) == 4
    suggestion = from_json(Suggestion, helper.ask("suggest", ids=[3])["suggestions"][0])
    assert len(suggestion.probabilities) == 4
    project.annotations.label(list(range(1, 62)), None, annotator="我").result(10)
    state = from_json(AssistState, helper.ask("labels_changed"))
    assert (state.needed, state.trained_on, state.quality) == (20, 0, None)
    assert helper.ask("suggest", ids=[3])["suggestions"] == []


def test_odd_comments(project: Project, talk: Callable[..., Talk]) -> None:
    odd = ("房间很大，" * 8_000, "😀👍🏽🎉", "مرحبا بالعالم", " ", "a")
    source = project.sources.begin(SourceDraft("怪.csv", "/怪.csv", ("评论",), 0))
    project.sources.append(source, [NewComment(row, text, (text,)) for row, text in enumerate(odd, 1)])
    project.sources.finish(source)
    label(project, [*range(1, 60), 301, 302, 303, 304])
    helper, state = open_helper(talk, project)
    assert state.trained_on == 63
    found = helper.ask("suggest", ids=[301, 302, 303, 304, 305, 99_999])["suggestions"]
    assert [each["id"] for each in found] == [301, 302, 303, 304, 305]
    for comment_id, text in enumerate(odd, 301):
        for each in helper.ask("explain", comment=comment_id)["influences"]:
            assert 0 <= each["start"] < each["end"] <= len(text)
        assert helper.ask("similar", comment=comment_id, n=5)["type"] == "Result"
    near = helper.ask("similar", comment=1, n=5)["neighbours"]
    assert len(near) == 5
    assert 1 not in [each["id"] for each in near]
    assert helper.ask("explain", comment=99_999)["influences"] == []
    assert helper.ask("similar", comment=99_999, n=3)["neighbours"] == []


def test_it_is_cancelled_and_goes_on(tmp_path: Path, talk: Callable[..., Talk]) -> None:
    with Project.create(tmp_path / "大.senti") as project:
        source = project.sources.begin(SourceDraft("大.csv", "/大.csv", ("评论",), 0))
        for start in range(0, 20_000, 2_000):
            texts = [comment(start + number)[0] * 3 for number in range(2_000)]
            project.sources.append(
                source, [NewComment(start + row, text, (text,)) for row, text in enumerate(texts, 1)]
            )
        project.sources.finish(source)
        helper = talk("assist")
        assert helper.ask("rank", queue="useful", n=1)["code"] == "BAD_REQUEST", "nothing is open yet"
        number = helper.send("open", project=str(project.folder))
        assert helper.next()["type"] == "Progress"
        helper.write({"id": number, "do": "cancel"})
        assert helper.last()["code"] == "CANCELLED"
        state = from_json(AssistState, helper.ask("open", project=str(project.folder)))
        assert state.total == 20_000
        missing = helper.ask("open", project=str(tmp_path / "没有.senti"))
        assert missing["code"] == "PROJECT_NOT_FOUND"


def test_the_model_of_a_run_speaks(project: Project, talk: Callable[..., Talk], model_folder: Path) -> None:
    label(project, list(range(1, 61)))
    helper, _ = open_helper(talk, project)
    state = from_json(AssistState, helper.ask("use_model", run=str(model_folder)))
    assert state.source == str(model_folder)
    assert state.ranked > 0
    found = helper.ask("suggest", ids=[299, 300])["suggestions"]
    assert found[0]["probabilities"][2] > 0.5 > found[0]["probabilities"][0]
    assert found[1]["probabilities"][0] > 0.5
    assert helper.ask("explain", comment=299)["influences"]
    assert len(helper.ask("rank", queue="useful", n=20)["ids"]) == 20
    assert helper.ask("use_model", run="没有")["code"] == "MODEL_NOT_FOUND"
    assert helper.ask("labels_changed")["source"] == str(model_folder), "as it was"
    assert helper.ask("use_model", run="")["source"] == "assistant"
