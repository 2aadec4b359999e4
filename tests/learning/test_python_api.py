"""`senti_studio.load`: a model for programs; the README's words come true."""

from __future__ import annotations

import contextlib
import io
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

import senti_studio
from senti_studio.domain.specs import TrainingSpec
from senti_studio.errors import UserError
from senti_studio.learning.data import TrainingData
from senti_studio.learning.fit import fit
from senti_studio.learning.predict import Predictor
from senti_studio.messages import message

README = Path(__file__).resolve().parents[2] / "README.md"
TEXTS = ["房间很大，早餐不错", "态度恶劣，再也不来", "", "房间很大，早餐不错 👍", "味道" * 200]

_made: list[Path] = []


@pytest.fixture
def run(spec: TrainingSpec, data: TrainingData, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run folder with a model in it, trained once for all tests here."""
    if not _made:
        folder = tmp_path_factory.mktemp("运行")
        list(fit(spec, data, folder))
        _made.append(folder)
    return _made[0]


def test_results_are_those_of_the_predictor(run: Path) -> None:
    model = senti_studio.load(run / "model", device="cpu")
    expected = Predictor.load(run / "model", "cpu").probabilities(TEXTS)
    found = model(TEXTS)
    assert model.labels == tuple(label.name for label in Predictor.load(run / "model", "cpu").labels)
    for result, shares in zip(found, expected, strict=True):
        assert np.allclose([result.probabilities[name] for name in model.labels], shares, atol=1e-6)
        assert result.label == model.labels[shares.argmax()]
        assert result.key == model.keys[shares.argmax()]
        assert result.probability == max(result.probabilities.values())
    assert found[0].label != found[1].label
    assert np.array_equal(model.probabilities(TEXTS), expected)
    assert model.device == "cpu"
    assert "小小试验" in repr(model)


def test_a_run_folder_will_do_and_a_single_text(run: Path) -> None:
    model = senti_studio.load(str(run), device="cpu")
    (one,) = model(TEXTS[0])
    assert one == model(TEXTS)[0]
    assert model([]) == []


def test_a_stream_takes_no_more_texts_than_it_needs(run: Path) -> None:
    model = senti_studio.load(run)
    taken = 0

    def endless() -> Iterator[str]:
        nonlocal taken
        while True:
            taken += 1
            yield TEXTS[taken % 2]

    stream = model.stream(endless(), chunk=3)
    labels = [next(stream).label for _ in range(4)]
    assert taken == 6
    assert labels[0] == labels[2] != labels[1] == labels[3]


def test_what_is_no_text_is_named_by_its_place(run: Path) -> None:
    model = senti_studio.load(run)
    with pytest.raises(TypeError, match=r"texts\[1\] is float"):
        model(["好", float("nan")])  # type: ignore[list-item]


@pytest.mark.parametrize("language", ["zh_CN.UTF-8", "en_GB.UTF-8"])
def test_an_error_is_its_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, language: str) -> None:
    monkeypatch.delenv("SENTI_STUDIO_LANGUAGE", raising=False)
    monkeypatch.setenv("LC_ALL", language)
    with pytest.raises(UserError) as caught:
        senti_studio.load(tmp_path)
    error = caught.value
    assert error.code == "MODEL_FILES_MISSING"
    zh, en = (str(message(error.code, error.params, each)) for each in ("zh", "en"))
    assert "missing: weights.safetensors" in en
    said, note = (zh, en) if language.startswith("zh") else (en, zh)
    assert str(error) == f"{said} (MODEL_FILES_MISSING)"
    assert error.__notes__ == [note], "for who reads the other language"


def test_errors_stay_light() -> None:
    program = (
        "import sys; from senti_studio.errors import UserError;"
        "assert str(UserError('ABC', n=1)) == \"ABC {'n': 1}\";"
        "assert 'senti_studio.messages' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


def test_importing_the_package_loads_nothing_heavy() -> None:
    program = (
        "import sys; import senti_studio; senti_studio.load; heavy = {'torch', 'numpy', 'PySide6', 'jieba'};"
        "print(sorted(heavy & sys.modules.keys()), len([m for m in sys.modules if 'senti' in m]))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["[]", "1"]


def test_the_readme_works_word_for_word(run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    section = README.read_text(encoding="utf-8").partition("## Use a model in Python")[2]
    program = re.search(r"```python\n(.*?)```", section, re.DOTALL)
    assert program is not None
    assert len([line for line in program[1].splitlines() if line.strip()]) <= 5
    shutil.copytree(run / "model", tmp_path / "model")
    monkeypatch.chdir(tmp_path)
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        exec(compile(program[1], "README.md", "exec"), {})
    model = senti_studio.load(run)
    assert any(name in out.getvalue() for name in model.labels)


def test_the_folder_holds_a_card_for_people(run: Path, spec: TrainingSpec, data: TrainingData) -> None:
    card = (run / "model" / "card.md").read_text(encoding="utf-8")
    assert card.count("# 小小试验") == 2
    for heading in ("## 用途", "## 局限", "## 许可", "## What it is for", "## Limits", "## Licence"):
        assert f"\n{heading}\n" in card
    model = senti_studio.load(run)
    english = model.card_text()
    assert english in card
    assert model.card_text("zh") in card
    metrics = json.loads((run / "model" / "card.json").read_bytes())["metrics"]
    assert f"Test part: {len(data.test)} comments" in english
    assert f"**{metrics['test_accuracy']:.4f}**" in english
    assert f"**{metrics['test_macro_f1']:.4f}**" in english
    assert "has only 30 comments" in english
    for number, label in enumerate(spec.labels):
        assert re.search(
            rf"\| {label.name} \| `{label.key}` \| {data.train.labels.count(number)} \|", english
        )
    assert spec.data.sha256 in english
    assert f"`hidden_size = {spec.options.hidden_size}`" in english
    assert f"`patience = {spec.options.patience}`" not in english, "the default is not worth a word"
    assert f"`least_steps = {spec.options.least_steps}`" in english


def test_the_card_says_what_a_simple_model_reaches_and_keeps_places_to_itself(
    with_options: Callable[..., TrainingSpec], data: TrainingData, tmp_path: Path
) -> None:
    vectors = tmp_path / "张三的文件夹" / "词向量.txt"
    vectors.parent.mkdir()
    vectors.write_text("房间 " + "0.1 " * 12 + "\n早餐 " + "0.2 " * 12 + "\n", encoding="utf-8")
    words = "性价比、早餐券"
    spec = with_options(epochs=1, vectors="file", vectors_file=str(vectors), own_words=words)
    list(fit(spec, data, tmp_path / "运行"))
    card = (tmp_path / "运行" / "model" / "card.md").read_text(encoding="utf-8")
    metrics = senti_studio.load(tmp_path / "运行").card["metrics"]
    baseline = f"accuracy {metrics['test_baseline_accuracy']:.4f}"
    assert f"beside: TF-IDF with logistic regression, {baseline}" in card
    assert "beside: always the most frequent label, accuracy 0.5000" in card
    assert "`vectors_file = 词向量.txt`" in card
    assert "`own_words = 2`" in card
    for name in ("card.md", "card.json"):
        assert "张三" not in (tmp_path / "运行" / "model" / name).read_text(encoding="utf-8")
