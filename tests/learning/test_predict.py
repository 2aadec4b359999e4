"""Saved models: whole, movable, safe to load; and what they say about texts."""

from __future__ import annotations

import json
import pickle
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from safetensors.torch import load, save_file

from senti_studio.domain.specs import TrainingSpec
from senti_studio.errors import UserError
from senti_studio.learning.data import TrainingData
from senti_studio.learning.fit import fit
from senti_studio.learning.model_folder import FILES
from senti_studio.learning.predict import Predictor

TEXTS = [
    "房间很大，早餐不错",
    "态度恶劣，再也不来",
    "",
    "  ",
    "房间很大，早餐不错",
    "@某人 https://t.cn/abc",
    "味道" * 200,
]


@pytest.fixture
def model(spec: TrainingSpec, data: TrainingData, tmp_path: Path) -> Path:
    list(fit(spec, data, tmp_path))
    return tmp_path / "model"


def test_probabilities_of_texts(model: Path, spec: TrainingSpec, data: TrainingData) -> None:
    predictor = Predictor.load(model, "cpu")
    assert predictor.labels == spec.labels
    found = predictor.probabilities(TEXTS)
    assert found.shape == (len(TEXTS), 2)
    assert found.dtype == np.float32
    assert np.allclose(found.sum(axis=1), 1, atol=1e-5)
    assert found[0].argmax() == 0
    assert found[1].argmax() == 1
    assert np.array_equal(found[0], found[4])
    prior = data.train.labels.count(0) / len(data.train)
    assert found[2].tolist() == pytest.approx([prior, 1 - prior])
    assert np.array_equal(found[2], found[3])
    assert predictor.probabilities([]).shape == (0, 2)


def test_the_batch_does_not_matter(model: Path) -> None:
    predictor = Predictor.load(model, "cpu")
    together = predictor.probabilities(TEXTS)
    one_by_one = np.concatenate([predictor.probabilities([text]) for text in TEXTS])
    assert np.allclose(together, one_by_one, atol=1e-5)
    assert np.allclose(together, predictor.probabilities(TEXTS, batch_size=2), atol=1e-5)


def test_agrees_with_the_predictions_of_the_run(model: Path, data: TrainingData) -> None:
    found = Predictor.load(model, "cpu").probabilities(data.test.texts)
    written = (model.parent / "predictions" / "test.jsonl").read_bytes()
    lines = [json.loads(line)["p"] for line in written.splitlines()]
    assert np.allclose(found, np.array(lines), atol=1e-5)


def test_a_model_moved_elsewhere_classifies_alike_in_a_new_process(model: Path, tmp_path: Path) -> None:
    expected = Predictor.load(model, "cpu").probabilities(TEXTS)
    elsewhere = tmp_path / "另一台 电脑" / "模型"
    shutil.copytree(model, elsewhere)
    shutil.rmtree(model)
    program = (
        "import json, sys\nfrom pathlib import Path\nfrom senti_studio.learning.predict import Predictor\n"
        "texts = json.loads(sys.stdin.read())\n"
        "print(json.dumps(Predictor.load(Path(sys.argv[1]), 'cpu').probabilities(texts).tolist()))"
    )
    done = subprocess.run(
        [sys.executable, "-X", "utf8", "-c", program, str(elsewhere)],
        input=json.dumps(TEXTS),
        capture_output=True,
        encoding="utf-8",
        check=True,
        cwd=tmp_path,
    )
    assert np.allclose(np.array(json.loads(done.stdout)), expected, atol=1e-6)


def test_the_card_tells_what_the_model_is(model: Path, spec: TrainingSpec) -> None:
    card = Predictor.load(model, "cpu").card
    assert card["spec"]["options"]["seed"] == spec.options.seed
    assert card["data_sha256"] == spec.data.sha256
    assert card["metrics"]["test_accuracy"] > 0
    assert card["segmenter"].split()[0] in ("rjieba", "jieba")
    assert {"torch", "senti_studio"} <= card["versions"].keys()


@pytest.mark.parametrize("name", [*FILES, "vocabulary.json"])
def test_a_missing_file_is_named(name: str, model: Path) -> None:
    (model / name).unlink()
    with pytest.raises(UserError) as caught:
        Predictor.load(model, "cpu")
    assert caught.value.code == "MODEL_FILES_MISSING"
    assert caught.value.params["files"] == [name]


@pytest.mark.parametrize("name", [*FILES, "vocabulary.json"])
def test_a_damaged_file_is_told(name: str, model: Path) -> None:
    whole = (model / name).read_bytes()
    for content in (b"", whole[: len(whole) // 2], pickle.dumps({"a": 1}), b"[1, 2]"):
        (model / name).write_bytes(content)
        with pytest.raises(UserError) as caught:
            Predictor.load(model, "cpu")
        assert caught.value.code == "MODEL_DAMAGED"


def test_weights_of_another_shape_are_told(model: Path) -> None:
    config = json.loads((model / "config.json").read_bytes())
    (model / "config.json").write_text(json.dumps({**config, "hidden_size": 9}), encoding="utf-8")
    with pytest.raises(UserError) as caught:
        Predictor.load(model, "cpu")
    assert caught.value.code == "MODEL_DAMAGED"


def test_a_newer_model_is_refused(model: Path) -> None:
    config = json.loads((model / "config.json").read_bytes())
    (model / "config.json").write_text(json.dumps({**config, "version": 99}), encoding="utf-8")
    with pytest.raises(UserError) as caught:
        Predictor.load(model, "cpu")
    assert caught.value.code == "MODEL_TOO_NEW"


def test_a_device_that_is_not_there_is_told(model: Path) -> None:
    with pytest.raises(UserError) as caught:
        Predictor.load(model, "cuda:77")
    assert caught.value.code == "DEVICE_MISSING"


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_weights_that_are_no_numbers_are_refused(model: Path, value: float) -> None:
    path = model / "weights.safetensors"
    weights = {name: values.clone() for name, values in load(path.read_bytes()).items()}
    next(values for values in weights.values() if values.is_floating_point()).view(-1)[0] = value
    save_file(weights, path)
    with pytest.raises(UserError, match="MODEL_DAMAGED"):
        Predictor.load(model, "cpu")
