"""Models as ONNX: they say what the model says, for inputs made as their README tells."""

from __future__ import annotations

import collections
import json
import math
import os
import re
import shutil
import subprocess
import sys
import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import pytest
import rjieba
from invented_comments import sentences

from senti_studio.domain.specs import TrainingSpec
from senti_studio.errors import UserError
from senti_studio.learning import onnx_export
from senti_studio.learning.architectures import REGISTRY
from senti_studio.learning.data import TrainingData
from senti_studio.learning.fit import fit
from senti_studio.learning.onnx_export import export_onnx
from senti_studio.learning.predict import Predictor

ODD = ("龘龘", "好", "味道" * 300, "ＯＫ 服务很好！！！！！ @某人 https://t.cn/a", "")
TEXTS = [*sentences(100, seed=11).texts, *ODD]

Trained = Callable[..., Path]


@pytest.fixture
def trained(with_options: Callable[..., TrainingSpec], data: TrainingData, tmp_path: Path) -> Trained:
    def made(**options: Any) -> Path:
        list(fit(with_options(**{"epochs": 1, **options}), data, tmp_path / "运行"))
        return tmp_path / "运行" / "model"

    return made


@pytest.mark.parametrize("architecture", sorted(REGISTRY.keys() - {"bert"}))
def test_every_architecture_agrees_with_its_export(
    architecture: str, trained: Trained, tmp_path: Path
) -> None:
    model = trained(architecture=architecture, units="both", layers=2)
    report = export_onnx(model, tmp_path / "导出", TEXTS)
    assert report.rows == len(TEXTS) - 1
    assert report.difference <= 1e-5
    found = _outputs(tmp_path / "导出", TEXTS[:20])
    assert np.abs(found - Predictor.load(model, "cpu").probabilities(TEXTS[:20])).max() <= 1e-5
    assert len(set(found.argmax(axis=1))) == 2


@pytest.mark.parametrize(
    "options",
    [
        {"units": "words", "ngrams": False, "bidirectional": False},
        {"units": "characters", "max_length": 8},
        {"units": "both", "layers": 2, "truncation": "tail", "max_length": 6},
    ],
)
def test_the_recipe_alone_leads_to_the_same_probabilities(
    options: dict[str, Any], trained: Trained, tmp_path: Path
) -> None:
    """The steps of the README, written down again: whoever changes how texts are read has to say so."""
    model = trained(**options)
    export_onnx(model, tmp_path / "导出", TEXTS)
    expected = Predictor.load(model, "cpu").probabilities(TEXTS)
    assert np.abs(_outputs(tmp_path / "导出", TEXTS) - expected).max() <= 1e-5


def test_the_worked_examples_are_right(trained: Trained, tmp_path: Path) -> None:
    model = trained()
    export_onnx(model, tmp_path / "导出", TEXTS)
    examples = json.loads((tmp_path / "导出" / "examples.json").read_bytes())
    session = onnxruntime.InferenceSession(tmp_path / "导出" / "model.onnx")
    kinds = {each.name: np.float32 if "float" in each.type else np.int64 for each in session.get_inputs()}
    assert len(examples) == 5
    for example in examples:
        inputs = {name: np.array(value, dtype=kinds[name]) for name, value in example["inputs"].items()}
        assert np.allclose(session.run(None, inputs)[0][0], example["probabilities"], atol=1e-5)
        assert example["text"] not in TEXTS, "comments of people stay at home"


def test_the_program_beside_the_net_needs_no_torch(trained: Trained, tmp_path: Path) -> None:
    model = trained()
    export_onnx(model, tmp_path / "导出", TEXTS, language="zh")
    shutil.rmtree(model)
    (tmp_path / "torch.py").write_text("raise ImportError('no torch here')", encoding="utf-8")
    path = os.pathsep.join([str(tmp_path), *filter(None, [os.environ.get("PYTHONPATH")])])
    done = subprocess.run(
        [sys.executable, "-X", "utf8", str(tmp_path / "导出" / "classify.py"), "服务热情", ""],
        capture_output=True,
        encoding="utf-8",
        env={**os.environ, "PYTHONPATH": path},
        check=True,
    )
    said = [json.loads(line) for line in done.stdout.splitlines()]
    assert [line[0] for line in said] == ["服务热情", ""]
    assert all(math.isclose(sum(line[2]), 1, abs_tol=1e-5) for line in said)
    readme = (tmp_path / "导出" / "README.md").read_text(encoding="utf-8")
    assert "小小试验" in readme
    assert "$" not in readme
    assert not [line for line in readme.splitlines() if line.startswith("?")]


def test_an_export_that_says_something_else_is_refused(
    trained: Trained, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = trained()
    monkeypatch.setattr(onnx_export, "LIMIT", -1.0)
    with pytest.raises(UserError, match="ONNX_DISAGREES") as caught:
        export_onnx(model, tmp_path / "导出", TEXTS)
    assert caught.value.params["rows"] == len(TEXTS) - 1
    assert not (tmp_path / "导出").exists()
    assert {path.name for path in tmp_path.iterdir()} == {"运行"}


def test_what_stands_in_the_way_of_an_export(
    trained: Trained, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = trained()
    there = tmp_path / "已有"
    there.mkdir()
    (there / "重要.txt").write_text("别动", encoding="utf-8")
    with pytest.raises(UserError, match="FOLDER_NOT_EMPTY"):
        export_onnx(model, there, TEXTS)
    with pytest.raises(UserError, match="ONNX_NO_TEXTS"):
        export_onnx(model, tmp_path / "导出", ["", "  "])
    with pytest.raises(UserError, match="FILE_NOT_FOUND"):
        export_onnx(model, tmp_path / "没有" / "导出", TEXTS)
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(UserError, match="ONNX_MISSING") as caught:
        export_onnx(model, tmp_path / "导出", TEXTS)
    assert caught.value.params["packages"] == ["onnxruntime"]
    assert {path.name for path in tmp_path.iterdir()} == {"运行", "已有"}
    assert [path.name for path in there.iterdir()] == ["重要.txt"]


def test_an_empty_folder_may_wait_for_the_export(trained: Trained, tmp_path: Path) -> None:
    (tmp_path / "导出").mkdir()
    export_onnx(trained(), tmp_path / "导出", TEXTS[:10])
    assert (tmp_path / "导出" / "model.onnx").is_file()


def _outputs(folder: Path, texts: list[str]) -> np.ndarray[Any, np.dtype[np.float32]]:
    """The README of an export, step by step, with nothing of the program but the files of the folder."""
    vocabulary = json.loads((folder / "vocabulary.json").read_bytes())
    prior = json.loads((folder / "labels.json").read_bytes())["prior"]
    session = onnxruntime.InferenceSession(folder / "model.onnx")
    return np.array(
        [
            session.run(["probabilities"], _inputs(plain, vocabulary))[0][0] if plain else prior
            for plain in map(_normalised, texts)
        ]
    )


def _normalised(text: str) -> str:
    text = unicodedata.normalize("NFKC", text).lower()
    text = re.sub(r"https?://[!-~]+", "\uf8f0", text)
    text = re.sub(r"@[\w\-·]{1,30}", "\uf8f1", text)
    return " ".join(re.sub(r"(.)\1{3,}", r"\1\1\1", text).split())


def _inputs(plain: str, vocabulary: dict[str, Any]) -> dict[str, Any]:
    inputs: dict[str, Any] = {}
    for view, units in vocabulary["views"].items():
        cut = rjieba.cut(plain) if view == "words" else re.findall(r"[a-z]+|\d+|\S", plain)
        place = {unit: number for number, unit in enumerate(units, 2)}
        ids = [place.get(unit, 1) for unit in cut if unit != " "] or [1]
        most = vocabulary["max_length"]
        if len(ids) > most:
            tail = most if vocabulary["truncation"] == "tail" else most // 4
            ids = ids[: most - tail] + ids[len(ids) - tail :]
        inputs[f"{view}_ids"], inputs[f"{view}_lengths"] = np.array([ids]), np.array([len(ids)])
    known = vocabulary["ngrams"]
    if known is not None:
        counts = dict(zip(known["units"], known["counts"], strict=True))
        place = {unit: number for number, unit in enumerate(known["units"], 1)}
        text = plain[: known["most_characters"]]
        pieces = [text[at : at + size] for size in (1, 2, 3) for at in range(len(text) - size + 1)]
        weights = {
            place[piece]: (1 + math.log(times)) * (1 + math.log((known["rows"] + 1) / (counts[piece] + 1)))
            for piece, times in collections.Counter(pieces).items()
            if piece in place
        } or {0: 0.0}
        norm = math.sqrt(sum(weight**2 for weight in weights.values())) or 1.0
        inputs["ngram_ids"] = np.array([list(weights)])
        inputs["ngram_weights"] = np.array([[weight / norm for weight in weights.values()]], np.float32)
    return inputs
