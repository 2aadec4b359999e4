"""The helper finds labels that were turned round, and copies that contradict each other, in a project."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from real_workers import Talk
from test_assist import NEGATIVE, POSITIVE, add, comment, label, open_helper

from senti_studio.domain.assisting import Suspects
from senti_studio.domain.comments import NewComment, SourceDraft
from senti_studio.jobs.helper_protocol import from_json
from senti_studio.storage.project import Project


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    with Project.create(tmp_path / "标注 项目.senti") as made:
        add(made, 200)
        yield made


def test_likely_mistakes_and_contradicting_pairs(project: Project, talk: Callable[..., Talk]) -> None:
    label(project, list(range(1, 41)))
    helper, _ = open_helper(talk, project)
    failed = helper.ask("suspects", n=50)
    assert (failed["code"], failed["params"]["count"]) == ("TOO_FEW_TO_CHECK", 40)
    label(project, list(range(1, 201)))
    wrong = [20, 71, 130, 177]
    turned = {POSITIVE: NEGATIVE, NEGATIVE: POSITIVE}
    for each in wrong:
        now = project.comments.get(each).label_id
        assert now is not None
        project.annotations.label([each], turned[now], annotator="我").result(10)
    source = project.sources.begin(SourceDraft("副本.csv", "/副本.csv", ("评论",), 0))
    project.sources.append(source, [NewComment(1, comment(50)[0], (comment(50)[0],))])
    project.sources.finish(source)
    copy = max(each for part in project.comments.ids() for each in part)
    project.annotations.label([copy], NEGATIVE, annotator="我").result(10)
    found = from_json(Suspects, helper.ask("suspects", n=50))
    assert found.looked_at == 201
    assert {each.id for each in found.suspects[:5]} == {*wrong, copy}
    assert all(turned[each.label_id] == each.suggested_id for each in found.suspects[:5])
    assert all(0.5 < each.probability <= 1 for each in found.suspects[:5])
    ((first, second, alike),) = [(p.first, p.second, p.similarity) for p in found.contradictions]
    assert (first, second, alike) == (50, copy, 1.0)
    assert found.contradictions[0].suggested_id == POSITIVE
    project.kept_labels.keep([wrong[0], 50, copy], annotator="我").result(10)
    again = from_json(Suspects, helper.ask("suspects", n=2))
    assert len(again.suspects) == 2
    assert not {wrong[0], copy} & {each.id for each in again.suspects}, "confirmed labels are not asked again"
    assert again.contradictions == ()


def test_a_look_tells_how_far_it_is_and_can_be_given_up(project: Project, talk: Callable[..., Talk]) -> None:
    add(project, 1_000, first=201)
    label(project, list(range(1, 1_201)))
    helper, _ = open_helper(talk, project)
    number = helper.send("suspects", n=50)
    shares = [0.0]
    while shares[-1] == 0.0:
        told = helper.next()
        assert (told["type"], told["stage"]) == ("Progress", "checking")
        shares.append(told["rows"] / max(1, told["total"]))
    assert 0 < shares[-1] < 1
    helper.write({"id": number, "do": "cancel"})
    assert helper.last()["code"] == "CANCELLED"
    assert helper.ask("suggest", ids=[1])["type"] == "Result"
