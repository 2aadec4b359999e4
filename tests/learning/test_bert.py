"""BERT and its kin: every family is trained from a folder, interrupted, resumed, saved, loaded and used."""

from __future__ import annotations

import dataclasses
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from killed_training import kill_after_a_checkpoint, started
from safetensors.torch import load_file
from tiny_encoders import FAMILIES, make_encoder

from senti_studio.domain.architectures import default_options, with_encoder, with_other_defaults
from senti_studio.domain.run_states import RunState
from senti_studio.domain.specs import TrainingSpec
from senti_studio.jobs.protocol import Finished, Progress, Started
from senti_studio.jobs.run_folder import RunFolder
from senti_studio.learning.architectures import REGISTRY
from senti_studio.learning.batches import make_batch
from senti_studio.learning.bert.architecture import read_encoder
from senti_studio.learning.checkpoint import Checkpoints
from senti_studio.learning.data import TrainingData
from senti_studio.learning.fit import fit
from senti_studio.learning.predict import Predictor
from senti_studio.operations.encoders import defaults_like

Specs = Callable[..., TrainingSpec]


@pytest.fixture
def of_encoder(spec: TrainingSpec) -> Specs:
    def made(encoder: object, **options: Any) -> TrainingSpec:
        small = {"epochs": 3, "least_steps": 1, "batch_size": 16, "learning_rate": 3e-3, "seed": 7}
        usual = default_options("bert", str(encoder))
        chosen = dataclasses.replace(usual, **{**small, **options})
        return dataclasses.replace(spec, architecture="bert", options=chosen)

    return made


def _weights(out: Path) -> dict[str, torch.Tensor]:
    return load_file(out / "model" / "weights.safetensors")


def _same(one: dict[str, torch.Tensor], other: dict[str, torch.Tensor]) -> bool:
    return one.keys() == other.keys() and all(torch.equal(one[name], other[name]) for name in one)


@pytest.mark.parametrize("family", sorted(FAMILIES))
def test_every_family_trains_goes_on_bit_by_bit_and_classifies(
    family: str,
    of_encoder: Specs,
    data: TrainingData,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("senti_studio.learning.pace.EVENT_INTERVAL_S", 0.0)
    folder = make_encoder(family, tmp_path / "编码器 一")
    spec = of_encoder(folder)
    end = list(fit(spec, data, tmp_path / "一次"))[-1]
    assert isinstance(end, Finished)
    out = tmp_path / "两次"
    events = fit(spec, data, out)
    for event in events:
        if isinstance(event, Progress) and event.step == 13:
            events.close()  # type: ignore[attr-defined]
    shutil.rmtree(folder)  # what was read of it travels with the run
    list(fit(spec, data, out, resume=Checkpoints(out / "checkpoints").last()))
    assert _same(_weights(tmp_path / "一次"), _weights(out))

    told = Predictor.load(shutil.copytree(out / "model", tmp_path / "别处" / "模型"), "cpu")
    lines = (out / "predictions" / "test.jsonl").read_bytes().splitlines()
    said = np.array([json.loads(line)["p"] for line in lines])
    assert np.abs(told.probabilities(data.test.texts) - said).max() <= 1e-5
    assert np.abs(told.probabilities(data.test.texts, batch_size=1) - said).max() <= 1e-5, "padding is seen"
    (reason,) = told.explain(data.test.texts[:1])[0].explanations
    missing = sum(reason.characters) + reason.rest - reason.difference
    assert abs(missing) <= 0.02 * max(abs(reason.difference), 0.1)


@pytest.mark.parametrize("family", ["bert", "modernbert"])
def test_it_learns(family: str, of_encoder: Specs, data: TrainingData, tmp_path: Path) -> None:
    folder = make_encoder(family, tmp_path / "编码器")
    end = list(fit(of_encoder(folder, epochs=8), data, tmp_path / "运行"))[-1]
    assert isinstance(end, Finished)
    assert end.metrics["test_accuracy"] >= 0.85


def test_an_encoder_from_nothing(of_encoder: Specs, data: TrainingData, tmp_path: Path) -> None:
    for name in ("甲", "乙"):
        list(fit(of_encoder("scratch-tiny", epochs=1), data, tmp_path / name))
    assert _same(_weights(tmp_path / "甲"), _weights(tmp_path / "乙"))
    for size, layers in (("scratch-tiny", 2), ("scratch-mini", 4), ("scratch-small", 6)):
        encoder = REGISTRY["bert"].learn_encoder(list(data.train.texts), of_encoder(size).options)[0]
        assert encoder.net["num_hidden_layers"] == layers  # type: ignore[attr-defined]


def test_the_weights_of_the_folder_are_where_training_begins(
    of_encoder: Specs, data: TrainingData, tmp_path: Path
) -> None:
    folder = make_encoder("bert", tmp_path / "编码器")
    there = load_file(folder / "model.safetensors")
    list(fit(of_encoder(folder, epochs=1, averaging=0.0), data, tmp_path / "运行"))
    found = _weights(tmp_path / "运行")
    name = "encoder.layer.0.attention.self.query.weight"
    moved = (found[f"model.bert.{name}"] - there[name]).abs().max()
    assert 0 < moved < 0.03
    torch.save(there, folder / "pytorch_model.bin")
    (folder / "model.safetensors").unlink()
    list(fit(of_encoder(folder, epochs=1, averaging=0.0), data, tmp_path / "另一次"))
    assert _same(found, _weights(tmp_path / "另一次")), "pickled weights are the same weights"


@pytest.mark.parametrize("family", ["bert", "roberta", "xlnet"])
@pytest.mark.parametrize("truncation", ["head_tail", "head", "tail"])
def test_long_texts_keep_their_ends_and_the_marks(
    family: str, truncation: str, of_encoder: Specs, tmp_path: Path
) -> None:
    folder = make_encoder(family, tmp_path / "编码器")
    options = of_encoder(folder, max_length=12, truncation=truncation).options
    text = "房间很大，早餐不错。" * 4000
    encoder, texts = REGISTRY["bert"].learn_encoder([text, "好"], options)
    (view,) = texts.views
    ids = view.ids[: view.offsets[1]].tolist()
    whole = encoder.tokenizer.encode(text, add_special_tokens=True).ids  # type: ignore[attr-defined]
    marks = encoder.marks  # type: ignore[attr-defined]
    content = whole[len(marks.before) : len(whole) - len(marks.behind)]
    room = 12 - marks.count
    tail = {"head": 0, "tail": room}.get(truncation, room // 4)
    kept = content[: room - tail] + content[len(content) - tail :]
    assert ids == [*marks.before, *kept, *marks.behind]
    assert view.cut == 1
    assert texts.cut_share == 0.5


def test_the_greatest_length_follows_the_comments_and_the_net(of_encoder: Specs, tmp_path: Path) -> None:
    folder = make_encoder("bert", tmp_path / "编码器", max_position_embeddings=40)

    def length(texts: list[str], **options: Any) -> int:
        return REGISTRY["bert"].learn_encoder(texts, of_encoder(folder, **options).options)[0].max_length

    assert length(["好房间"] * 50) == 16
    assert length(["大小好早" * 6] * 50) == 26
    assert length(["大小好早" * 60] * 50) == 40
    assert length(["好"], max_length=9) == 9
    assert length(["好"], max_length=300) == 40


def test_the_same_texts_give_the_same_ids_as_the_tokenizer_of_transformers(
    of_encoder: Specs, data: TrainingData, tmp_path: Path
) -> None:
    import transformers

    for family in ("bert", "roberta", "xlnet", "deberta-v2"):
        folder = make_encoder(family, tmp_path / family)
        encoder, texts = REGISTRY["bert"].learn_encoder(list(data.test.texts), of_encoder(folder).options)
        known = transformers.AutoTokenizer.from_pretrained(folder)
        (view,) = texts.views
        for number, text in enumerate(data.test.texts):
            ids = view.ids[view.offsets[number] : view.offsets[number + 1]].tolist()
            wanted = known(text)["input_ids"]
            assert ids == wanted or len(wanted) > encoder.max_length, family
        assert view.cut < len(data.test) / 2


def test_rows_are_what_transformers_makes_of_a_padded_batch(
    of_encoder: Specs, data: TrainingData, tmp_path: Path
) -> None:
    """Mask, padding and its side: the logits are those of the library used as its manual says."""
    import transformers

    for family in ("roberta", "xlnet"):
        out = tmp_path / family
        list(fit(of_encoder(make_encoder(family, out / "编码器"), epochs=1), data, out))
        net = Predictor.load(out / "model", "cpu")._model.net
        known = transformers.AutoTokenizer.from_pretrained(out / "编码器")
        known.padding_side = "left" if family == "xlnet" else "right"
        texts = list(data.test.texts[:8])
        given = known(texts, padding=True, return_tensors="pt")
        encoder = read_encoder(out / "model")
        with torch.inference_mode():
            wanted = net.model(given["input_ids"], attention_mask=given["attention_mask"]).logits
            found = net(make_batch(encoder.encode(texts), np.arange(8), torch.device("cpu")))
        assert torch.allclose(found, wanted, atol=1e-5), family


def test_defaults_follow_the_encoder() -> None:
    new, learnt = default_options("bert"), default_options("bert", "/编码器")
    assert new.learning_rate > 5 * learnt.learning_rate
    assert with_encoder(new, "bert", "/编码器") == learnt
    assert with_encoder(learnt, "bert", "scratch-mini") == new
    changed = dataclasses.replace(new, epochs=5)
    assert with_encoder(changed, "bert", "/编码器") == dataclasses.replace(learnt, epochs=5)
    assert with_other_defaults(with_other_defaults(learnt, "bert", "lstm"), "lstm", "bert") == learnt
    in_the_box = default_options("bert", "senti-mini")
    assert in_the_box.ngrams
    assert not learnt.ngrams
    assert with_encoder(learnt, "bert", "senti-mini") == in_the_box
    assert with_encoder(in_the_box, "bert", "/编码器") == learnt
    assert defaults_like("senti-mini") == "senti-mini"


@pytest.mark.alone
def test_a_run_that_was_killed_goes_on_as_if_nothing_had_been(
    of_encoder: Specs, make_run: Callable[..., RunFolder], data: TrainingData, tmp_path: Path
) -> None:
    encoder = make_encoder("bert", tmp_path / "编码器")
    spec = of_encoder(encoder, epochs=6)
    whole, folder = make_run(spec, data, "一次"), make_run(spec, data, "两次")
    assert started(whole).wait(120) == 0, whole.log_tail()
    kill_after_a_checkpoint(folder)
    assert folder.state() is RunState.INTERRUPTED
    assert started(folder, "--resume").wait(120) == 0, folder.log_tail()
    starts = [event for event in folder.events() if isinstance(event, Started)]
    assert len(starts) == 2
    assert starts[1].resumed_from_step > 0
    for name in ("weights.safetensors", "tokenizer.json", "encoder.json"):
        assert (folder.model / name).read_bytes() == (whole.model / name).read_bytes()
