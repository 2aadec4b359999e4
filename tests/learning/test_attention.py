"""Where a net looks: attention pooling, and the layers and heads of encoders of every family."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest
import torch
import transformers
from tiny_encoders import FAMILIES, make_encoder

import senti_studio
from senti_studio.domain.architectures import default_options
from senti_studio.domain.explaining import ROLLOUT, Attention
from senti_studio.domain.specs import TrainingSpec
from senti_studio.errors import UserError
from senti_studio.learning.bert import attending
from senti_studio.learning.data import TrainingData
from senti_studio.learning.fit import fit
from senti_studio.learning.model_folder import load_model
from senti_studio.learning.predict import Predictor

TEXT = "ＡＢＣ 房间很大，早餐不错😂 https://t.cn/A6 \ud800下次还来"
LATE = "房间很大，早餐难吃，态度恶劣"


@pytest.fixture
def small(spec: TrainingSpec, data: TrainingData) -> tuple[TrainingSpec, TrainingData]:
    """Two batches are enough to have a model of a family."""
    part = dataclasses.replace(
        data.train, ids=data.train.ids[:32], texts=data.train.texts[:32], labels=data.train.labels[:32]
    )
    return spec, TrainingData(part, part)


def model_of(key: str, small: tuple[TrainingSpec, TrainingData], out: Path, **changes: object) -> Path:
    spec, data = small
    values = {
        "epochs": 1,
        "embedding_size": 8,
        "hidden_size": 8,
        "batch_size": 16,
        "least_steps": 1,
        **changes,
    }
    if key in FAMILIES:
        options = default_options("bert", str(make_encoder(key, out / "编码器")))
        architecture = "bert"
    else:
        options, architecture = default_options(key), key
    options = dataclasses.replace(options, **values)  # type: ignore[arg-type]
    list(fit(dataclasses.replace(spec, architecture=architecture, options=options), data, out / "运行"))
    return out / "运行" / "model"


def total(found: Attention) -> float:
    return sum(found.characters) + found.rest


@pytest.mark.parametrize("family", FAMILIES)
def test_layers_and_heads_of_every_family(
    family: str, small: tuple[TrainingSpec, TrainingData], tmp_path: Path
) -> None:
    predictor = Predictor.load(model_of(family, small, tmp_path), "cpu")
    attended = predictor.attended(TEXT)
    assert tuple(attended.layers) == (ROLLOUT, "1", "2")
    seen = [attended.of(), *(attended.of(layer, head) for layer in "12" for head in (0, 1, 2))]
    for found in seen:
        assert total(found) == pytest.approx(1, abs=1e-4)
        assert len(found.characters) == len(TEXT)
        assert found.characters[TEXT.index("\ud800")] == 0, "half a character is not read"
        assert sum(word.weight for word in found.words) + found.rest == pytest.approx(1, abs=1e-4)
    mean = np.mean([attended.of("2", head).characters for head in (1, 2)], axis=0)
    assert attended.of("2").characters == pytest.approx(mean.tolist(), abs=1e-6)
    assert attended.of("2", 1).characters != attended.of("2", 2).characters
    before = predictor.probabilities([TEXT, LATE])
    predictor.attended(LATE)
    assert (predictor.probabilities([TEXT, LATE]) == before).all(), "the fast kernels are back"


def test_a_rollout_is_the_product_of_its_layers(
    small: tuple[TrainingSpec, TrainingData], tmp_path: Path
) -> None:
    """Asked of transformers in the ordinary way."""
    folder = model_of("bert", small, tmp_path)
    model = load_model(folder)
    encoded = model.encoder.encode([model.encoder.normalise(LATE)])
    net = transformers.AutoModelForSequenceClassification.from_config(
        model.net.model.config, attn_implementation="eager"
    )
    net.load_state_dict(model.net.model.state_dict())
    with torch.no_grad():
        ids = torch.from_numpy(encoded.views[0].ids.astype(np.int64))[None]
        weights = net.eval()(input_ids=ids, output_attentions=True).attentions
    rolled = np.eye(ids.shape[1])
    for layer in weights:
        mixed = layer[0].mean(dim=0).numpy()
        rolled = (0.5 * mixed + 0.5 * np.eye(len(mixed))) @ rolled
    attended = Predictor(model, torch.device("cpu")).attended(LATE)
    assert attended.layers[ROLLOUT].shares[0] == pytest.approx(rolled[0], abs=1e-5)
    assert attended.layers["1"].shares[2] == pytest.approx(weights[0][0, 1, 0].numpy(), abs=1e-5)


def test_a_sparse_layer_as_a_square() -> None:
    """Longformer tells neighbours only: what it tells of them is put where they stand."""
    near = torch.zeros(1, 1, 6, 1 + 5)
    near[0, 0, :, 0] = 0.5
    near[0, 0, :, 1 + 2] = 0.3  # itself
    near[0, 0, :, 1 + 4] = 0.2  # the second behind
    of_first = torch.full((1, 1, 6, 1), 1 / 6)
    found = attending._square(near, of_first)[0, 0]
    assert found[0].tolist() == pytest.approx([1 / 6] * 6)
    assert found[3].tolist() == pytest.approx([0.5, 0, 0, 0.3, 0, 0.2])
    assert found[5].tolist() == pytest.approx([0.5, 0, 0, 0, 0, 0.3])


def test_attention_pooling_as_it_is(small: tuple[TrainingSpec, TrainingData], tmp_path: Path) -> None:
    folder = model_of("gru", small, tmp_path, units="both")
    attended = Predictor.load(folder, "cpu").attended(TEXT)
    assert tuple(attended.layers) == ("words", "characters")
    for view in attended.layers:
        found = attended.of(view)
        assert (found.heads, found.head) == (0, 0)
        assert total(found) == pytest.approx(1, abs=1e-5)
        assert found.rest < 1e-5, "there are no marks"
    assert attended.of("words").characters != attended.of("characters").characters
    found = senti_studio.load(folder, device="cpu").explain(TEXT, how="attention", layer="characters")
    assert found == attended.of("characters")


def test_what_has_none_says_so(small: tuple[TrainingSpec, TrainingData], tmp_path: Path) -> None:
    for key, changes in (("textcnn", {}), ("baseline", {}), ("gru", {"pooling": "max"})):
        predictor = Predictor.load(model_of(key, small, tmp_path / key, **changes), "cpu")
        with pytest.raises(UserError) as told:
            predictor.attended(TEXT)
        assert told.value.code == "EXPLAIN_NO_ATTENTION"


def test_more_than_memory_bears(
    small: tuple[TrainingSpec, TrainingData], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    predictor = Predictor.load(model_of("bert", small, tmp_path), "cpu")
    monkeypatch.setattr(attending, "MOST_BYTES", 2_000)
    with pytest.raises(UserError) as told:
        predictor.attended(LATE)
    assert told.value.code == "EXPLAIN_ATTENTION_TOO_LONG"
    assert predictor.attended("好").of("1", 2).heads == 2


def test_a_layer_that_is_not_there(small: tuple[TrainingSpec, TrainingData], tmp_path: Path) -> None:
    model = senti_studio.load(model_of("distilbert", small, tmp_path), device="cpu")
    for layer, head, code in (("9", 0, "LAYER"), ("1", 3, "HEAD"), ("1", -1, "HEAD"), ("", 1, "HEAD")):
        with pytest.raises(UserError) as told:
            model.explain(LATE, how="attention", layer=layer, head=head)
        assert told.value.code == f"EXPLAIN_NO_{code}"
    blank = model.explain(" \n", how="attention")
    assert (blank.characters, blank.rest, blank.layers) == ((0.0, 0.0), 0.0, (ROLLOUT, "1", "2"))
