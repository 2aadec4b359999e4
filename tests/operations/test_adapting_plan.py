"""What an encoder may read before it is trained on: never what is tested later; and what is said before."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pytest
from desks import Desk

from senti_studio.domain.adapt_forecast import forecast_adapting, remarks_before
from senti_studio.domain.adapting import AdaptOptions, AdaptSpec, default_adapt_options
from senti_studio.domain.architectures import default_options
from senti_studio.domain.comments import CommentFilter
from senti_studio.domain.encoder_size import EncoderSize, Machine
from senti_studio.domain.near_groups import NearSummary
from senti_studio.errors import UserError
from senti_studio.jobs.run_folder import RunFolder
from senti_studio.operations import adapting, training
from senti_studio.operations.adapting import AdaptRequest
from senti_studio.operations.encoders import defaults_like
from senti_studio.operations.models import list_models
from senti_studio.operations.training import TrainingRequest
from senti_studio.shelf.entries import Source, write_note
from senti_studio.shelf.findings import Facts

REQUEST = AdaptRequest(default_adapt_options("scratch-tiny"))


def _rows(folder: RunFolder, *names: str) -> list[dict[str, object]]:
    return [
        json.loads(line)
        for name in names
        for line in (folder.data / f"{name}.jsonl").read_bytes().splitlines()
    ]


def test_nothing_that_is_judged_later_is_read(desk: Desk) -> None:
    project = desk.project
    desk.take_many(120)
    desk.take([(f"没有标签的评论 {n}", None) for n in range(80)], name="没有标签.csv")
    assert not project.test_sets.visible()
    folder = adapting.create_run(project, REQUEST)
    assert project.test_sets.visible(), "the test set is drawn before anything is read"
    read = {row["id"] for row in _rows(folder, "train", "valid")}
    assert all(set(row) == {"id", "text"} for row in _rows(folder, "train", "valid")), "labels stay outside"
    later = training.create_run(project, TrainingRequest("lstm"))
    judged = {row["id"] for row in _rows(later, "valid", "test")}
    assert project.test_sets.visible() <= judged
    assert not judged & read
    learnt = {row["id"] for row in _rows(later, "train")}
    assert learnt <= read, "the comments that are learnt from may be read"

    spec = folder.spec()
    assert isinstance(spec, AdaptSpec)
    assert spec.left_out == {"held_out": len(judged)}
    assert spec.rows["train"] + spec.rows["valid"] == len(read) == 200 - len(judged)
    run = training.list_runs(project)[1]
    assert (run.kind.value, run.encoder, run.data_rows) == ("adapt", "scratch-tiny", dict(spec.rows))
    assert list_models(project) == []


def test_copies_near_copies_and_given_parts_are_left_out(desk: Desk) -> None:
    project = desk.project
    desk.take_many(120)
    desk.take([(f"要测试的评论 {n}", 1 + n % 2) for n in range(10)], name="测试.csv")
    test = dict(project.comments.texts(sorted(_ids(desk, "测试.csv"))))
    copied, resembled = list(test.values())[:2]
    desk.take(
        [(f"没有标签的评论 {n}", None) for n in range(60)]
        + [
            ("重复的话", None),
            ("重复的话", None),
            (copied, None),
            (f"{resembled}！！", None),
            ("被排除的", None),
        ],
        name="没有标签.csv",
    )
    every = {
        text: at
        for block in project.comments.ids(CommentFilter())
        for at, text in project.comments.texts(block)
    }
    project.annotations.exclude([every["被排除的"]], annotator="我").result()
    pairs = sorted([(every[f"{resembled}！！"], 7), (every[resembled], 7)])
    project.near_groups.write(pairs, min(every.values()), max(every.values()))
    project.near_groups.conclude(NearSummary(1, 2, len(every), 0.1))
    request = AdaptRequest(REQUEST.options, test_source="测试.csv")
    folder = adapting.create_run(project, request)
    texts = [row["text"] for row in _rows(folder, "train", "valid")]
    assert len(texts) == len(set(texts))
    assert not set(texts) & {*test.values(), f"{resembled}！！", "被排除的"}
    assert "重复的话" in texts
    spec = folder.spec()
    assert isinstance(spec, AdaptSpec)
    assert spec.left_out["same_as_held_out"] == 2
    assert spec.left_out["repeated"] >= 1
    assert spec.left_out["excluded"] == 1
    assert len(texts) + sum(spec.left_out.values()) == 120 + 10 + 65


def test_a_training_that_is_judged_on_what_was_read_says_so(desk: Desk, home: Path) -> None:
    project = desk.project
    desk.take_many(120)
    run = adapting.create_run(project, REQUEST)
    shelved = home / "encoders" / "读过的"
    shelved.mkdir(parents=True)
    note = {"run": run.id, "from": "scratch-tiny"}
    source = Source("adapted", "scratch-tiny")
    write_note(shelved, name="读过的", facts=Facts(), source=source, files={}, adapted=note)

    def said(**options: object) -> list[object]:
        chosen = dataclasses.replace(default_options("bert", "读过的"), **options)  # type: ignore[arg-type]
        plan = training.survey(project, TrainingRequest("bert", chosen))
        return [params for code, params in plan.warnings if code == "ADAPT_HAS_SEEN"]

    assert said() == [], "of a training with default options nothing was read"
    (other,) = said(seed=5)
    assert isinstance(other, dict)
    assert other["test"] == 0, "the test set does not depend on the seed"
    assert other["valid"] > 0
    assert said(seed=5, encoder="scratch-tiny") == []
    assert defaults_like("读过的") == "scratch-tiny"


def _ids(desk: Desk, source: str) -> set[int]:
    wanted = CommentFilter(source_ids=frozenset({desk.project.sources.find(source).id}))
    return {each for block in desk.project.comments.ids(wanted) for each in block}


def test_without_labels_it_says_that_no_test_is_set_aside(desk: Desk) -> None:
    desk.take([(f"没有标签的评论 {n}", None) for n in range(60)], name="没有标签.csv")
    plan = adapting.plan(desk.project, REQUEST)
    assert [code for code, _ in plan.warnings] == ["ADAPT_TOO_LITTLE", "ADAPT_BEFORE_TEST_SET"]
    assert plan.rows == {"train": 57, "valid": 3}
    assert 57 * 8 < plan.tokens < 57 * 12
    assert plan.forecast.tokens == plan.tokens * REQUEST.options.epochs
    assert plan.forecast.seconds > 0
    assert plan.target == f"tiny-{desk.project.name}"
    assert adapting.create_run(desk.project, REQUEST).path.is_dir()


@pytest.mark.parametrize(
    ("options", "code"),
    [
        (AdaptOptions("没有的编码器"), "ENCODER_NOT_FOUND"),
        (AdaptOptions(mask_share=1.5), "BAD_SPEC"),
        (AdaptOptions(encoder=""), "BAD_SPEC"),
        (AdaptOptions(), "ADAPT_TOO_FEW"),
    ],
)
def test_what_cannot_start_is_refused_and_leaves_nothing(
    desk: Desk, options: AdaptOptions, code: str
) -> None:
    desk.take([(f"没有标签的评论 {n}", None) for n in range(20)], name="没有标签.csv")
    with pytest.raises(UserError) as caught:
        adapting.create_run(desk.project, AdaptRequest(options))
    assert caught.value.code == code
    assert not [path for path in desk.project.runs_folder.iterdir() if path.is_dir()]


def test_a_damaged_spec_is_told_with_all_that_is_wrong(tmp_path: Path) -> None:
    folder = RunFolder.create(tmp_path / "运行", AdaptSpec("一", "一", "新"))
    values = json.loads(folder.spec_path.read_bytes())
    values |= {"rows": {"train": "很多"}, "options": {**values["options"], "epochs": 0}}
    folder.spec_path.write_text(json.dumps(values), "utf-8")
    with pytest.raises(UserError) as caught:
        folder.spec()
    assert caught.value.code == "BAD_SPEC"
    assert [each.partition("=")[0] for each in caught.value.params["problems"]] == ["epochs", "rows"]


def test_it_is_said_before_what_a_machine_cannot_do() -> None:
    mini = EncoderSize(4, 256, 4, 1024, 4_700_000, 6000)
    base = EncoderSize(12, 768, 12, 3072, 102_000_000, 21_128)

    def said(size: EncoderSize, encoder: str, tokens: int, rate: float = 2e11) -> list[str]:
        found = forecast_adapting(size, Machine(0, rate), tokens=tokens, length=60, mask_share=0.2)
        return [code for code, _ in remarks_before(encoder, found)]

    assert said(mini, "scratch-mini", 2_000_000) == ["ADAPT_TOO_LITTLE"]
    assert said(mini, "scratch-mini", 30_000_000) == []
    assert said(mini, "scratch-mini", 30_000_000, rate=5e9) == ["ADAPT_TOO_SLOW_HERE"]
    assert said(mini, "scratch-mini", 2_000_000_000) == ["ADAPT_TAKES_LONG"]
    assert said(base, "macbert", 1_000_000) == []
    assert said(base, "macbert", 10_000_000) == ["ADAPT_TAKES_LONG"]
    assert said(mini, "scratch-mini", 300_000_000, rate=0.0) == [], "of a graphics card nothing is known here"
