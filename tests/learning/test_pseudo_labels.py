"""Pseudo-labels: what joins, what never does, what it counts for, and how it changes the training."""

from __future__ import annotations

import csv
import dataclasses
import json
import shutil
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
import torch
from invented_comments import BAD, GOOD, LABELS, sentences

from senti_studio.domain.specs import TrainingSpec, spec_from_json, spec_to_json
from senti_studio.domain.training_options import TrainingOptions
from senti_studio.domain.transfer import EarlierModel, PseudoLabels
from senti_studio.errors import UserError
from senti_studio.jobs.protocol import Event, Finished, Progress, Started, Stopped, Warned
from senti_studio.learning.checkpoint import Checkpoints
from senti_studio.learning.contract import Classifier
from senti_studio.learning.data import LabelledTexts, TrainingData
from senti_studio.learning.fit import finish_stopped, fit
from senti_studio.learning.model_folder import load_model
from senti_studio.learning.pseudo_labels import in_shares, near_copies, report_of, row_weights
from senti_studio.learning.repeat import repeat
from senti_studio.learning.steps import Stepper
from senti_studio.text.encoding import build_encoder

Specs = Callable[..., TrainingSpec]


@pytest.fixture(scope="module")
def teacher(tmp_path_factory: pytest.TempPathFactory) -> Path:
    options = TrainingOptions(epochs=12, embedding_size=12, hidden_size=8)
    rows = TrainingData(sentences(160, seed=1), sentences(40, seed=2, first_id=1000))
    out = tmp_path_factory.mktemp("老师")
    for _ in fit(TrainingSpec("run-0", "老师", "baseline", LABELS, options, "cpu"), rows, out):
        pass
    return out / "model"


@pytest.fixture
def frozen(tmp_path: Path, teacher: Path, data: TrainingData) -> Callable[..., TrainingData]:
    """The data of a run: few labelled rows, and comments without a label to ask the teacher about."""

    def made(texts: Sequence[str], name: str = "数据") -> TrainingData:
        folder = tmp_path / name
        folder.mkdir()
        shutil.copytree(teacher, folder / "teacher")
        rows = [{"id": 5000 + n, "text": text} for n, text in enumerate(texts)]
        lines = [json.dumps(row, ensure_ascii=False) for row in rows]
        (folder / "candidates.jsonl").write_text("\n".join(lines), "utf-8")
        return dataclasses.replace(data, train=sentences(24, seed=9), folder=folder)

    return made


def _with(spec: TrainingSpec, threshold: float = 0.8, most: int = 500, weight: float = 1.0) -> TrainingSpec:
    return dataclasses.replace(
        spec, pseudo=PseudoLabels(EarlierModel("run-0", "老师"), threshold, most, weight)
    )


def _joined(data: TrainingData) -> list[dict[str, object]]:
    assert data.folder is not None
    return [json.loads(line) for line in (data.folder / "pseudo.jsonl").read_bytes().splitlines()]


UNSURE = [f"{good}，{bad}" for good in GOOD[:4] for bad in BAD[:4]]
SURE = list(sentences(120, seed=31).texts)


def test_only_what_the_teacher_is_sure_of_joins_up_to_the_most(
    with_options: Specs, frozen: Callable[..., TrainingData], tmp_path: Path
) -> None:
    data = frozen([*SURE, *UNSURE])
    spec = _with(with_options(architecture="baseline"), threshold=0.8, most=20)
    events = list(fit(spec, data, tmp_path / "出"))
    rows = _joined(data)
    assert all(isinstance(row["p"], float) and row["p"] >= 0.8 for row in rows)
    by_label = [sum(row["label"] == label for row in rows) for label in (0, 1)]
    assert by_label == [20, 20]
    truth = dict(zip(SURE, sentences(120, seed=31).labels, strict=True))
    assert all(truth[str(row["text"])] == row["label"] for row in rows)
    assert not {str(row["text"]) for row in rows} & set(UNSURE)
    report = report_of(data.folder)  # type: ignore[arg-type]
    assert (report["candidates"], report["joined"]) == (136, {"1": 20, "0": 20})
    assert report["sure"]["1"] > 20, "more are over the most"
    told = next(event for event in events if isinstance(event, Warned) and event.code == "PSEUDO_JOINED")
    over = sum(report["sure"].values()) - 40 - report["near_copies"]
    assert (told.params["count"], told.params["over"]) == (40, over)
    assert told.params["labels"] == ["正面 20", "负面 20"]
    steps = [event for event in events if isinstance(event, Started)]
    assert steps[-1].total_rows == 24 + 40
    end = events[-1]
    assert isinstance(end, Finished)
    assert end.metrics["pseudo_rows"] == 40
    assert end.metrics["pseudo_agreement"] > 0.9


def test_the_surest_of_a_class_come_first(
    with_options: Specs, frozen: Callable[..., TrainingData], tmp_path: Path
) -> None:
    few, many = frozen(SURE, "少"), frozen(SURE, "多")
    spec = with_options(architecture="baseline")
    for data, most in ((few, 5), (many, 500)):
        list(fit(_with(spec, most=most), data, tmp_path / f"{most}"))
    for label in (0, 1):
        best = sorted((float(str(row["p"])) for row in _joined(many) if row["label"] == label), reverse=True)
        assert sorted(
            (float(str(row["p"])) for row in _joined(few) if row["label"] == label), reverse=True
        ) == pytest.approx(best[:5])


def test_no_copy_and_no_near_copy_of_what_is_held_out_joins(
    with_options: Specs, frozen: Callable[..., TrainingData], data: TrainingData, tmp_path: Path
) -> None:
    long = [text for text in data.test.texts if len(text) > 30][:3]
    held = [data.valid.texts[0], data.test.texts[0], *(f"{text}！" for text in long)]
    mine = frozen([*held, *SURE])
    list(fit(_with(with_options(architecture="baseline"), threshold=0.5), mine, tmp_path / "出"))
    texts = {str(row["text"]) for row in _joined(mine)}
    assert len(texts) > 50
    assert not texts & set(held)
    assert report_of(mine.folder)["near_copies"] >= 5  # type: ignore[arg-type]
    assert near_copies(["今天天气很好我们去了公园玩", "完全不同"], ["今天天气很好我们去了公园玩。"]) == [
        True,
        False,
    ]


def test_pseudo_rows_are_no_labels_of_people(
    with_options: Specs, frozen: Callable[..., TrainingData], tmp_path: Path
) -> None:
    data = frozen(SURE)
    list(fit(_with(with_options(epochs=1)), data, tmp_path / "出"))
    model = load_model(tmp_path / "出" / "model")
    assert model.card["training_rows"] == {"1": 12, "0": 12}
    assert model.prior == (0.5, 0.5)
    card = (tmp_path / "出" / "model" / "card.md").read_text("utf-8")
    assert "伪标签：“老师”看了 120 条没有标签的评论" in card
    assert "“老师” looked at 120 comments without a label" in card
    for part in ("valid", "test"):
        lines = (tmp_path / "出" / "predictions" / f"{part}.jsonl").read_bytes().splitlines()
        assert max(json.loads(line)["id"] for line in lines) < 5000


def test_what_joined_once_is_what_is_learnt_from_after_an_interruption(
    with_options: Specs, frozen: Callable[..., TrainingData], tmp_path: Path
) -> None:
    spec = _with(with_options(), most=15)
    whole, parted = frozen(SURE, "一次"), frozen(SURE, "两次")
    list(fit(spec, whole, tmp_path / "出一"))
    with closing(fit(spec, parted, tmp_path / "出二")) as events:  # type: ignore[type-var]
        for event in events:
            if isinstance(event, Progress):
                break
    # The teacher is asked once: what joined is frozen.
    assert parted.folder is not None
    shutil.rmtree(parted.folder / "teacher")
    again = TrainingData(parted.train, parted.valid, parted.test, folder=parted.folder)
    last = Checkpoints(tmp_path / "出二" / "checkpoints").last()
    assert last is not None
    list(fit(spec, again, tmp_path / "出二", resume=last))
    one, other = (load_model(tmp_path / name / "model").net.state_dict() for name in ("出一", "出二"))
    assert all(torch.equal(one[name], other[name]) for name in one)
    with closing(fit(spec, again, tmp_path / "出三")) as events:  # type: ignore[type-var]
        for event in events:
            if isinstance(event, Progress):
                break
    stopped: list[Event] = list(finish_stopped(spec, again, tmp_path / "出三"))
    assert isinstance(stopped[-1], Stopped)
    assert stopped[-1].metrics["pseudo_rows"] == len(_joined(parted))


def test_all_seeds_learn_from_the_same_rows(
    with_options: Specs, frozen: Callable[..., TrainingData], tmp_path: Path
) -> None:
    from senti_studio.domain.repetition import Repetition

    data = frozen(SURE)
    spec = _with(with_options(architecture="baseline"), most=10)
    events = list(repeat(dataclasses.replace(spec, repetition=Repetition("seeds", 2)), data, tmp_path / "出"))
    assert isinstance(events[-1], Finished)
    assert [event.total_rows for event in events if isinstance(event, Started)][1::2] == [44, 44]
    assert sum(isinstance(event, Warned) and event.code == "PSEUDO_JOINED" for event in events) == 1


def test_a_threshold_that_nothing_reaches_is_said(
    with_options: Specs, frozen: Callable[..., TrainingData], tmp_path: Path
) -> None:
    data = frozen(UNSURE)
    events = list(fit(_with(with_options(architecture="baseline"), threshold=1.0), data, tmp_path / "出"))
    assert "PSEUDO_NONE" in [event.code for event in events if isinstance(event, Warned)]
    assert isinstance(events[-1], Finished)
    assert "pseudo_rows" not in events[-1].metrics


def test_the_weight_of_a_row_is_that_of_its_gradient(spec: TrainingSpec) -> None:
    texts = ["很好 很好", "很差 很差", "一般 一般", "不错 不错"]
    _, rows = build_encoder(texts, units="words", ngrams=False, min_frequency=1, max_length=8)

    def gradient(
        weights: np.ndarray[tuple[int], np.dtype[np.float32]] | None, kept: list[int]
    ) -> torch.Tensor:
        torch.manual_seed(0)

        class Net(Classifier):
            def __init__(self) -> None:
                super().__init__()
                self.weights = torch.nn.Embedding(20, 2)

            def forward(self, batch: object) -> torch.Tensor:
                return self.weights(batch.units[0]).sum(dim=1)  # type: ignore[attr-defined, no-any-return]

        net = Net()
        stepper = Stepper(
            net,
            dataclasses.replace(spec.options, label_smoothing=0.0),
            texts=rows,
            labels=np.array([0, 1, 0, 1]),
            classes=2,
            device=torch.device("cpu"),
            precision=torch.float32,
            weights=weights,
        )
        stepper.gather(np.array(kept), 4)
        found = net.weights.weight.grad
        assert found is not None
        return found.clone()

    weighed = gradient(np.array([1, 1, 0, 0], dtype=np.float32), [0, 1, 2, 3])
    assert torch.allclose(2 * weighed, gradient(None, [0, 1]), atol=1e-6)
    data = TrainingData(
        LabelledTexts((1, 2), ("a", "b"), (0, 1)), LabelledTexts(), pseudo=LabelledTexts((3,), ("c",), (1,))
    )
    weights = row_weights(_with(spec, weight=0.25), data)
    assert weights is not None
    assert weights.mean() == pytest.approx(1.0)
    assert weights[2] / weights[0] == pytest.approx(0.25)
    assert row_weights(_with(spec), data) is None


@pytest.mark.parametrize("changed", [{"threshold": 0.3}, {"most": 0}, {"weight": 0.0}])
def test_a_spec_with_impossible_pseudo_labels_is_refused(
    spec: TrainingSpec, changed: dict[str, float]
) -> None:
    good = _with(spec)
    assert spec_from_json(json.loads(json.dumps(spec_to_json(good)))) == good
    assert good.pseudo is not None
    bad = dataclasses.replace(good, pseudo=dataclasses.replace(good.pseudo, **changed))  # type: ignore[arg-type]
    with pytest.raises(UserError) as caught:
        spec_from_json(spec_to_json(bad))
    assert caught.value.code == "BAD_SPEC"


def test_pseudo_labels_of_take_away_reviews_change_the_training_as_said(
    with_options: Specs, data_folder: Path, tmp_path: Path
) -> None:
    """80 labels and 1,500 comments without: the vocabulary grows, most of what joins is right."""
    with (data_folder / "waimai_10k" / "waimai_10k.csv").open(encoding="utf-8", newline="") as file:
        rows = [(row["review"], 1 - int(row["label"])) for row in csv.DictReader(file)]
    rows = rows[:1100] + rows[-1100:]

    def part(start: int, step: int, count: int) -> LabelledTexts:
        taken = rows[start::step][:count]
        return LabelledTexts(tuple(range(len(taken))), tuple(t for t, _ in taken), tuple(n for _, n in taken))

    few = TrainingData(part(0, 26, 80), part(5, 26, 80), part(9, 8, 200))
    spec = with_options(architecture="baseline", min_frequency=2)
    out = tmp_path / "老师"
    list(fit(spec, few, out))
    folder = tmp_path / "数据"
    folder.mkdir()
    shutil.copytree(out / "model", folder / "teacher")
    held = {*few.train.texts, *few.valid.texts, *few.test.texts}
    free = [(text, label) for text, label in rows if text not in held]
    lines = [json.dumps({"id": n, "text": text}, ensure_ascii=False) for n, (text, _) in enumerate(free)]
    (folder / "candidates.jsonl").write_text("\n".join(lines), "utf-8")
    data = dataclasses.replace(few, folder=folder)
    list(fit(_with(spec, threshold=0.9, most=200), data, tmp_path / "出"))
    joined = _joined(data)
    right = sum(free[int(str(row["id"]))][1] == row["label"] for row in joined)
    assert len(joined) > 50
    assert right > 0.85 * len(joined)
    old, new = load_model(out / "model"), load_model(tmp_path / "出" / "model")
    assert new.encoder.sizes["ngrams"] > old.encoder.sizes["ngrams"]
    assert new.card["training_rows"] == old.card["training_rows"]


def test_the_classes_keep_their_shares(
    with_options: Specs, frozen: Callable[..., TrainingData], tmp_path: Path
) -> None:
    """Half as many sure comments of one class: of the other one only as many join."""
    bad = [text for text, label in zip(SURE, sentences(120, seed=31).labels, strict=True) if label == 1]
    few = [text for text in SURE if text not in bad] + bad[:20]
    spec = _with(with_options(architecture="baseline"))
    counts = []
    for name, wanted in (("比例", spec), ("全部", dataclasses.replace(spec, pseudo=_unbalanced(spec)))):
        data = frozen(few, name)
        list(fit(wanted, data, tmp_path / f"出 {name}"))
        counts.append([sum(row["label"] == label for row in _joined(data)) for label in (0, 1)])
    (good, rest), (all_good, all_rest) = counts
    assert good == rest == all_rest
    assert all_good > 2 * good
    assert in_shares({0: [1, 2, 3, 4], 1: [5]}, {0: 20, 1: 10}) == {0: [1, 2], 1: [5]}
    assert in_shares({0: [1, 2]}, {0: 20, 1: 10}) == {0: []}


def _unbalanced(spec: TrainingSpec) -> PseudoLabels:
    assert spec.pseudo is not None
    return dataclasses.replace(spec.pseudo, balanced=False)
