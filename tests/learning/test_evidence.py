"""Nearest training comments as evidence."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from senti_studio.domain.architectures import default_options
from senti_studio.domain.specs import TrainingSpec
from senti_studio.learning.data import LabelledTexts, TrainingData
from senti_studio.learning.explain import evidence
from senti_studio.learning.fit import fit
from senti_studio.learning.predict import Predictor

ASKED = "服务热情，房间很大，早餐不错，下次还来"
_models: dict[str, Path] = {}


@pytest.fixture
def predictor(
    request: pytest.FixtureRequest,
    spec: TrainingSpec,
    data: TrainingData,
    tmp_path_factory: pytest.TempPathFactory,
) -> Predictor:
    key = request.param
    if key not in _models:
        small = {"epochs": 6, "embedding_size": 12, "hidden_size": 8, "batch_size": 16, "learning_rate": 0.02}
        options = dataclasses.replace(default_options(key), least_steps=1, **small)  # type: ignore[arg-type]
        out = tmp_path_factory.mktemp(f"模型 {key}")
        list(fit(dataclasses.replace(spec, architecture=key, options=options), data, out))
        _models[key] = out / "model"
    return Predictor.load(_models[key], "cpu")


def each(*keys: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("predictor", keys, indirect=True)


@each("lstm", "textcnn", "baseline")
def test_what_is_near_has_the_same_label_and_the_comment_itself_is_left_out(
    predictor: Predictor, data: TrainingData
) -> None:
    near = predictor.nearest(data.train)
    assert near.total == len(data.train)
    found = near.of(ASKED, 5)
    assert len(found) == 5
    assert [one.similarity for one in found] == sorted((one.similarity for one in found), reverse=True)
    assert all(0 < one.similarity <= 1 for one in found)
    assert [one.label for one in found].count(0) >= 3, "those that praise"
    texts = dict(zip(data.train.ids, data.train.texts, strict=True))
    assert all(texts[one.id] == one.text for one in found)
    own, text = data.train.ids[7], data.train.texts[7]
    assert near.of(text, 1)[0].similarity == pytest.approx(1, abs=2e-3)
    assert own not in [one.id for one in near.of(text, 10, without=own)]
    assert near.of(" \u3000", 3) == []


@each("lstm")
def test_what_was_looked_at_is_kept_and_a_damaged_file_is_made_anew(
    predictor: Predictor, data: TrainingData, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(evidence, "AT_ONCE", 50)
    cache = tmp_path / "缓存"
    near = predictor.nearest(data.train, cache)
    steps = 0
    while near.step():
        steps += 1
        assert near.done == 50 * steps
    assert (steps, near.done) == (2, 120)
    expected = near.of(ASKED, 4)
    (kept,) = cache.iterdir()
    again = predictor.nearest(data.train, cache)
    assert not again.step(), "nothing is to be looked at"
    assert again.of(ASKED, 4) == expected
    kept.write_bytes(kept.read_bytes()[:200])
    anew = predictor.nearest(data.train, cache)
    assert anew.step()
    assert anew.of(ASKED, 4) == expected
    other = predictor.nearest(
        LabelledTexts(data.train.ids[:60], data.train.texts[:60], data.train.labels[:60]), cache
    )
    assert other.step(), "other comments, other features"


@each("lstm")
def test_of_many_comments_a_part_is_looked_at_and_old_files_go(
    predictor: Predictor, data: TrainingData, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(evidence, "MOST", 40)
    monkeypatch.setattr(evidence, "KEPT", 2)
    for count in (90, 100, 110):
        rows = LabelledTexts(data.train.ids[:count], data.train.texts[:count], data.train.labels[:count])
        near = predictor.nearest(rows, tmp_path)
        assert near.total == 40
        assert {one.id for one in near.of(ASKED, 40)} <= set(rows.ids)
    assert len(list(tmp_path.glob("*.npy"))) == 2


@each("lstm")
def test_a_cache_that_cannot_be_written_and_no_comments_at_all(
    predictor: Predictor, data: TrainingData, tmp_path: Path
) -> None:
    blocked = tmp_path / "文件"
    blocked.write_text("no folder")
    assert len(predictor.nearest(data.train, blocked).of(ASKED, 3)) == 3
    nothing = predictor.nearest(LabelledTexts(), tmp_path)
    assert (nothing.total, nothing.of(ASKED, 3)) == (0, [])
