"""Why a model says what it says: weights that add up, in their places, for every architecture."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest
import torch
from tiny_encoders import FAMILIES, make_encoder

import senti_studio
from senti_studio.domain.architectures import ARCHITECTURES, default_options
from senti_studio.domain.explaining import Explanation
from senti_studio.domain.specs import TrainingSpec
from senti_studio.learning.batches import make_batch
from senti_studio.learning.data import TrainingData
from senti_studio.learning.explain.explainer import Explainer
from senti_studio.learning.fit import fit
from senti_studio.learning.model_folder import Model, load_model
from senti_studio.learning.predict import Predictor

ODD = [
    "房间很大，早餐不错",
    "房间很大，早餐难吃，态度恶劣！！！！！！！！",
    "ＡＢＣ１２３  房间　很大\n下次还来 😂👨\u200d👩 @小明_88 https://t.cn/A6?x=1 服务热情",
    "坏\ud800半个 再也不来 ㈱ ½ ｶﾞ",
    "。",
    "从没见过的字：龘龘龘",
    "",
    " \u3000\n",
]
TOLERANCE = 0.02
_models: dict[str, Path] = {}


@pytest.fixture
def folder(
    request: pytest.FixtureRequest,
    spec: TrainingSpec,
    data: TrainingData,
    tmp_path_factory: pytest.TempPathFactory,
) -> Path:
    """A model of the architecture that the test asks for, trained once."""
    key = request.param
    if key not in _models:
        small = {"epochs": 8, "embedding_size": 12, "hidden_size": 8, "batch_size": 16, "learning_rate": 0.02}
        more = {} if key == "baseline" else {"units": "both", "max_length": 64, "least_steps": 1}
        out = tmp_path_factory.mktemp(f"模型 {key}")
        if key in FAMILIES:
            more = {"learning_rate": 0.003, "least_steps": 1}
            options = default_options("bert", str(make_encoder(key, out / "编码器")))
        else:
            options = default_options(key)
        architecture = "bert" if key in FAMILIES else key
        options = dataclasses.replace(options, **small | more)  # type: ignore[arg-type]
        list(fit(dataclasses.replace(spec, architecture=architecture, options=options), data, out))
        _models[key] = out / "model"
    return _models[key]


def each(*keys: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("folder", keys or ARCHITECTURES, indirect=True)  # bert: the family


def bearable(found: Explanation) -> float:
    return TOLERANCE * max(abs(found.difference), 0.1)


def silent(model: Model, text: str) -> np.ndarray:
    """The logits of a text whose units are all vectors of zeros and whose n-grams weigh nothing, asked of the
    net in the ordinary way (of BERT: of a text of nothing but padding between its marks)."""
    encoded = model.encoder.encode([model.encoder.normalise(text)])
    batch = make_batch(encoded, np.arange(1), torch.device("cpu"))
    if batch.ngram_weights is not None:
        batch = dataclasses.replace(batch, ngram_weights=torch.zeros_like(batch.ngram_weights))
    if model.architecture.key == "bert":
        marks = model.encoder.marks  # type: ignore[attr-defined]
        (ids,) = batch.units
        ids[:, len(marks.before) : ids.shape[1] - len(marks.behind)] = marks.padding
        with torch.no_grad():
            return model.net(dataclasses.replace(batch, units=(ids,)))[0].numpy()
    kept = {name: value.clone() for name, value in model.net.state_dict().items()}
    try:
        with torch.no_grad():
            for name, value in model.net.named_parameters():
                if "embedding" in name:
                    value.zero_()
            return model.net(batch)[0].numpy()
    finally:
        model.net.load_state_dict(kept)


@each(*ARCHITECTURES, "xlnet")
def test_weights_add_up_to_the_score_difference(folder: Path, data: TrainingData) -> None:
    model = load_model(folder)
    explainer = Explainer(model, torch.device("cpu"))
    texts = [*ODD[:-2], *data.test.texts[:20]]
    found = explainer.explain(texts, [[0, 1]] * len(texts))
    encoded = model.encoder.encode(list(map(model.encoder.normalise, texts)))
    for number, (text, told) in enumerate(zip(texts, found, strict=True)):
        with torch.no_grad():
            said = model.net(make_batch(encoded, np.array([number]), torch.device("cpu")))[0].numpy()
        nothing = silent(model, text)
        for label, one in enumerate(told.explanations):
            assert one.label == label
            assert one.score == pytest.approx(said[label], abs=1e-4)
            assert one.blank == pytest.approx(nothing[label], abs=1e-4)
            assert len(one.characters) == len(text)
            total = sum(one.characters) + one.rest
            assert abs(total - (said[label] - nothing[label])) <= bearable(one), text
            assert sum(word.weight for word in one.words) + one.rest == pytest.approx(total, abs=1e-6)
            assert one.error == pytest.approx(one.difference - total, abs=1e-6)


@each()
def test_the_likeliest_class_is_explained_unless_another_is_wanted(folder: Path) -> None:
    predictor = Predictor.load(folder, "cpu")
    found = predictor.explain(ODD)
    expected = predictor.probabilities(ODD)
    for told, shares in zip(found, expected, strict=True):
        assert told.explanations[0].label == shares.argmax()
        assert np.allclose(told.probabilities, shares, atol=1e-4)
    (other,) = predictor.explain([ODD[0]], [[1]])[0].explanations
    assert other.label == 1
    assert other.score < found[0].explanations[0].score


@each()
def test_words_that_taught_a_class_speak_for_it(folder: Path) -> None:
    text = "今天和朋友一起，房间很大，服务热情，价格太贵"
    good, bad = Predictor.load(folder, "cpu").explain([text], [[0, 1]])[0].explanations

    def weight(one: Explanation, words: str) -> float:
        at = text.index(words)
        return sum(one.characters[at : at + len(words)])

    assert weight(good, "服务热情") > 0 > weight(good, "价格太贵")
    assert weight(bad, "价格太贵") > 0 > weight(bad, "服务热情")


@each("lstm", "baseline")
def test_a_text_of_nothing_has_no_weights(folder: Path) -> None:
    for told, text in zip(Predictor.load(folder, "cpu").explain(ODD[-2:]), ODD[-2:], strict=True):
        (one,) = told.explanations
        assert one.characters == (0.0,) * len(text)
        assert one.words == ()
        assert one.difference == one.rest == 0


@each("lstm", "textcnn", "baseline", "bert")
def test_of_an_endless_text_only_what_is_read_has_weight(folder: Path) -> None:
    text = "房间很大，早餐不错。" * 4000
    (told,) = Predictor.load(folder, "cpu").explain([text])
    (one,) = told.explanations
    assert len(one.characters) == len(text) == 40_000
    total = sum(one.characters) + one.rest
    assert abs(total - one.difference) <= bearable(one)
    weighed = np.flatnonzero(np.abs(one.characters) > 1e-12)
    assert weighed.min() < 64
    if folder != _models.get("baseline"):
        assert not np.any((weighed > 400) & (weighed < 39_800)), "the middle is cut out"
        assert weighed.max() > 39_900, "the end is read"


@each("lstm")
def test_marks_in_the_text_as_written(folder: Path) -> None:
    text = ODD[2]
    (one,) = Predictor.load(folder, "cpu").explain([text])[0].explanations
    words = [text[word.start : word.end] for word in one.words]
    assert "ＡＢＣ" in words or "ＡＢＣ１２３" in words
    assert "https://t.cn/A6?x=1" in words
    assert "@小明_88" in words
    starts = [word.start for word in one.words]
    assert starts == sorted(starts)


@each("lstm")
def test_neighbours_in_the_batch_change_nothing(folder: Path, data: TrainingData) -> None:
    predictor = Predictor.load(folder, "cpu")
    together = predictor.explain(data.test.texts[:8])
    for text, told in zip(data.test.texts[:8], together, strict=True):
        alone = predictor.explain([text])[0].explanations[0]
        assert np.allclose(alone.characters, told.explanations[0].characters, atol=1e-3)


@each("gru")
def test_for_programs(folder: Path) -> None:
    model = senti_studio.load(folder, device="cpu")
    text = "房间很大，价格太贵"
    found = model.explain(text)
    assert found.label == model([text])[0].label
    assert "".join(word for word, _ in found.words) == text
    total = sum(found.characters) + found.rest
    assert abs(total - (found.score - found.blank)) <= TOLERANCE * max(abs(found.score - found.blank), 0.1)
    for wanted in ("负面", "0"):
        assert model.explain(text, wanted).label == "负面"
    with pytest.raises(ValueError, match="没有"):
        model.explain(text, "没有")
    with pytest.raises(TypeError):
        model.explain(3)  # type: ignore[arg-type]
