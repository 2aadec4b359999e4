"""A model's confidence: what a temperature does to it, where it is kept, and what it never touches."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from senti_studio.domain.calibration import bins_of, calibration, expected_error, softened
from senti_studio.domain.specs import TrainingSpec
from senti_studio.errors import UserError
from senti_studio.learning.calibration import Floats, calibrated, fit_temperature
from senti_studio.learning.data import TrainingData
from senti_studio.learning.fit import fit
from senti_studio.learning.model_folder import load_model
from senti_studio.learning.predict import Predictor


def _too_sure(rows: int, *, hot: float, seed: int = 3) -> tuple[Floats, list[int]]:
    """Labels drawn from probabilities, and these probabilities as a model says them that is ``hot`` times
    too sure."""
    chance = np.random.default_rng(seed)
    scores = chance.normal(0.0, 1.5, (rows, 3))
    true = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    labels = [int(chance.choice(3, p=row)) for row in true]
    said = np.exp(hot * scores) / np.exp(hot * scores).sum(axis=1, keepdims=True)
    return said.astype(np.float32), labels


@pytest.mark.parametrize("hot", [0.5, 1.0, 3.0])
def test_the_temperature_is_found_and_makes_the_probabilities_honest(hot: float) -> None:
    said, labels = _too_sure(4000, hot=hot)
    temperature = fit_temperature(said, labels)
    assert temperature == pytest.approx(hot, rel=0.08)
    held_out, truth = _too_sure(4000, hot=hot, seed=8)
    before = calibration(list(zip(truth, held_out.tolist(), strict=True)))
    after = calibration(list(zip(truth, calibrated(held_out, temperature).tolist(), strict=True)))
    assert after.ece < 0.03
    if hot != 1.0:
        assert before.ece > 2 * after.ece
        assert before.brier > after.brier
        assert (before.lean > 0) == (hot > 1)


def test_a_handful_of_rows_that_are_all_right_makes_nobody_certain() -> None:
    said = np.array([[0.7, 0.3]] * 3, dtype=np.float32)
    assert 0.5 < fit_temperature(said, [0, 0, 0]) < 1.0
    assert fit_temperature(np.zeros((0, 2), dtype=np.float32), []) == 1.0


@pytest.mark.parametrize("temperature", [0.2, 0.97, 1.3, 5.0])
def test_what_a_model_says_never_changes(temperature: float) -> None:
    chance = np.random.default_rng(1)
    said = chance.dirichlet([0.3] * 5, 20_000).astype(np.float32)
    near = np.full((2000, 2), 0.5, dtype=np.float32)
    near[:, 1] = np.nextafter(near[:, 1], np.float32(1))  # the second class wins by the last bit
    sure = np.array([[0.0, 1.0, 0.0], [1.0, 0.0, 0.0]], dtype=np.float32)
    for found in (said, near, sure):
        after = calibrated(found, temperature)
        assert np.array_equal(after.argmax(axis=1), found.argmax(axis=1))
        assert np.isfinite(after).all()
        assert np.allclose(after.sum(axis=1), 1, atol=1e-5)


def test_softening_in_plain_python_is_the_same_and_can_be_taken_back() -> None:
    said, _ = _too_sure(200, hot=2.0)
    for row in said.tolist():
        soft = softened(row, 2.5)
        assert soft == pytest.approx(calibrated(np.array([row], dtype=np.float32), 2.5)[0].tolist(), abs=1e-5)
        assert softened(soft, 1 / 2.5) == pytest.approx(row, abs=1e-6)
    assert softened([0.0, 0.0], 2.0) == (0.0, 0.0)


def test_the_figures_of_a_known_case() -> None:
    # Ten rows at 0.8 of which five are right; one row at 0.55 that is right.
    rows = [(0 if n < 5 else 1, (0.8, 0.2)) for n in range(10)] + [(1, (0.45, 0.55))]
    found = calibration(rows)
    assert found.ece == pytest.approx((10 * 0.3 + 1 * 0.45) / 11)
    assert found.brier == pytest.approx((5 * 0.08 + 5 * 1.28 + 2 * 0.45**2) / 11)
    assert found.lean == pytest.approx((8.55 - 6) / 11)
    bins = bins_of([(1.0, True), (0.0, False)])
    assert [each.rows for each in bins] == [1, 1]
    assert expected_error(bins) == 0.0
    assert expected_error(()) == 0.0


@pytest.mark.parametrize("rows", [50, 400, 4000])
def test_few_rows_are_off_by_luck_and_that_is_known(rows: int) -> None:
    found = []
    for seed in range(60):
        said, labels = _too_sure(rows, hot=1.0, seed=seed)
        found.append(calibration(list(zip(labels, said.tolist(), strict=True))))
    ece = float(np.mean([each.ece for each in found]))
    assert ece == pytest.approx(float(np.mean([each.chance for each in found])), rel=0.12)
    assert sum(each.is_luck for each in found) >= 57
    said, labels = _too_sure(max(rows, 400), hot=3.0)
    assert not calibration(list(zip(labels, said.tolist(), strict=True))).is_luck


def test_a_training_leaves_its_temperature_and_writes_calibrated_probabilities(
    spec: TrainingSpec, data: TrainingData, tmp_path: Path
) -> None:
    events = list(fit(spec, data, tmp_path))
    metrics = events[-1].metrics  # type: ignore[attr-defined]
    model = load_model(tmp_path / "model")
    assert model.temperature == metrics["temperature"] != 1.0
    assert model.card["metrics"]["temperature"] == model.temperature
    assert {"valid_ece", "valid_ece_uncalibrated", "test_brier", "test_brier_uncalibrated"} <= metrics.keys()

    said = Predictor.load(tmp_path / "model", "cpu").probabilities(data.valid.texts)
    names = tmp_path / "model" / "labels.json"
    values = json.loads(names.read_bytes())
    del values["temperature"]  # as a model of an earlier version has it
    names.write_text(json.dumps(values), "utf-8")
    plain = Predictor.load(tmp_path / "model", "cpu").probabilities(data.valid.texts)
    assert np.array_equal(plain.argmax(axis=1), said.argmax(axis=1))
    assert np.allclose(calibrated(plain, model.temperature), said)
    assert fit_temperature(plain, data.valid.labels) == pytest.approx(model.temperature, abs=1e-4)
    lines = (tmp_path / "predictions" / "valid.jsonl").read_bytes().splitlines()
    assert np.allclose(np.array([json.loads(line)["p"] for line in lines]), said, atol=1e-5)
    before, after = (
        calibration(list(zip(data.valid.labels, found.tolist(), strict=True))) for found in (plain, said)
    )
    assert metrics["valid_brier"] == pytest.approx(after.brier, abs=1e-5)
    assert metrics["valid_brier_uncalibrated"] == pytest.approx(before.brier, abs=1e-5)


@pytest.mark.parametrize("temperature", [0.0, -1.0, 1e9, float("nan"), "heiss"])
def test_a_temperature_that_is_none_is_told(
    temperature: object, spec: TrainingSpec, data: TrainingData, tmp_path: Path
) -> None:
    list(fit(spec, data, tmp_path))
    names = tmp_path / "model" / "labels.json"
    names.write_text(json.dumps({**json.loads(names.read_bytes()), "temperature": temperature}), "utf-8")
    with pytest.raises(UserError) as caught:
        load_model(tmp_path / "model")
    assert caught.value.code == "MODEL_DAMAGED"
