"""What a net reads is chosen by options, goes with the model, and is the same in classification."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import pytest

from senti_studio.domain.specs import TrainingSpec
from senti_studio.domain.training_options import TrainingOptions, problems_of
from senti_studio.jobs.protocol import Event, Finished, Read
from senti_studio.learning.data import LabelledTexts, TrainingData
from senti_studio.learning.fit import fit
from senti_studio.learning.model_folder import load_model
from senti_studio.learning.predict import Predictor

Specs = Callable[..., TrainingSpec]


def _end(events: list[Event]) -> Finished:
    assert isinstance(events[-1], Finished)
    return events[-1]


def test_a_model_that_reads_both_scripts_says_the_same_about_either(
    with_options: Specs, data: TrainingData, tmp_path: Path
) -> None:
    simplified = ["房间很大，服务热情", "态度恶劣，再也不来", "屏幕坏了，价格太贵"]
    traditional = ["房間很大，服務熱情", "態度惡劣，再也不來", "屏幕壞了，價格太貴"]
    list(fit(with_options(simplified=True), data, tmp_path / "兩種"))
    list(fit(with_options(), data, tmp_path / "一种"))
    both = Predictor.load(tmp_path / "兩種" / "model", "cpu")
    assert (both.probabilities(simplified) == both.probabilities(traditional)).all()
    one = Predictor.load(tmp_path / "一种" / "model", "cpu")
    assert (one.probabilities(simplified) != one.probabilities(traditional)).any()


def test_what_is_said_at_the_end_is_learnt_from_the_end_alone(with_options: Specs, tmp_path: Path) -> None:
    generator = random.Random(4)
    filler = ["今天", "朋友", "一起", "位置", "中心", "老板", "两次", "总之"]

    def rows(count: int, first: int) -> LabelledTexts:
        labels = tuple(number % 2 for number in range(count))
        texts = tuple(
            "，".join([*generator.choices(filler, k=30), "太差了" if label else "很好吃"]) for label in labels
        )
        return LabelledTexts(tuple(range(first, first + count)), texts, labels)

    data = TrainingData(rows(80, 1), rows(30, 100), rows(30, 200))
    reached = {}
    for truncation in ("head", "tail"):
        spec = with_options(truncation=truncation, max_length=8, ngrams=False, epochs=4)
        events = list(fit(spec, data, tmp_path / truncation))
        ended = _end(events)
        told = [event for event in events if isinstance(event, Read)]
        assert [(each.max_length, each.cut_share) for each in told] == [(8, 1.0)]
        reached[truncation] = ended.metrics["test_accuracy"]
        assert ended.metrics["cut_share"] == 1.0
    assert reached["tail"] > 0.95
    assert reached["head"] < 0.8


def test_own_words_are_learnt_and_found_again(
    with_options: Specs, tmp_path: Path, data: TrainingData
) -> None:
    list(fit(with_options(own_words="早餐不错、态度恶劣", epochs=1), data, tmp_path))
    model = load_model(tmp_path / "model")
    assert {"早餐不错", "态度恶劣"} <= set(model.encoder.vocabularies[0].units)  # type: ignore[attr-defined]
    assert model.card["reading"] == {"max_length": 256, "cut_share": 0.0}


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("truncation", "middle"),
        ("max_length", 3),
        ("own_words", "好" * 60_000),
        ("own_words", None),
        ("repeats", 21),
    ],
)
def test_wrong_values_are_named(option: str, value: object) -> None:
    assert [problem.split("=")[0] for problem in problems_of(TrainingOptions(**{option: value}))] == [option]  # type: ignore[arg-type]
