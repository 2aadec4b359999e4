"""Long texts over an encoder with few places: windows whose logits are averaged."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from tiny_encoders import make_encoder

from senti_studio.domain.architectures import default_options
from senti_studio.domain.specs import TrainingSpec
from senti_studio.errors import UserError
from senti_studio.jobs.protocol import Finished
from senti_studio.learning.batches import make_batch
from senti_studio.learning.bert import windows
from senti_studio.learning.bert.net import EncoderNet
from senti_studio.learning.bert.token_encoder import TokenEncoder
from senti_studio.learning.data import LabelledTexts, TrainingData
from senti_studio.learning.fit import fit
from senti_studio.learning.model_folder import Model, load_model
from senti_studio.learning.onnx_export import export_onnx
from senti_studio.learning.predict import Predictor

CPU = torch.device("cpu")
LONG = "房间很大，早餐不错，" * 30 + "服务热情！"
ENDLESS = "房间很大，早餐不错。" * 4000


@pytest.fixture
def trained(
    spec: TrainingSpec, data: TrainingData, tmp_path: Path
) -> Callable[..., tuple[Path, dict[str, object]]]:
    """The model of a tiny BERT of 64 places, and the facts of its reading; half the texts are too long."""

    def made(family: str = "bert", *, longer: int = 6, **options: object) -> tuple[Path, dict[str, object]]:
        def some(part: LabelledTexts, count: int) -> LabelledTexts:
            texts = [
                text if number % 2 else "，".join([text] * longer)
                for number, text in enumerate(part.texts[:count])
            ]
            return LabelledTexts(part.ids[:count], tuple(texts), part.labels[:count])

        usual = {"epochs": 2, "least_steps": 1, "batch_size": 16, "learning_rate": 0.003, "windows": True}
        values = {**usual, **options}
        folder = make_encoder(family, tmp_path / "编码器")
        chosen = dataclasses.replace(default_options("bert", str(folder)), **values)  # type: ignore[arg-type]
        run = TrainingData(some(data.train, 48), some(data.valid, 16), some(data.test, 8))
        out = tmp_path / "运行"
        events = list(fit(dataclasses.replace(spec, architecture="bert", options=chosen), run, out))
        assert isinstance(events[-1], Finished)
        return out / "model", json.loads((out / "model" / "card.json").read_text("utf-8"))

    return made


def parts(model: Model) -> tuple[EncoderNet, TokenEncoder]:
    net, encoder = model.net, model.encoder
    assert isinstance(net, EncoderNet)
    assert isinstance(encoder, TokenEncoder)
    return net.eval(), encoder


def mean_of_windows(model: Model, text: str) -> np.ndarray:
    """The logits of each window, asked one by one, and their mean."""
    net, encoder = parts(model)
    ids = np.array(
        encoder.tokenizer.encode(encoder.normalise(text), add_special_tokens=False).ids, dtype=np.int64
    )
    room = encoder.max_length - encoder.marks.count
    step = round(room * (1 - (encoder.overlap or 0)))
    starts = [*range(0, len(ids) - room, step), len(ids) - room] if len(ids) > room else [0]
    said = []
    for start in starts:
        whole = [*encoder.marks.before, *ids[start : start + room].tolist(), *encoder.marks.behind]
        with torch.no_grad():
            said.append(net.model(input_ids=torch.tensor([whole])).logits[0].numpy())
    return np.mean(said, axis=0)


@pytest.mark.parametrize("family", ["bert", "xlnet", "modernbert"])
def test_what_a_text_says_is_the_mean_of_its_windows(
    family: str, trained: Callable[..., tuple[Path, dict[str, object]]]
) -> None:
    folder, card = trained(family, max_length=40, epochs=1)
    assert card["reading"]["cut_share"] == 0  # type: ignore[index]
    model = load_model(folder)
    net, encoder = parts(model)
    assert (encoder.window, encoder.overlap) == (40, 0.25)
    texts = [LONG, "早餐不错", LONG[:60], "难吃"]
    encoded = encoder.encode(list(map(encoder.normalise, texts)))
    assert encoded.views[0].cut == 0
    with torch.no_grad():
        together = net(make_batch(encoded, np.arange(4), CPU)).numpy()
    for text, found in zip(texts, together, strict=True):
        assert found == pytest.approx(mean_of_windows(model, text), abs=1e-5)


def test_gradients_are_those_of_all_windows_at_once(
    trained: Callable[..., tuple[Path, dict[str, object]]],
) -> None:
    folder, _ = trained(max_length=24, epochs=1)
    net, encoder = parts(load_model(folder))
    encoded = encoder.encode(list(map(encoder.normalise, [LONG, "早餐不错", LONG])))
    batch = make_batch(encoded, np.arange(3), CPU)
    # Dropout draws other numbers for other parts.
    for module in net.modules():
        if isinstance(module, torch.nn.Dropout):
            module.p = 0.0
    found = []
    for units in (10**9, 100):  # all of them; a few windows at a time, worked out again on the way back
        net.units_at_once = units
        net.zero_grad()
        net.train()(batch).logsumexp(dim=1).sum().backward()
        found.append(
            {name: value.grad.clone() for name, value in net.named_parameters() if value.grad is not None}
        )
    for name, value in found[0].items():
        assert torch.allclose(value, found[1][name], atol=1e-5), name


@pytest.mark.parametrize(
    "options", [{"freeze": "body"}, {"lora_rank": 2}, {"r_drop": 1.0}, {"adversarial": 0.5}]
)
def test_with_what_else_a_training_may_do(
    options: dict[str, object], trained: Callable[..., tuple[Path, dict[str, object]]]
) -> None:
    folder, card = trained(max_length=32, epochs=1, **options)
    assert card["reading"]["cut_share"] == 0  # type: ignore[index]
    model = load_model(folder)
    (shares,) = Predictor(model, CPU).probabilities([LONG])
    logits = mean_of_windows(model, LONG) / model.temperature
    expected = np.exp(logits - logits.max())
    assert shares == pytest.approx(expected / expected.sum(), abs=2e-3)


def test_without_them_long_texts_are_cut(trained: Callable[..., tuple[Path, dict[str, object]]]) -> None:
    folder, card = trained(max_length=32, epochs=1, windows=False)
    assert card["reading"]["cut_share"] >= 0.4  # type: ignore[index, operator]
    assert load_model(folder).encoder.window == 0  # type: ignore[attr-defined]


def test_weights_add_up_over_windows(trained: Callable[..., tuple[Path, dict[str, object]]]) -> None:
    predictor = Predictor.load(trained(max_length=32, window_overlap=0.5)[0], "cpu")
    text = "ＡＢＣ繁體😂\ud800" + LONG + " https://t.cn/A6?x=1 " + "价格太贵" * 20
    for told in predictor.explain([text, "早餐不错", LONG], [[0, 1]] * 3):
        for one in told.explanations:
            total = sum(one.characters) + one.rest
            assert abs(total - one.difference) <= 0.02 * max(abs(one.difference), 0.1)
            assert total == pytest.approx(sum(word.weight for word in one.words) + one.rest, abs=1e-6)
    (told,) = predictor.explain([text])
    weights = np.array(told.explanations[0].characters)
    assert len(weights) == len(text)
    assert weights[text.index("\ud800")] == 0
    assert np.abs(weights[len(text) // 2 : len(text) // 2 + 30]).max() > 0, "the middle is read, too"
    attended = predictor.attended(text)
    for layer in attended.layers:
        seen = attended.of(layer)
        assert sum(seen.characters) + seen.rest == pytest.approx(1, abs=1e-4)


def test_of_an_endless_text_the_parts_that_count_most_are_walked(
    trained: Callable[..., tuple[Path, dict[str, object]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, _ = trained(max_length=32, epochs=1)
    monkeypatch.setattr("senti_studio.learning.explain.long_texts.WALKED", 64)
    (told,) = Predictor.load(folder, "cpu").explain([LONG * 2])
    (one,) = told.explanations
    total = sum(one.characters) + one.rest
    assert abs(total - one.difference) <= 0.02 * max(abs(one.difference), 0.1)


def test_a_text_of_40000_characters(trained: Callable[..., tuple[Path, dict[str, object]]]) -> None:
    """The net never reads more at a time than it is said to bear."""
    folder, _ = trained(max_length=64, epochs=1)
    model = load_model(folder)
    net, _ = parts(model)
    net.units_at_once = 1024
    sizes: list[int] = []

    def seen(_: object, __: object, given: dict[str, torch.Tensor]) -> None:
        sizes.append(given["attention_mask"].numel())

    net.model.register_forward_pre_hook(seen, with_kwargs=True)
    predictor = Predictor(model, CPU)
    (shares,) = predictor.probabilities([ENDLESS])
    assert shares.sum() == pytest.approx(1, abs=1e-5)
    (told,) = predictor.explain([ENDLESS])
    (one,) = told.explanations
    assert len(one.characters) == 40_000
    assert abs(sum(one.characters) + one.rest - one.difference) <= 0.02 * max(abs(one.difference), 0.1)
    assert sum(predictor.attended(ENDLESS).of("1", 2).characters) == pytest.approx(1, abs=0.2)
    assert sum(sizes) > 100_000
    assert max(sizes) <= 1024


def test_one_of_40000_characters_is_learnt(spec: TrainingSpec, data: TrainingData, tmp_path: Path) -> None:
    texts = (ENDLESS, *data.train.texts[1:16])
    part = LabelledTexts(data.train.ids[:16], texts, data.train.labels[:16])
    options = dataclasses.replace(
        default_options("bert", str(make_encoder("bert", tmp_path / "编码器"))),
        epochs=1, least_steps=1, batch_size=8, windows=True, max_length=64,
    )  # fmt: skip
    short = LabelledTexts(data.valid.ids[:8], data.valid.texts[:8], data.valid.labels[:8])
    made = dataclasses.replace(spec, architecture="bert", options=options)
    events = list(fit(made, TrainingData(part, short), tmp_path / "运行"))
    assert isinstance(events[-1], Finished)
    assert events[-1].metrics["cut_share"] == 0


def test_onnx_has_no_windows(trained: Callable[..., tuple[Path, dict[str, object]]], tmp_path: Path) -> None:
    folder, _ = trained(max_length=32, epochs=1)
    with pytest.raises(UserError) as told:
        export_onnx(folder, tmp_path / "导出", [LONG])
    assert told.value.code == "ONNX_WINDOWS"
    assert not (tmp_path / "导出").exists()


def test_windows_of_ids() -> None:
    ids = np.arange(25, dtype=np.int32)
    found = windows.windows_of(ids, 10, 0.5)
    assert [(part[0], part[-1]) for part in found] == [(0, 9), (5, 14), (10, 19), (15, 24)]
    assert [len(part) for part in windows.windows_of(ids, 10, 0.0)] == [10, 10, 10]
    assert len(windows.windows_of(ids[:10], 10, 0.5)) == 1
    assert [(part[0], part[-1]) for part in windows.windows_of(ids[:11], 10, 0.25)] == [(0, 9), (1, 10)]
    assert windows.longest_in_windows(510, 0.25) > 40_000


def test_damaged_windows_are_refused(trained: Callable[..., tuple[Path, dict[str, object]]]) -> None:
    folder, _ = trained(max_length=32, epochs=1)
    model = load_model(folder)
    _, encoder = parts(model)
    written = dataclasses.replace(encoder, overlap=1.0).contents()
    for name, content in written.items():
        (folder / name).write_bytes(content)
    with pytest.raises(UserError) as told:
        load_model(folder)
    assert told.value.code == "MODEL_DAMAGED"
