"""The helper that says why, as a real process on a really trained model."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from real_workers import Talk

from senti_studio.domain.explaining import Attention, EvidenceFound, Reasons
from senti_studio.domain.specs import DataSummary, LabelName, TrainingSpec
from senti_studio.domain.training_options import TrainingOptions
from senti_studio.jobs.helper_protocol import from_json
from senti_studio.learning.data import LabelledTexts, TrainingData
from senti_studio.learning.fit import fit

WORDS = (("房间很大", "早餐不错", "服务热情"), ("房间太小", "早餐难吃", "态度恶劣"))
TEXT = "早餐不错😂，服务热情，房间太小"


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run folder: frozen data and model."""
    folder = tmp_path_factory.mktemp("运行 一")
    rows = [
        (n, "，".join((WORDS[n % 2][n % 3], WORDS[n % 2][(n + 1) % 3], f"第{n}次")), n % 2)
        for n in range(1, 81)
    ]
    parts = [LabelledTexts(*zip(*part, strict=True)) for part in (rows[:60], rows[60:])]
    (folder / "data").mkdir()
    lines = [json.dumps({"id": a, "text": b, "label": c}, ensure_ascii=False) + "\n" for a, b, c in rows[:60]]
    (folder / "data" / "train.jsonl").write_text("".join(lines), "utf-8")
    options = TrainingOptions(
        epochs=3, least_steps=1, batch_size=16, embedding_size=8, hidden_size=6, learning_rate=0.02
    )
    spec = TrainingSpec(
        "r", "小试", "gru", (LabelName("1", "正面"), LabelName("0", "负面")), options, "cpu",
        DataSummary({"train": 60}, "a" * 64),
    )  # fmt: skip
    list(fit(spec, TrainingData(parts[0], parts[1]), folder))
    return folder


def test_it_explains_and_finds_what_is_near(run: Path, talk: Callable[..., Talk], tmp_path: Path) -> None:
    helper = talk("explain")
    model = str(run / "model")
    found = from_json(Reasons, helper.ask("explain", model=model, text=TEXT, labels=[0, 1]))
    assert found.classes == ("1", "0")
    assert sum(found.probabilities) == pytest.approx(1, abs=1e-4)
    for label, told in enumerate(found.explanations):
        assert told.label == label
        assert len(told.characters) == len(TEXT)
        total = sum(told.characters) + told.rest
        assert abs(total - told.difference) <= 0.02 * max(abs(told.difference), 0.1)
    (likeliest,) = from_json(Reasons, helper.ask("explain", model=model, text=TEXT)).explanations
    assert likeliest.label == max((0, 1), key=lambda label: found.probabilities[label])

    answer = helper.ask(
        "evidence", model=model, text="早餐难吃，态度恶劣，第2次", n=2, cache=str(tmp_path / "缓存")
    )
    near = from_json(EvidenceFound, answer)
    assert near.looked_at == 60
    assert [one.label for one in near.nearest] == [1, 1]
    assert list((tmp_path / "缓存").iterdir())
    (itself,) = from_json(
        EvidenceFound, helper.ask("evidence", model=model, text=near.nearest[0].text, n=1)
    ).nearest
    others = helper.ask("evidence", model=model, text=itself.text, n=5, comment=itself.id)["nearest"]
    assert itself.id not in [one["id"] for one in others]


def test_it_tells_where_the_net_looks(run: Path, talk: Callable[..., Talk]) -> None:
    helper = talk("explain")
    model = str(run / "model")
    found = from_json(Attention, helper.ask("attention", model=model, text=TEXT))
    assert (found.layers, found.layer, found.heads, found.head) == (("words",), "words", 0, 0)
    assert sum(found.characters) + found.rest == pytest.approx(1, abs=1e-6)
    assert "".join(TEXT[word.start : word.end] for word in found.words) == TEXT
    again = from_json(Attention, helper.ask("attention", model=model, text=TEXT, layer="words", head=0))
    assert again == found
    assert helper.ask("attention", model=model, text=TEXT, layer="7")["code"] == "EXPLAIN_NO_LAYER"
    assert helper.ask("attention", model=model, text=TEXT, head=1)["code"] == "EXPLAIN_NO_HEAD"
    blank = from_json(Attention, helper.ask("attention", model=model, text=" \u3000"))
    assert (blank.characters, blank.words, blank.rest) == ((0.0, 0.0), (), 0.0)
    assert helper.ask("attention", model=model, text="长" * 40_000)["type"] == "Result"


def test_what_cannot_be_said_is_told(run: Path, talk: Callable[..., Talk], tmp_path: Path) -> None:
    helper = talk("explain")
    model = str(run / "model")
    assert helper.ask("explain", model=str(tmp_path / "没有"), text="好")["code"] == "MODEL_NO_FOLDER"
    assert helper.ask("explain", model=model, text="好", labels=[7])["code"] == "BAD_REQUEST"
    assert helper.ask("explain", text="好")["code"] == "BAD_REQUEST"
    blank = from_json(Reasons, helper.ask("explain", model=model, text=" \u3000"))
    assert blank.explanations[0].words == ()
    assert blank.probabilities == pytest.approx((0.5, 0.5))
    assert helper.ask("explain", model=model, text="长" * 40_000)["type"] == "Result"
