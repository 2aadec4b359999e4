"""The list of architectures: whole, and what each trains, saves and loads."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest

from senti_studio.domain.architectures import (
    ARCHITECTURES,
    FACTS,
    default_options,
    options_of,
    with_other_defaults,
)
from senti_studio.domain.specs import TrainingSpec
from senti_studio.domain.training_options import TrainingOptions, problems_of
from senti_studio.jobs.protocol import Finished
from senti_studio.learning.architectures import REGISTRY
from senti_studio.learning.data import TrainingData
from senti_studio.learning.fit import fit
from senti_studio.learning.predict import Predictor


def test_what_is_offered_can_be_trained() -> None:
    assert tuple(REGISTRY) == ARCHITECTURES


def test_defaults_and_unused_options_are_options() -> None:
    names = set(TrainingOptions.__slots__)
    for key, facts in FACTS.items():
        assert facts.defaults.keys() <= names
        assert facts.unused <= names
        assert not facts.unused & facts.defaults.keys(), "who changes a default that is not used?"
        assert problems_of(default_options(key)) == []
        assert set(options_of(key)) == names - facts.unused


@pytest.mark.parametrize("key", ARCHITECTURES)
def test_a_model_of_each_is_saved_and_loaded_whole(
    key: str, spec: TrainingSpec, data: TrainingData, tmp_path: Path
) -> None:
    small = {"epochs": 2, "embedding_size": 8, "hidden_size": 6, "batch_size": 32, "learning_rate": 0.01}
    options = dataclasses.replace(default_options(key), **small)  # type: ignore[arg-type]
    end = list(fit(dataclasses.replace(spec, architecture=key, options=options), data, tmp_path))[-1]
    assert isinstance(end, Finished)
    assert json.loads((tmp_path / "model" / "config.json").read_bytes())["architecture"] == key
    lines = (tmp_path / "predictions" / "test.jsonl").read_bytes().splitlines()
    written = np.array([json.loads(line)["p"] for line in lines])
    found = Predictor.load(tmp_path / "model", "cpu").probabilities(data.test.texts)
    assert np.allclose(found, written, atol=1e-5)


def test_what_nobody_changed_gets_the_other_default() -> None:
    options = dataclasses.replace(default_options("lstm"), epochs=5)
    there = with_other_defaults(options, "lstm", "baseline")
    assert there == dataclasses.replace(default_options("baseline"), epochs=5)
    assert with_other_defaults(there, "baseline", "lstm") == options
