"""A teacher: what is learnt of it, whom it is asked about, and how much better its pupil is for it."""

from __future__ import annotations

import csv
import dataclasses
import json
import shutil
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from statistics import mean
from typing import Any

import numpy as np
import pytest
import torch
from invented_comments import LABELS, sentences

from senti_studio import paths
from senti_studio.domain.architectures import default_options
from senti_studio.domain.repetition import Repetition
from senti_studio.domain.specs import DataSummary, TrainingSpec, spec_from_json, spec_to_json
from senti_studio.domain.teaching import Teaching
from senti_studio.domain.training_options import TrainingOptions
from senti_studio.domain.transfer import EarlierModel
from senti_studio.errors import UserError
from senti_studio.jobs.protocol import Finished, Progress, Stopped, Warned
from senti_studio.learning.checkpoint import Checkpoints
from senti_studio.learning.data import LabelledTexts, TrainingData
from senti_studio.learning.fit import finish_stopped, fit
from senti_studio.learning.model_folder import load_model
from senti_studio.learning.predict import Predictor
from senti_studio.learning.repeat import repeat
from senti_studio.learning.soft_targets import pull, softened

Specs = Callable[..., TrainingSpec]
Frozen = Callable[..., TrainingData]
OTHERS = list(sentences(60, seed=31).texts)


@pytest.fixture(scope="module")
def teacher(tmp_path_factory: pytest.TempPathFactory) -> Path:
    options = TrainingOptions(epochs=12)
    rows = TrainingData(sentences(160, seed=1), sentences(40, seed=2, first_id=1000))
    out = tmp_path_factory.mktemp("老师")
    for _ in fit(TrainingSpec("run-0", "老师", "baseline", LABELS, options, "cpu"), rows, out):
        pass
    return out / "model"


@pytest.fixture
def frozen(tmp_path: Path, teacher: Path, data: TrainingData) -> Frozen:
    def made(texts: Sequence[str] = OTHERS, name: str = "数据") -> TrainingData:
        folder = tmp_path / name
        folder.mkdir()
        shutil.copytree(teacher, folder / "teacher")
        lines = [
            json.dumps({"id": 5000 + n, "text": text}, ensure_ascii=False) for n, text in enumerate(texts)
        ]
        (folder / "candidates.jsonl").write_text("\n".join(lines), "utf-8")
        return dataclasses.replace(data, train=sentences(24, seed=9), folder=folder)

    return made


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The texts that any model was asked about."""
    seen: list[str] = []
    real = Predictor.probabilities

    def noted(self: Predictor, texts: Sequence[str], **given: Any) -> Any:
        seen.extend(texts)
        return real(self, texts, **given)

    monkeypatch.setattr(Predictor, "probabilities", noted)
    return seen


def _with(spec: TrainingSpec, **wanted: Any) -> TrainingSpec:
    return dataclasses.replace(spec, teaching=Teaching(EarlierModel("run-0", "老师"), **wanted))


@pytest.mark.parametrize(
    "options",
    [
        {"architecture": "lstm", "units": "both", "mix": "views", "r_drop": 1.0},
        {"architecture": "gru", "class_weights": "auto", "adversarial": 0.1},
        {"architecture": "textcnn", "loss": "focal"},
        {"architecture": "bert", "encoder": "scratch-tiny", "learning_rate": 1e-3},
        {"architecture": "bert", "encoder": "scratch-tiny", "freeze": "body"},
    ],
)
def test_every_pupil_learns_goes_on_bit_by_bit_and_is_compared(
    options: dict[str, Any], with_options: Specs, frozen: Frozen, tmp_path: Path
) -> None:
    spec = _with(with_options(**options))
    whole, parted = frozen(name="一次"), frozen(name="两次")
    end = list(fit(spec, whole, tmp_path / "出一"))[-1]
    with closing(fit(spec, parted, tmp_path / "出二")) as events:  # type: ignore[type-var]
        for event in events:
            if isinstance(event, Progress):
                break
    # It is asked once; then only for the figures of the end.
    assert parted.folder is not None
    again = TrainingData(parted.train, parted.valid, parted.test, folder=parted.folder)
    last = Checkpoints(tmp_path / "出二" / "checkpoints").last()
    assert last is not None
    list(fit(spec, again, tmp_path / "出二", resume=last))
    one, other = (load_model(tmp_path / name / "model").net.state_dict() for name in ("出一", "出二"))
    assert one.keys() == other.keys()
    assert all(torch.equal(one[name], other[name]) for name in one)
    assert isinstance(end, Finished)
    assert end.metrics["taught_rows"] == 60
    assert end.metrics["teacher_accuracy"] > 0.9
    assert end.metrics["teacher_rows_per_s"] > 0
    assert end.metrics["pupil_rows_per_s"] > 0
    card = (tmp_path / "出一" / "model" / "card.md").read_text("utf-8")
    assert "跟“老师”学（温度 2.0，人工标签占损失的 0.5），另有 60 条" in card


def test_rows_that_are_held_out_are_never_learnt_from(
    with_options: Specs, frozen: Frozen, asked: list[str], tmp_path: Path
) -> None:
    held = [*sentences(30, seed=3).texts[:10], *sentences(40, seed=2).texts[:10]]
    near = [text + "。" for text in held if len(text) > 30]
    data = frozen([*OTHERS, *held, *near])
    events = iter(fit(_with(with_options(epochs=1)), data, tmp_path / "出"))
    told = next(event for event in events if isinstance(event, Warned) and event.code == "TEACHER_ASKED")
    assert near
    assert told.params == {"model": "老师", "labelled": 24, "unlabelled": 60}
    assert not set(asked) & {*data.test.texts, *data.valid.texts, *near}
    assert isinstance(list(events)[-1], Finished)
    taught = [json.loads(line) for line in (tmp_path / "数据" / "taught.jsonl").read_bytes().splitlines()]
    assert {row["text"] for row in taught} == set(OTHERS)


def test_what_a_teacher_says_is_kept_by_content(
    with_options: Specs, frozen: Frozen, asked: list[str], tmp_path: Path
) -> None:
    spec = _with(with_options(epochs=1))
    list(fit(spec, frozen(name="甲"), tmp_path / "出一"))
    assert len([text for text in asked if text in OTHERS]) == 60
    asked.clear()
    # Another training with more comments: only these are new to it.
    list(fit(spec, frozen([*OTHERS, "新来的一条评论"], "乙"), tmp_path / "出二"))
    assert [text for text in asked if text in OTHERS] == []
    assert "新来的一条评论" in asked
    one, other = (np.load(tmp_path / name / "taught.npy") for name in ("甲", "乙"))
    assert np.array_equal(one, other[:-1])
    (kept,) = (paths.cache_folder() / "teachers").iterdir()
    for damaged in (b"", b"PK\x03\x04 nothing", kept.read_bytes()[:-200]):
        kept.write_bytes(damaged)
        asked.clear()
        shutil.rmtree(tmp_path / "丙", ignore_errors=True)
        list(fit(spec, frozen(name="丙"), tmp_path / "出三"))
        assert len([text for text in asked if text in OTHERS]) == 60, "asked again"
        assert np.array_equal(np.load(tmp_path / "丙" / "taught.npy"), one)


def test_a_place_where_nothing_can_be_kept_is_no_obstacle(
    with_options: Specs, frozen: Frozen, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "文件").write_text("不是文件夹", "utf-8")
    monkeypatch.setenv("SENTI_STUDIO_HOME", str(tmp_path / "文件"))
    assert isinstance(list(fit(_with(with_options(epochs=1)), frozen(), tmp_path / "出"))[-1], Finished)


def test_damaged_opinions_of_a_run_are_told(with_options: Specs, frozen: Frozen, tmp_path: Path) -> None:
    data, spec = frozen(), _with(with_options(epochs=1))
    list(fit(spec, data, tmp_path / "出"))
    whole = np.load(tmp_path / "数据" / "taught.npy")
    for bad in (whole[:-1], np.full_like(whole, np.nan), whole.astype(np.float64)):
        np.save(tmp_path / "数据" / "taught.npy", bad)
        with pytest.raises(UserError, match="RUN_DAMAGED"):
            list(fit(spec, data, tmp_path / "再"))


def test_a_teacher_with_other_labels_is_refused(with_options: Specs, frozen: Frozen, tmp_path: Path) -> None:
    spec = with_options(epochs=1)
    other = dataclasses.replace(spec, labels=(LABELS[0], dataclasses.replace(LABELS[1], key="别的")))
    with pytest.raises(UserError, match="TEACHER_OTHER_LABELS"):
        list(fit(_with(other), frozen(), tmp_path / "出"))


def test_a_stopped_training_and_seeds_keep_their_teacher(
    with_options: Specs, frozen: Frozen, tmp_path: Path
) -> None:
    data, spec = frozen(), _with(with_options(epochs=2))
    with closing(fit(spec, data, tmp_path / "出")) as events:  # type: ignore[type-var]
        for event in events:
            if isinstance(event, Progress):
                break
    stopped = list(finish_stopped(spec, data, tmp_path / "出"))[-1]
    assert isinstance(stopped, Stopped)
    assert stopped.metrics["teacher_accuracy"] > 0.9
    twice = dataclasses.replace(spec, repetition=Repetition("seeds", 2))
    assert isinstance(list(repeat(twice, data, tmp_path / "多次"))[-1], Finished)


def test_soft_targets_are_what_they_are_said_to_be() -> None:
    logits = torch.tensor([[2.0, 0.0, -1.0], [0.3, 0.2, 0.1]])
    shares = softened(logits.softmax(1).numpy(), 2.0)
    assert np.allclose(shares, (logits / 2).softmax(1).numpy(), atol=1e-6)
    assert torch.allclose(pull(logits, torch.from_numpy(shares), 2.0), torch.zeros(2), atol=1e-5)
    away = pull(torch.zeros(2, 3), torch.from_numpy(shares), 2.0)
    assert away[0] > 10 * away[1] > 0
    assert np.isfinite(softened(np.array([[1.0, 0.0]], np.float32), 1.0)).all()


@pytest.mark.parametrize("changed", [{"temperature": 0.5}, {"hard_share": 1.0}, {"most": -1}])
def test_a_spec_with_impossible_teaching_is_refused(spec: TrainingSpec, changed: dict[str, float]) -> None:
    good = _with(spec)
    assert spec_from_json(json.loads(json.dumps(spec_to_json(good)))) == good
    with pytest.raises(UserError, match="BAD_SPEC"):
        spec_from_json(spec_to_json(_with(spec, **changed)))


@pytest.mark.long
def test_pupils_of_take_away_reviews_are_better_for_their_teacher(data_folder: Path, tmp_path: Path) -> None:
    """200 labels are few for a small LSTM; TF-IDF learns more of them, and passes it on through 1,000 others
    that nobody has labelled."""
    with (data_folder / "waimai_10k" / "waimai_10k.csv").open(encoding="utf-8", newline="") as file:
        rows = [(row["review"], 1 - int(row["label"])) for row in csv.DictReader(file)]
    rows = rows[:2500] + rows[-2500:]

    def part(start: int, step: int, count: int) -> LabelledTexts:
        taken = rows[start::step][:count]
        return LabelledTexts(tuple(range(len(taken))), tuple(t for t, _ in taken), tuple(n for _, n in taken))

    few = TrainingData(part(0, 25, 200), part(5, 60, 80), part(9, 8, 600))
    held = {*few.train.texts, *few.valid.texts, *few.test.texts}
    options = default_options("baseline")
    spec = TrainingSpec("r", "店", "baseline", LABELS, options, "cpu", DataSummary({"train": 200}, "a" * 64))
    list(fit(spec, few, tmp_path / "老师"))
    folder = tmp_path / "数据"
    folder.mkdir()
    shutil.copytree(tmp_path / "老师" / "model", folder / "teacher")
    free = [text for text, _ in rows if text not in held][::4][:1000]
    lines = [json.dumps({"id": n, "text": text}, ensure_ascii=False) for n, text in enumerate(free)]
    (folder / "candidates.jsonl").write_text("\n".join(lines), "utf-8")
    small = {"epochs": 5, "embedding_size": 32, "hidden_size": 32, "ngrams": False}
    found: dict[str, list[float]] = {"alone": [], "taught": []}
    for seed in (1, 2, 3):
        one = dataclasses.replace(
            spec, architecture="lstm", options=dataclasses.replace(TrainingOptions(), **small, seed=seed)
        )
        for name, wanted, data in (
            ("alone", one, few),
            ("taught", _with(one), dataclasses.replace(few, folder=folder)),
        ):
            end = list(fit(wanted, data, tmp_path / f"{name} {seed}"))[-1]
            assert isinstance(end, Finished)
            found[name].append(end.metrics["test_macro_f1"])
    assert mean(found["taught"]) > mean(found["alone"]) + 0.05, found
