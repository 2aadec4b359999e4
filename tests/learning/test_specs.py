"""Specs survive JSON and refuse what is wrong, all of it at once."""

from __future__ import annotations

import json
from typing import Any

import pytest

from senti_studio.domain.specs import TrainingSpec, spec_from_json, spec_to_json
from senti_studio.domain.training_options import RANGES, TrainingOptions, problems_of
from senti_studio.errors import UserError


def test_json_brings_the_same_spec_back(spec: TrainingSpec) -> None:
    assert spec_from_json(json.loads(json.dumps(spec_to_json(spec), ensure_ascii=False))) == spec


def test_the_defaults_are_valid_and_every_number_has_a_range() -> None:
    options = TrainingOptions()
    assert problems_of(options) == []
    numbers = {name for name in TrainingOptions.__slots__ if type(getattr(options, name)) in (int, float)}
    assert numbers == RANGES.keys()


@pytest.mark.parametrize(
    "options",
    [
        {"epochs": -1},
        {"epochs": "8"},
        {"epochs": 2.5},
        {"layers": True},
        {"learning_rate": float("nan")},
        {"dropout": 1.0},
        {"logit_adjustment": -0.5},
        {"units": "syllables"},
        {"bidirectional": 1},
        {"ngrams": "yes"},
        {"unheard_of": 1},
    ],
)
def test_wrong_options_are_refused(options: dict[str, Any], spec: TrainingSpec) -> None:
    values = spec_to_json(spec)
    values["options"] = {**values["options"], **options}
    with pytest.raises(UserError) as caught:
        spec_from_json(values)
    assert caught.value.code == "BAD_SPEC"
    assert next(iter(options)) in str(caught.value.params["problems"])


@pytest.mark.parametrize(("value", "told"), [("8", 'epochs="8"'), (True, "epochs=true"), (-3, "epochs=-3")])
def test_a_number_in_quotes_is_told_with_them(value: Any, told: str) -> None:
    """Without them it would look as if 8 were none of 0 to 1000."""
    (problem,) = problems_of(TrainingOptions(epochs=value))
    assert problem == f"{told} (0…1000)"


@pytest.mark.parametrize("value", [-0.5, -2.0, 1.5, None])
def test_between_automatic_and_0_there_is_nothing(value: Any) -> None:
    (problem,) = problems_of(TrainingOptions(logit_adjustment=value))
    assert problem.endswith("(-1, 0…1)")
    assert not problems_of(TrainingOptions(logit_adjustment=-1, adversarial=-1))


def test_all_problems_are_told_at_once(spec: TrainingSpec) -> None:
    values = spec_to_json(spec)
    values |= {"architecture": "cnn", "labels": values["labels"][:1]}
    values["options"] |= {"epochs": -1, "batch_size": 0}
    with pytest.raises(UserError) as caught:
        spec_from_json(values)
    assert len(caught.value.params["problems"]) == 4


@pytest.mark.parametrize("rows", ["191", None, [1], -5, True, float("nan")])
def test_rows_are_whole_numbers(rows: object, spec: TrainingSpec) -> None:
    values = spec_to_json(spec)
    values["data"]["rows"] = {"train": rows}
    with pytest.raises(UserError, match="BAD_SPEC") as caught:
        spec_from_json(values)
    assert "data.rows.train" in str(caught.value.params["problems"])


def test_a_newer_spec_is_refused(spec: TrainingSpec) -> None:
    with pytest.raises(UserError) as caught:
        spec_from_json({**spec_to_json(spec), "version": 99})
    assert caught.value.code == "SPEC_TOO_NEW"
