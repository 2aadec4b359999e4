"""A BERT that weighs runs of characters beside its encoder, in everything that a model goes through."""

from __future__ import annotations

import dataclasses
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from killed_training import interrupted_and_resumed
from safetensors.torch import load_file
from tiny_encoders import make_encoder

from senti_studio.domain.architectures import default_options, options_of
from senti_studio.domain.specs import TrainingSpec
from senti_studio.domain.transfer import EarlierModel
from senti_studio.errors import UserError
from senti_studio.learning.architectures import REGISTRY
from senti_studio.learning.batches import make_batch
from senti_studio.learning.bert.plain_export import export_plain
from senti_studio.learning.bert.token_encoder import TokenEncoder, hash_of
from senti_studio.learning.data import LabelledTexts, TrainingData
from senti_studio.learning.fit import fit
from senti_studio.learning.model_folder import load_model
from senti_studio.learning.onnx_export import export_onnx
from senti_studio.learning.predict import Predictor

WEIGHTS = "ngrams.weights.weight"
ODD = ["ＯＫ 服务很好！！！！！ @某人 https://t.cn/a", "房間很大", "龘", "味道" * 300, "", "\udce4好吃"]
"""The last one has half a character, as a terminal passes on what is no UTF-8."""
CPU = torch.device("cpu")
Specs = Callable[..., TrainingSpec]


class Known(torch.nn.Module):
    """N-grams that say for sure what the labels are."""

    def __init__(self, said: torch.Tensor) -> None:
        super().__init__()
        self.said = said

    def forward(self, *_: object) -> torch.Tensor:
        return self.said


@pytest.fixture
def of_encoder(spec: TrainingSpec) -> Specs:
    def made(encoder: object, **options: Any) -> TrainingSpec:
        small = {"epochs": 2, "least_steps": 1, "batch_size": 16, "learning_rate": 3e-3, "ngrams": True}
        chosen = dataclasses.replace(default_options("bert", str(encoder)), **{**small, **options})
        return dataclasses.replace(spec, architecture="bert", options=chosen)

    return made


def trained(spec: TrainingSpec, data: TrainingData, out: Path) -> Path:
    list(fit(spec, data, out))
    return out / "model"


def said(folder: Path, texts: list[str]) -> np.ndarray[Any, Any]:
    found: np.ndarray[Any, Any] = Predictor.load(folder, "cpu").probabilities(texts)
    return found


def test_they_are_a_part_of_the_model(of_encoder: Specs, data: TrainingData, tmp_path: Path) -> None:
    model = trained(of_encoder("scratch-tiny"), data, tmp_path / "运行")
    weights = load_file(model / "weights.safetensors")[WEIGHTS]
    loaded = load_model(model)
    encoder = loaded.encoder
    assert isinstance(encoder, TokenEncoder)
    assert encoder.ngrams is not None
    assert tuple(weights.shape) == (len(encoder.ngrams), 2)
    assert weights.abs().max() > 0
    assert loaded.card["vocabulary"]["ngrams"] == len(encoder.ngrams) - 1
    texts = list(data.test.texts)
    before = said(model, texts)
    with torch.no_grad():
        loaded.net.get_parameter(WEIGHTS).zero_()
    without = Predictor(loaded, torch.device("cpu")).probabilities(texts)
    assert np.abs(before - without).max() > 0.01, "they have a say"
    assert np.abs(before - said(model, texts)).max() == 0
    for text, alone in zip(texts[:5], before[:5], strict=True):
        assert np.abs(said(model, [text])[0] - alone).max() <= 1e-5, "padding is seen"


def test_usual_encoders_have_none(of_encoder: Specs, data: TrainingData, tmp_path: Path) -> None:
    assert {"ngrams", "ngram_rate", "ngram_dropout"} <= set(options_of("bert"))
    assert not default_options("bert", "hfl/chinese-roberta-wwm-ext").ngrams
    assert default_options("bert", "senti-mini").ngrams
    model = trained(of_encoder("scratch-tiny", ngrams=False, epochs=1), data, tmp_path / "运行")
    assert WEIGHTS not in load_file(model / "weights.safetensors")
    assert load_model(model).card["vocabulary"].keys() == {"tokens"}


@pytest.mark.parametrize(
    "options",
    [{"ngram_dropout": 0.5}, {"freeze": "body"}, {"lora_rank": 4, "max_length": 16, "windows": True}],
    ids=["whole", "head", "low rank in windows"],
)
def test_an_interrupted_training_goes_on_bit_by_bit_and_its_reasons_add_up(
    options: dict[str, Any],
    of_encoder: Specs,
    data: TrainingData,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("senti_studio.learning.pace.EVENT_INTERVAL_S", 0.0)
    spec = of_encoder(make_encoder("bert", tmp_path / "编码器"), **options)
    once, out = trained(spec, data, tmp_path / "一次"), tmp_path / "两次"
    interrupted_and_resumed(spec, data, out, step=7)
    one, other = (load_file(each / "weights.safetensors") for each in (once, out / "model"))
    assert one.keys() == other.keys()
    assert all(torch.equal(one[name], other[name]) for name in one)
    assert WEIGHTS in one
    (reason,) = Predictor.load(once, "cpu").explain(list(data.test.texts[:1]))[0].explanations
    missing = sum(reason.characters) + reason.rest - reason.difference
    assert abs(missing) <= 0.02 * max(abs(reason.difference), 0.1)


def test_the_exported_program_weighs_them_without_us(
    of_encoder: Specs, data: TrainingData, tmp_path: Path
) -> None:
    model = trained(of_encoder("scratch-tiny", max_length=40), data, tmp_path / "运行")
    target = tmp_path / "导出"
    report = export_onnx(model, target, [*data.test.texts, *ODD[:-1]], language="zh")
    assert report.difference <= 1e-5
    for name in ("torch", "transformers", "senti_studio"):
        (tmp_path / f"{name}.py").write_text("raise ImportError", encoding="utf-8")
    texts = [*data.test.texts, *ODD]
    done = subprocess.run(
        [sys.executable, "-X", "utf8", str(target / "classify.py"), *texts],
        capture_output=True, encoding="utf-8", check=True,
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
    )  # fmt: skip
    found = np.array([json.loads(line)[2] for line in done.stdout.splitlines()])
    assert np.abs(found - said(model, texts)).max() <= 1e-5
    readme = (target / "README.md").read_text(encoding="utf-8")
    assert "ngram_weights" in readme
    assert "$" not in readme
    with pytest.raises(UserError, match="PLAIN_NGRAMS"):
        export_plain(model, tmp_path / "别的", texts)
    assert not (tmp_path / "别的").exists()


def test_one_goes_on_with_them(of_encoder: Specs, data: TrainingData, tmp_path: Path) -> None:
    """New comments bring new runs of characters; what is known keeps its weights, where nothing is learnt."""
    folder = make_encoder("bert", tmp_path / "编码器")
    old = trained(of_encoder(folder), data, tmp_path / "旧")
    one = data.train
    more = LabelledTexts(
        (*one.ids, 9001, 9002, 9003),
        (*one.texts, *("完全不同的一句话",) * 3),
        (*one.labels, *(one.labels[0],) * 3),
    )
    start = EarlierModel("旧", "旧模型")
    spec = dataclasses.replace(
        of_encoder(folder, epochs=1, learning_rate=1e-6, weight_decay=0.0), start=start
    )
    new = trained(spec, dataclasses.replace(data, train=more, start=old), tmp_path / "新")
    before, after = load_model(old), load_model(new)
    assert isinstance(before.encoder, TokenEncoder)
    assert isinstance(after.encoder, TokenEncoder)
    assert before.encoder.ngrams is not None
    assert after.encoder.ngrams is not None
    assert len(after.encoder.ngrams) > len(before.encoder.ngrams)
    places = np.searchsorted(after.encoder.ngrams.keys, before.encoder.ngrams.keys) + 1
    kept = after.net.get_parameter(WEIGHTS)[torch.from_numpy(places)]
    assert torch.allclose(kept, before.net.get_parameter(WEIGHTS)[1:], atol=1e-3)
    other = dataclasses.replace(spec, options=dataclasses.replace(spec.options, ngrams=False))
    with pytest.raises(UserError, match="START_DOES_NOT_FIT"):
        list(fit(other, dataclasses.replace(data, start=old), tmp_path / "没有"))


def test_the_encoder_learns_although_the_ngrams_know_the_labels(
    of_encoder: Specs, data: TrainingData, tmp_path: Path
) -> None:
    model = load_model(trained(of_encoder("scratch-tiny", epochs=1), data, tmp_path / "运行"))
    texts, labels = data.train.texts[:16], torch.tensor(data.train.labels[:16])
    batch = make_batch(model.encoder.encode(list(map(model.encoder.normalise, texts))), np.arange(16), CPU)
    net = model.net.eval()
    with torch.no_grad():
        together = net(batch)
    shares = torch.nn.functional.one_hot(labels, 2).float() * 50
    net.ngrams = Known(shares)
    alone, beside, both = net.train()(batch)
    assert together.shape == alone.shape == (16, 2)
    assert torch.equal(both, alone + beside)
    encoder = [weight for name, weight in net.named_parameters() if name.startswith("model.")]
    loss = torch.nn.functional.cross_entropy(torch.cat((alone, beside, both)), labels.repeat(3))
    pulled = torch.autograd.grad(loss, encoder, allow_unused=True)
    assert sum(float(each.abs().sum()) for each in pulled if each is not None) > 0.1


@pytest.mark.parametrize("counts", [[[1]], [1.5], [True], [10**400]], ids=repr)
def test_ngrams_that_were_edited_are_noticed(
    counts: list[object], of_encoder: Specs, data: TrainingData, tmp_path: Path
) -> None:
    model = trained(of_encoder("scratch-tiny", epochs=1), data, tmp_path / "运行")
    values = json.loads((model / "encoder.json").read_bytes())
    values["ngrams"]["counts"][:1] = counts
    values["sha256"] = hash_of({name: value for name, value in values.items() if name != "sha256"})
    (model / "encoder.json").write_text(json.dumps(values), encoding="utf-8")
    with pytest.raises(UserError, match="MODEL_DAMAGED"):
        load_model(model)


def test_damaged_ngrams_are_noticed(of_encoder: Specs, data: TrainingData, tmp_path: Path) -> None:
    spec = of_encoder("scratch-tiny")
    encoder, _ = REGISTRY["bert"].learn_encoder(list(data.train.texts), spec.options)
    contents = REGISTRY["bert"].encoder_contents(encoder)
    values = json.loads(contents["encoder.json"])
    values["ngrams"]["counts"][0] += 1
    with pytest.raises(ValueError, match="hash"):
        TokenEncoder.from_contents(contents["tokenizer.json"], json.dumps(values).encode())
