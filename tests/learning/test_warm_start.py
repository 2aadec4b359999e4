"""Trainings that begin with an earlier model: what is taken over, what is refused, that it pays."""

from __future__ import annotations

import csv
import dataclasses
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
import torch
from invented_comments import LABELS, sentences

from senti_studio.domain.repetition import Repetition
from senti_studio.domain.specs import LabelName, TrainingSpec
from senti_studio.domain.transfer import EarlierModel
from senti_studio.errors import UserError
from senti_studio.jobs.protocol import Evaluated, Finished, Progress, Trial, Warned
from senti_studio.learning.checkpoint import Checkpoints
from senti_studio.learning.contract import Lesson
from senti_studio.learning.data import LabelledTexts, TrainingData
from senti_studio.learning.fit import fit
from senti_studio.learning.model_folder import Model, load_model
from senti_studio.learning.repeat import repeat
from senti_studio.learning.warm_start import take_over
from senti_studio.text.encoding import TextEncoder

Specs = Callable[..., TrainingSpec]


def _trained(spec: TrainingSpec, data: TrainingData, out: Path) -> Model:
    for _ in fit(spec, data, out):
        pass
    return load_model(out / "model")


def _begun(spec: TrainingSpec, **seen: int) -> TrainingSpec:
    return dataclasses.replace(spec, run_id="run-2", start=EarlierModel("run-1", "旧模型", seen))


def _changed(rows: LabelledTexts, old: str, new: str) -> LabelledTexts:
    return dataclasses.replace(rows, texts=tuple(text.replace(old, new) for text in rows.texts))


@pytest.mark.parametrize("architecture", ["lstm", "textcnn", "baseline"])
def test_known_units_keep_their_weights_and_new_ones_come_behind(
    architecture: str,
    with_options: Specs,
    data: TrainingData,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    spec = with_options(architecture=architecture, epochs=1, units="both")
    old = _trained(spec, data, tmp_path / "旧")
    new_data = dataclasses.replace(
        data, train=_changed(data.train, "老板", "掌柜"), start=tmp_path / "旧" / "model"
    )
    first: list[dict[str, torch.Tensor]] = []

    def spy(net: torch.nn.Module, lesson: Lesson) -> None:
        take_over(net, lesson)
        first.append({name: value.clone() for name, value in net.state_dict().items()})

    for module in ("net_training", "baseline"):
        monkeypatch.setattr(f"senti_studio.learning.{module}.take_over", spy)
    new = _trained(_begun(spec), new_data, tmp_path / "新")

    assert isinstance(old.encoder, TextEncoder)
    assert isinstance(new.encoder, TextEncoder)
    before = old.net.state_dict()
    for number, (one, other) in enumerate(
        zip(old.encoder.vocabularies, new.encoder.vocabularies, strict=True)
    ):
        assert other.units[: len(one.units)] == one.units
        assert any("掌" in unit for unit in other.units[len(one.units) :])
        name = f"views.{number}.embedding.weight"
        assert torch.equal(first[0][name][: len(one)], before[name])
        assert first[0][name].shape[0] == len(other) > len(one)
    name = "weights.weight" if architecture == "baseline" else "ngrams.weights.weight"
    assert old.encoder.ngrams is not None
    assert new.encoder.ngrams is not None
    grams = {unit: place for place, unit in enumerate(new.encoder.ngrams.to_json()["units"], 1)}  # type: ignore[arg-type, var-annotated]
    for place, unit in enumerate(old.encoder.ngrams.to_json()["units"], 1):  # type: ignore[arg-type, var-annotated]
        assert torch.equal(first[0][name][grams[unit]], before[name][place])
    assert not first[0][name][grams["掌柜"]].any()
    whole = "bias" if architecture == "baseline" else "out.weight"
    assert torch.equal(first[0][whole], before[whole])
    told = new.card["reading"]["start"]
    assert (told["model"], told["labels"], told["new_labels"], told["gone"]) == ("旧模型", ["1", "0"], [], [])
    assert told["new_units"] > 0


def test_labels_are_matched_by_their_keys(
    spec: TrainingSpec, data: TrainingData, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = _trained(spec, data, tmp_path / "旧")
    labels = (LabelName("neutral", "中性"), LabelName("0", "不满"))
    first: list[dict[str, torch.Tensor]] = []

    def spy(net: torch.nn.Module, lesson: Lesson) -> None:
        fresh = {name: value.clone() for name, value in net.state_dict().items()}
        take_over(net, lesson)
        first.extend((fresh, {name: value.clone() for name, value in net.state_dict().items()}))

    monkeypatch.setattr("senti_studio.learning.net_training.take_over", spy)
    renamed = dataclasses.replace(_begun(spec), labels=labels)
    new = _trained(renamed, dataclasses.replace(data, start=tmp_path / "旧" / "model"), tmp_path / "新")
    fresh, begun = first
    for name in ("out.weight", "out.bias"):
        assert torch.equal(begun[name][1], old.net.state_dict()[name][1])
        assert torch.equal(begun[name][0], fresh[name][0])
    told = new.card["reading"]["start"]
    assert (told["labels"], told["new_labels"], told["gone"]) == (["0"], ["neutral"], ["1"])


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"hidden_size": 10}, "hidden_size: 8 → 10"),
        ({"pooling": "mean"}, "pooling: max+attention → mean"),
        ({"units": "characters"}, "units: words → characters"),
        ({"repeats": 0}, "repeats: 3 → 0"),
        ({"architecture": "gru"}, "LSTM → GRU"),
    ],
)
def test_another_net_is_refused_with_what_differs(
    changed: dict[str, object],
    said: str,
    with_options: Specs,
    old_model: Path,
    data: TrainingData,
    tmp_path: Path,
) -> None:
    spec = _begun(with_options(**changed))
    with pytest.raises(UserError) as caught:
        list(fit(spec, dataclasses.replace(data, start=old_model), tmp_path))
    assert caught.value.code == "START_DOES_NOT_FIT"
    assert caught.value.params["differences"] == [said]
    assert caught.value.params["model"] == "旧模型"


@pytest.fixture(scope="module")
def old_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from senti_studio.domain.training_options import TrainingOptions

    options = TrainingOptions(epochs=1, least_steps=1, batch_size=32, embedding_size=12, hidden_size=8)
    rows = TrainingData(sentences(64, seed=1), sentences(20, seed=2, first_id=1000))
    out = tmp_path_factory.mktemp("旧 模型")
    _trained(TrainingSpec("run-1", "旧模型", "lstm", LABELS, options, "cpu"), rows, out)
    return out / "model"


@pytest.mark.parametrize("architecture", ["gru", "baseline"])
def test_goes_on_after_an_interruption_as_if_there_had_been_none(
    architecture: str, with_options: Specs, data: TrainingData, tmp_path: Path
) -> None:
    spec = with_options(architecture=architecture)
    _trained(spec, data, tmp_path / "旧")
    begun = _begun(spec)
    data = dataclasses.replace(
        data, train=_changed(data.train, "老板", "掌柜"), start=tmp_path / "旧" / "model"
    )
    whole = _trained(begun, data, tmp_path / "一次").net.state_dict()
    with closing(fit(begun, data, tmp_path / "两次")) as events:  # type: ignore[type-var]
        for event in events:
            if isinstance(event, (Progress, Evaluated)):
                break
    resume = Checkpoints(tmp_path / "两次" / "checkpoints").last()
    for _ in fit(begun, data, tmp_path / "两次", resume=resume):
        pass
    again = load_model(tmp_path / "两次" / "model").net.state_dict()
    assert all(torch.equal(whole[name], again[name]) for name in whole)


def test_comments_that_the_model_has_learnt_from_are_said(
    spec: TrainingSpec, old_model: Path, data: TrainingData, tmp_path: Path
) -> None:
    data = dataclasses.replace(data, start=old_model)
    with closing(fit(_begun(spec, test=4, valid=2), data, tmp_path)) as events:  # type: ignore[type-var]
        warned = next(event for event in events if isinstance(event, Warned))
    assert (warned.code, warned.params) == ("START_HAS_SEEN", {"model": "旧模型", "test": 4, "valid": 2})


@pytest.mark.parametrize("architecture", ["lstm", "baseline"])
def test_sixty_comments_more_teach_more_when_a_model_was_there_before(
    architecture: str, with_options: Specs, data_folder: Path, tmp_path: Path
) -> None:
    """1,200 take-away reviews first, then 60 others and one epoch; nothing of the test part was learnt."""
    with (data_folder / "waimai_10k" / "waimai_10k.csv").open(encoding="utf-8", newline="") as file:
        rows = [(row["review"], 1 - int(row["label"])) for row in csv.DictReader(file)]
    rows = rows[:1200] + rows[-1200:]

    def part(start: int, step: int, count: int) -> LabelledTexts:
        taken = rows[start::step][:count]
        return LabelledTexts(tuple(range(len(taken))), tuple(t for t, _ in taken), tuple(n for _, n in taken))

    options = {
        "learning_rate": 2e-3,
        "least_steps": 40,
        "batch_size": 32,
        "embedding_size": 32,
        "hidden_size": 24,
    }
    spec = with_options(architecture=architecture, epochs=2, min_frequency=2, **options)
    _trained(spec, TrainingData(part(0, 2, 1200), part(1, 20, 120)), tmp_path / "旧")
    few = TrainingData(part(3, 40, 60), part(5, 20, 120), part(7, 4, 600))
    spec = with_options(architecture=architecture, epochs=1, **options)

    def accuracy(spec: TrainingSpec, data: TrainingData, out: Path) -> float:
        end = list(fit(spec, data, out))[-1]
        assert isinstance(end, Finished)
        return float(end.metrics["test_accuracy"])

    cold = accuracy(spec, few, tmp_path / "冷")
    warm = accuracy(_begun(spec), dataclasses.replace(few, start=tmp_path / "旧" / "model"), tmp_path / "热")
    assert warm > cold + 0.05


def test_an_encoder_goes_on_with_all_its_layers(
    with_options: Specs, data: TrainingData, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """BERT: its vocabulary is not extended; of the head the rows of known labels stay."""
    small = {"encoder": "scratch-tiny", "epochs": 1, "learning_rate": 1e-3, "ngrams": False}
    spec = with_options(architecture="bert", **small)
    old = _trained(spec, data, tmp_path / "旧")
    first: list[dict[str, torch.Tensor]] = []

    def spy(net: torch.nn.Module, lesson: Lesson) -> None:
        take_over(net, lesson)
        first.append({name: value.clone() for name, value in net.state_dict().items()})

    monkeypatch.setattr("senti_studio.learning.net_training.take_over", spy)
    labels = (LabelName("0", "负面"), LabelName("1", "正面"), LabelName("neutral", "中性"))
    begun = dataclasses.replace(_begun(spec), labels=labels)
    data = dataclasses.replace(data, start=tmp_path / "旧" / "model")
    new = _trained(begun, data, tmp_path / "新")
    before = old.net.state_dict()
    heads = [name for name in before if before[name].shape[0] == 2 and first[0][name].shape[0] == 3]
    assert heads
    for name, weights in before.items():
        if name in heads:
            assert torch.equal(first[0][name][:2], weights.flip(0))
        else:
            assert torch.equal(first[0][name], weights)
    told = new.card["reading"]["start"]
    assert (told["new_units"], told["new_labels"]) == (0, ["neutral"])


def test_a_search_leaves_the_net_as_large_as_it_is(
    spec: TrainingSpec, old_model: Path, data: TrainingData, tmp_path: Path
) -> None:
    begun = dataclasses.replace(_begun(spec), repetition=Repetition("search", 3))
    begun = dataclasses.replace(begun, options=dataclasses.replace(begun.options, epochs=1))
    events = list(repeat(begun, dataclasses.replace(data, start=old_model), tmp_path))
    trials = [event for event in events if isinstance(event, Trial)]
    assert [trial.state for trial in trials] == ["done"] * 3
    tried = set().union(*(trial.options for trial in trials))
    assert tried
    assert not tried & {"hidden_size", "units"}
