"""Which comments a training may ask an earlier model about, and the report of what came of it."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pytest
from desks import Desk, pretend_finished

from senti_studio.cli.pseudo_words import say_pseudo
from senti_studio.cli.terminal import Terminal
from senti_studio.domain.near_groups import NearSummary
from senti_studio.domain.repetition import Repetition
from senti_studio.domain.specs import TrainingSpec
from senti_studio.domain.training_options import TrainingOptions
from senti_studio.domain.transfer import PseudoRequest
from senti_studio.errors import UserError
from senti_studio.jobs.run_folder import RunFolder
from senti_studio.operations import training
from senti_studio.operations.pseudo_report import pseudo_report
from senti_studio.operations.training import TrainingRequest

OPTIONS = TrainingOptions(epochs=3)


@pytest.fixture
def earlier(desk: Desk) -> RunFolder:
    desk.take_many(120)
    folder = training.create_run(desk.project, TrainingRequest("lstm", OPTIONS, name="老师"))
    pretend_finished(folder)
    config = {"architecture": "lstm", "version": 1}
    (folder.model / "config.json").write_text(json.dumps(config), "utf-8")
    return folder


def _texts(folder: RunFolder, name: str) -> set[str]:
    return {json.loads(line)["text"] for line in (folder.data / name).read_bytes().splitlines()}


def _create(desk: Desk, earlier: RunFolder, **more: object) -> RunFolder:
    request = TrainingRequest("lstm", OPTIONS, pseudo=PseudoRequest(earlier.id), **more)  # type: ignore[arg-type]
    return training.create_run(desk.project, request)


def test_only_comments_without_a_label_that_resemble_nothing_held_out(desk: Desk, earlier: RunFolder) -> None:
    project = desk.project
    test, train = sorted(_texts(earlier, "test.jsonl")), sorted(_texts(earlier, "train.jsonl"))
    desk.take(
        [
            ("一条新的评论", None), ("一条新的评论", None), ("另一条新的", None), ("被跳过的", None),
            ("被排除的", None), (test[0], None), (train[0], None), (f"{test[1]}！！", None), ("有标签的", 1),
        ],
        name="没有标签.csv",
    )  # fmt: skip
    ids = {text: at for block in project.comments.ids(_all()) for at, text in project.comments.texts(block)}
    project.annotations.skip([ids["被跳过的"]], annotator="我").result()
    project.annotations.exclude([ids["被排除的"]], annotator="我").result()
    pairs = sorted([(ids[f"{test[1]}！！"], 7), (ids[test[1]], 7)])
    project.near_groups.write(pairs, min(ids.values()), max(ids.values()))
    project.near_groups.conclude(NearSummary(1, 2, len(ids), 0.1))
    folder = _create(desk, earlier)
    assert _texts(folder, "candidates.jsonl") == {"一条新的评论", "另一条新的"}
    assert (folder.data / "teacher" / "weights.safetensors").exists()
    spec = folder.spec()
    assert isinstance(spec, TrainingSpec)
    assert spec.pseudo is not None
    assert spec.pseudo.model.name == "老师"
    assert sum(spec.data.rows.values()) == 121, "one label came"


def test_comments_of_a_user_of_the_test_part_stay_out(desk: Desk, earlier: RunFolder) -> None:
    """`编号` of the desk is another one for each comment, but here rows of both files share them."""
    desk.take([(f"新评论 {n}", None) for n in range(1, 31)], name="没有标签.csv")
    everybody = _texts(_create(desk, earlier), "candidates.jsonl")
    assert len(everybody) == 30
    folder = _create(desk, earlier, group_column="编号")
    held = [json.loads(line)["id"] for name in ("valid", "test") for line in _lines(folder, name)]
    numbers = {int(cell) for cell in desk.project.original_cells.of(held, "编号").values()}
    there = _texts(folder, "candidates.jsonl")
    assert there == {f"新评论 {n}" for n in range(1, 31) if n not in numbers}
    assert there < everybody


def _lines(folder: RunFolder, part: str) -> list[bytes]:
    return (folder.data / f"{part}.jsonl").read_bytes().splitlines()


def _all():  # type: ignore[no-untyped-def]
    from senti_studio.domain.comments import CommentFilter

    return CommentFilter()


def test_the_data_is_the_same_with_and_without_them(desk: Desk, earlier: RunFolder) -> None:
    desk.take([("新评论", None)], name="没有标签.csv")
    one, other = earlier.spec(), _create(desk, earlier).spec()
    assert isinstance(one, TrainingSpec)
    assert isinstance(other, TrainingSpec)
    assert one.data.sha256 == other.data.sha256


@pytest.mark.parametrize(
    ("pseudo", "repetition", "code"),
    [
        (PseudoRequest("last", threshold=0.2), Repetition(), "BAD_SPEC"),
        (PseudoRequest("last"), Repetition("folds", 3), "PSEUDO_NO_FOLDS"),
        (PseudoRequest("没有的"), Repetition(), "MODEL_NOT_FOUND"),
    ],
)
def test_impossible_requests_are_refused(
    pseudo: PseudoRequest, repetition: Repetition, code: str, desk: Desk, earlier: RunFolder
) -> None:
    request = TrainingRequest("lstm", OPTIONS, pseudo=pseudo, repetition=repetition)
    with pytest.raises(UserError) as caught:
        training.create_run(desk.project, request)
    assert caught.value.code == code
    assert [path.name for path in Path(desk.project.runs_folder).iterdir()] == [earlier.id]


def test_the_report_compares_with_the_same_training_without_them(
    desk: Desk, earlier: RunFolder, capsys: pytest.CaptureFixture[str]
) -> None:
    desk.take([(f"新评论 {n}", None) for n in range(9)], name="没有标签.csv")
    other_options = training.create_run(
        desk.project, TrainingRequest("lstm", dataclasses.replace(OPTIONS, seed=5))
    )
    pretend_finished(other_options)
    folder = _create(desk, earlier)
    assert pseudo_report(desk.project, folder.id) is None, "nobody has been asked yet"
    pretend_finished(folder)
    report = {
        "candidates": 9, "near_copies": 1, "sure": {"1": 6, "2": 1}, "joined": {"1": 3, "2": 1},
        "teacher": {"sure": 10, "right": 8},
    }  # fmt: skip
    (folder.data / "pseudo.json").write_text(json.dumps(report), "utf-8")
    card = {"metrics": {"pseudo_agreement": 0.75}}
    (folder.model / "card.json").write_text(json.dumps(card), "utf-8")
    found = pseudo_report(desk.project, folder.id)
    assert found is not None
    assert (found.over, found.agreement, found.teacher_right) == (2, 0.75, 8)
    assert (found.unsure, found.balanced, found.over_because) == (2, True, "shares")
    assert dataclasses.replace(found, most=5).over_because == "both", "6 were sure of one class"
    assert dataclasses.replace(found, balanced=False).over_because == "most"
    for language, words in (
        (
            "zh",
            "（正面 3、中性 1、负面 0），为保持各类比例不用 2 条，把握不够 2 条，与留出部分近似而不用 1 条",
        ),
        (
            "en",
            "left out: 2 so that classes keep their shares, 2 not sure enough, 1 too near to held-out ones",
        ),
    ):
        say_pseudo(Terminal(open_window=lambda *_: 0, language=language), found)
        assert words in capsys.readouterr().out
    assert found.without is not None
    assert found.without.run.id == earlier.id
    assert found.without.is_test
    assert found.without.change == pytest.approx({"accuracy": 0.0, "macro_f1": 0.0})
    assert pseudo_report(desk.project, earlier.id) is None
