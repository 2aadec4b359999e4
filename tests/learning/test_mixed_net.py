"""Several nets that say together what they think, the one that learns from them, and the words in the box."""

from __future__ import annotations

import copy
import dataclasses
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from invented_comments import sentences

from senti_studio.domain.model_card import card_text
from senti_studio.domain.specs import TrainingSpec
from senti_studio.domain.transfer import EarlierModel
from senti_studio.errors import UserError
from senti_studio.jobs.protocol import CheckpointSaved, Evaluated, Finished, Progress, Stopped
from senti_studio.learning import distilling
from senti_studio.learning.architectures import architecture
from senti_studio.learning.batches import make_batch
from senti_studio.learning.checkpoint import Checkpoints
from senti_studio.learning.contract import as_trained
from senti_studio.learning.data import LabelledTexts, TrainingData
from senti_studio.learning.fit import finish_stopped, fit
from senti_studio.learning.general_vectors import general_vectors
from senti_studio.learning.loop import Loop
from senti_studio.learning.model_folder import Model, load_model
from senti_studio.learning.onnx_export import export_onnx
from senti_studio.learning.predict import Predictor
from senti_studio.learning.python_api import load
from senti_studio.learning.text_net import MixedNet, TextNet

Specs = Callable[..., TrainingSpec]
MIXED: dict[str, Any] = {"units": "both", "mix": "views"}
TEXTS = sentences(30, seed=9).texts
_CPU = torch.device("cpu")


def _trained(spec: TrainingSpec, data: TrainingData, out: Path) -> Model:
    events = list(fit(spec, data, out))
    assert isinstance(events[-1], Finished)
    return load_model(out / "model")


def _mix(model: Model) -> MixedNet:
    assert isinstance(model.net, MixedNet)
    return model.net


@pytest.mark.parametrize("architecture", ["lstm", "gru", "rnn", "textcnn"])
def test_the_members_say_together_the_mean_of_what_each_says(
    architecture: str, with_options: Specs, data: TrainingData, tmp_path: Path
) -> None:
    model = _trained(with_options(architecture=architecture, epochs=1, **MIXED), data, tmp_path / "组合")
    net = _mix(model)
    assert net.reads == (0, 0, 1)
    assert [member.ngrams is not None for member, _ in net.pairs] == [True, False, False]
    batch = make_batch(model.encoder.encode(TEXTS), np.arange(len(TEXTS)), _CPU)
    with torch.inference_mode():
        said = net(batch).softmax(dim=1)
        alone = [member(net._part(batch, at)).log_softmax(dim=1) for member, at in net.pairs]
    assert torch.allclose(said, torch.stack(alone).mean(dim=0).softmax(dim=1), atol=1e-6)
    assert not torch.allclose(alone[0], alone[1], atol=1e-3)


def test_members_learn_each_for_itself(with_options: Specs, data: TrainingData, tmp_path: Path) -> None:
    """A member's gradient does not depend on what the others say."""
    net = _mix(_trained(with_options(epochs=1, **MIXED), data, tmp_path / "组合"))
    encoder = load_model(tmp_path / "组合" / "model").encoder
    batch = make_batch(encoder.encode(TEXTS), np.arange(len(TEXTS)), _CPU)
    net.train()
    said = net(batch)
    assert said.shape == (3, len(TEXTS), 2)
    said[1].sum().backward()
    touched = {
        name.split(".")[1]
        for name, value in net.named_parameters()
        if value.grad is not None and bool(value.grad.any())
    }
    assert touched == {"1"}


def test_without_ngrams_there_is_a_member_for_each_kind_of_units(
    with_options: Specs, data: TrainingData, tmp_path: Path
) -> None:
    options = {**MIXED, "ngrams": False}
    assert _mix(_trained(with_options(epochs=1, **options), data, tmp_path / "无")).reads == (0, 1)


def test_each_member_is_kept_as_it_was_at_its_own_best(
    with_options: Specs, data: TrainingData, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not as all were when they were best together: at another pace they are never best at once."""
    history: list[tuple[list[float], list[dict[str, Any]]]] = []
    judge = Loop.judge_members

    def recorded(loop: Loop, found: Any, labels: Any) -> Any:
        assert isinstance(loop.average, MixedNet)
        now = [copy.deepcopy(member.state_dict()) for member, _ in loop.average.pairs]
        history.append(([one.loss for one in found], now))
        return judge(loop, found, labels)

    monkeypatch.setattr(Loop, "judge_members", recorded)
    # So fast that what has n-grams soon learns the training rows by heart.
    hard = _with_wrong_labels(data)
    spec = with_options(epochs=8, stop_on="loss", learning_rate=0.02, averaging=0.0, **MIXED)
    out = tmp_path / "组合"
    model = _trained(spec, hard, out)
    best = [min(range(len(history)), key=lambda at: history[at][0][each]) for each in range(3)]
    assert len(set(best)) > 1
    for number, (member, _) in enumerate(_mix(model).pairs):
        expected = history[best[number]][1][number]
        assert all(torch.equal(value, expected[name]) for name, value in member.state_dict().items())
    loss = min(entry["valid_loss"] for entry in model.card["history"])
    assert model.card["metrics"]["valid_loss"] == pytest.approx(loss, abs=1e-5)
    assert model.card["metrics"]["best_epoch"] == max(best) + 1
    epochs = [at + 1 for at in best]
    told = model.card["reading"]["members"]
    assert told == [
        {"reads": reads, "ngrams": ngrams, "epoch": epoch}
        for reads, ngrams, epoch in zip(
            ("words", "words", "characters"), (True, False, False), epochs, strict=True
        )
    ]
    for language, word in (("zh", f"字（第 {epochs[2]}.0 轮）"), ("en", f"characters (epoch {epochs[2]}.0)")):
        assert word in card_text(model.card, language)
    assert "evaluation on the validation part was kept (" not in card_text(model.card, "en")
    assert export_onnx(out / "model", tmp_path / "导出", TEXTS).difference <= 1e-5
    by_name = {key: position for position, key in enumerate(("正面", "负面"))}
    said = load(out / "model")(hard.valid.texts)
    expected = Predictor.load(out / "model", "cpu").probabilities(hard.valid.texts)
    for one, row in zip(said, expected, strict=True):
        assert one.probability == pytest.approx(float(row[by_name[one.label]]), abs=1e-5)


def _with_wrong_labels(data: TrainingData) -> TrainingData:
    """Every fourth row says the opposite: a net that learns them by heart gets worse."""
    rows = data.train
    wrong = [1 - label if number % 4 == 0 else label for number, label in enumerate(rows.labels)]
    return dataclasses.replace(data, train=dataclasses.replace(rows, labels=tuple(wrong)))


def test_a_training_of_a_mix_ends_when_no_member_gains(
    with_options: Specs, data: TrainingData, tmp_path: Path
) -> None:
    spec = with_options(epochs=30, patience=1, learning_rate=0.02, stop_on="loss", **MIXED)
    events = list(fit(spec, _with_wrong_labels(data), tmp_path / "组合"))
    judged = [event for event in events if isinstance(event, Evaluated) and event.split == "valid"]
    assert [event.is_best for event in judged[:-1]] == [True] * (len(judged) - 1)
    assert not judged[-1].is_best
    assert judged[-1].patience_left == 0
    assert 2 <= len(judged) < 30
    # What is kept does not change where nobody gains.
    assert judged[-1].loss == judged[-2].loss


HARMS: dict[str, Callable[[dict[str, Any]], Any]] = {
    "a member less": lambda training: training["members"]["gained"].pop(),
    "no members": lambda training: training.pop("members"),
    "no running mean": lambda training: training.pop("average"),
    "fewer rows": lambda training: training["members"].update(said=training["members"]["said"][:, :5]),
    "fewer classes": lambda training: training["members"].update(said=training["members"]["said"][:, :, :1]),
    "one row of numbers": lambda training: training["members"].update(said=torch.zeros(3)),
    "probabilities that are none": lambda training: training["members"]["said"].fill_(float("nan")),
    "figures that are none": lambda training: training["members"].update(gained=[(float("nan"),) * 3] * 3),
}


def test_harmed_members_of_a_checkpoint_are_told(
    with_options: Specs, data: TrainingData, tmp_path: Path
) -> None:
    spec, out = with_options(epochs=3, **MIXED), tmp_path / "损坏"
    events = fit(spec, data, out)
    for event in events:
        if isinstance(event, CheckpointSaved):
            events.close()  # type: ignore[attr-defined]
            break
    last = Checkpoints(out / "checkpoints").last()
    assert last is not None
    (last.path / "sums.json").unlink()
    whole = (last.path / "training.pt").read_bytes()
    for name, harm in HARMS.items():
        (last.path / "training.pt").write_bytes(whole)
        training = last.training()
        harm(training)
        torch.save(training, last.path / "training.pt")
        with pytest.raises(UserError) as caught:
            list(fit(spec, data, out, resume=last))
        assert caught.value.code == "CHECKPOINT_DAMAGED", name


@pytest.mark.parametrize(("lost", "kept"), [(2.0, "pupil"), (-2.0, "mix")])
def test_the_pupil_takes_the_place_of_the_mix_where_it_is_as_right(
    lost: float,
    kept: str,
    with_options: Specs,
    data: TrainingData,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(distilling, "LOST_F1", lost)
    monkeypatch.setattr(distilling, "LOST_LOSS", 10.0)
    out = tmp_path / "蒸馏"
    model = _trained(with_options(epochs=2, units="both", mix="distilled"), data, out)
    facts = model.card["reading"]["distilled"]
    assert facts["kept"] == kept
    assert ("together they taught one more" if kept == "pupil" else "their mean counts") in card_text(
        model.card, "en"
    )
    _require_kept(model, kept)
    weights = (out / "model" / "weights.safetensors").stat().st_size
    whole = _trained(with_options(epochs=1, **MIXED), data, tmp_path / "组合")
    assert whole.card["reading"].get("distilled") is None
    of_mix = (tmp_path / "组合" / "model" / "weights.safetensors").stat().st_size
    assert (weights < of_mix) if kept == "pupil" else (weights == of_mix)
    shares = Predictor.load(out / "model", "cpu").probabilities(TEXTS)
    with (out / "predictions" / "valid.jsonl").open(encoding="utf-8") as lines:
        told = [json.loads(line)["p"] for line in lines]
    again = Predictor.load(out / "model", "cpu").probabilities(data.valid.texts)
    assert np.abs(again - np.array(told)).max() < 1e-5
    assert model.encoder.sizes.keys() == {"words", "ngrams", *(["characters"] if kept == "mix" else [])}
    assert export_onnx(out / "model", tmp_path / "导出", TEXTS).difference <= 1e-5
    assert shares.shape == (len(TEXTS), 2)


def _require_kept(model: Model, kept: str) -> None:
    """A pupil is a net like any other; a mix has no pupil any more."""
    if kept == "pupil":
        assert isinstance(model.net, TextNet)
        assert len(model.net.views) == 1
        return
    assert len(_mix(model).members) == 3
    assert _mix(model).pupil is None


@pytest.mark.parametrize(
    ("lost", "options"), [(2.0, {"units": "words", "mix": "none"}), (-2.0, {"units": "both", "mix": "views"})]
)
def test_another_training_begins_with_what_was_distilled(
    lost: float,
    options: dict[str, Any],
    with_options: Specs,
    data: TrainingData,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(distilling, "LOST_F1", lost)
    monkeypatch.setattr(distilling, "LOST_LOSS", 10.0)
    model = _trained(with_options(epochs=1, units="both", mix="distilled"), data, tmp_path / "蒸馏")
    spec = dataclasses.replace(with_options(epochs=1, **options), start=EarlierModel("run-0", "蒸馏"))
    go_on = dataclasses.replace(data, start=tmp_path / "蒸馏" / "model")
    later = _trained(spec, go_on, tmp_path / "后来")
    assert later.net.state_dict().keys() == model.net.state_dict().keys()
    other = dataclasses.replace(spec, options=dataclasses.replace(spec.options, mix="distilled"))
    with pytest.raises(UserError) as caught:
        list(fit(other, go_on, tmp_path / "不行"))
    assert caught.value.code == "START_DOES_NOT_FIT"
    assert f"mix: {options['mix']} → distilled" in caught.value.params["differences"]


def test_the_pupil_comes_near_to_what_the_mix_says(
    with_options: Specs, data: TrainingData, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without its lessons it is farther away: the same training, in which its distance is not looked at."""
    monkeypatch.setattr(
        "senti_studio.learning.fit.architecture",
        lambda key: dataclasses.replace(architecture(key), chosen=as_trained),
    )
    spec = with_options(epochs=3, units="both", mix="distilled")
    taught = _distance(spec, data, tmp_path / "教")
    monkeypatch.setattr("senti_studio.learning.steps.distance", lambda pupil, teachers: 0.0 * pupil.sum())
    assert taught < 0.7 * _distance(spec, data, tmp_path / "不教")


def _distance(spec: TrainingSpec, data: TrainingData, out: Path) -> float:
    model = _trained(spec, data, out)
    net = _mix(model)
    assert net.pupil is not None
    batch = make_batch(model.encoder.encode(TEXTS), np.arange(len(TEXTS)), _CPU)
    with torch.inference_mode():
        alone = net.pupil(net._part(batch, 0))
        each = torch.stack([member(net._part(batch, at)) for member, at in net.pairs])
    return float(distilling.distance(alone, each))


@pytest.mark.parametrize(("lost", "kept"), [(2.0, "pupil"), (-2.0, "mix")])
def test_a_distilled_training_that_is_stopped_keeps_what_it_would_have_at_its_end(
    lost: float,
    kept: str,
    with_options: Specs,
    data: TrainingData,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(distilling, "LOST_F1", lost)
    monkeypatch.setattr(distilling, "LOST_LOSS", 10.0)
    monkeypatch.setattr("senti_studio.learning.pace.EVENT_INTERVAL_S", 0.0)
    spec, out = with_options(epochs=3, units="both", mix="distilled"), tmp_path / "停"
    events = fit(spec, data, out)
    for event in events:
        if isinstance(event, Progress) and event.step >= 10:
            events.close()  # type: ignore[attr-defined]
            break
    assert isinstance(list(finish_stopped(spec, data, out))[-1], Stopped)
    model = load_model(out / "model")
    _require_kept(model, kept)
    assert model.card["reading"]["distilled"]["kept"] == kept
    assert Predictor.load(out / "model", "cpu").probabilities(TEXTS).shape == (len(TEXTS), 2)


def test_a_mix_is_exported_and_explained_like_any_net(
    with_options: Specs, data: TrainingData, tmp_path: Path
) -> None:
    _trained(with_options(epochs=2, **MIXED), data, tmp_path / "组合")
    report = export_onnx(tmp_path / "组合" / "model", tmp_path / "导出", TEXTS)
    assert report.difference <= 1e-5
    text = "房间很大，早餐不错，说实话服务热情"
    reasons = load(tmp_path / "组合" / "model").explain(text)
    difference = reasons.score - reasons.blank
    weights = sum(reasons.characters) + reasons.rest
    assert abs(weights - difference) <= 0.02 * max(abs(difference), 0.1)
    assert sum(weight for word, weight in reasons.words if word in ("不错", "热情")) > 0


def test_words_in_the_box_are_known_though_no_comment_has_them(with_options: Specs, tmp_path: Path) -> None:
    """What is like a word of the training is read like it; without the box it is an unknown word."""
    train = _about(("好吃", "难吃"), 40)
    data = TrainingData(train, _about(("好吃", "难吃"), 12))
    unseen = ("这家的饭很美味", "这家的饭很糟糕", "这家的饭很鲜美", "这家的饭很恶心")
    base = {"ngrams": False, "epochs": 6, "embedding_size": 128, "min_frequency": 1}
    spec = with_options(vectors="general", **base)
    known = _trained(spec, data, tmp_path / "附带")
    assert {"美味", "糟糕"} <= set(known.encoder.vocabularies[0].units)  # type: ignore[attr-defined]
    good = Predictor.load(tmp_path / "附带" / "model", "cpu").probabilities(unseen)[:, 0]
    assert min(good[0], good[2]) > max(good[1], good[3])
    _trained(with_options(**base), data, tmp_path / "无")
    blind = Predictor.load(tmp_path / "无" / "model", "cpu").probabilities(unseen)[:, 0]
    assert np.ptp(blind) < 0.2 * np.ptp(good)


def _about(words: tuple[str, str], count: int) -> LabelledTexts:
    texts = [f"这家的饭很{words[number % 2]}" + "，" * (number // 2 % 3) for number in range(count)]
    return LabelledTexts(tuple(range(count)), tuple(texts), tuple(number % 2 for number in range(count)))


@pytest.mark.parametrize("view", ["words", "characters"])
def test_the_vectors_in_the_box_mean_something(view: str) -> None:
    file = general_vectors(view)
    assert file.size == 128
    assert len(file.vectors) == {"words": 30_000, "characters": 8_000}[view]
    near = {"words": [("好吃", "美味", "口罩"), ("酒店", "宾馆", "疫情")], "characters": [("好", "棒", "疫")]}

    def alike(one: str, other: str) -> float:
        a, b = file.vectors[one], file.vectors[other]
        return float(a @ b / np.linalg.norm(a) / np.linalg.norm(b))

    for word, like, unlike in near[view]:
        assert alike(word, like) > alike(word, unlike) + 0.1
