"""The list of architectures: whole, and what each trains, saves and loads."""

from __future__ import annotations

from senti_studio.domain.architectures import ARCHITECTURES, FACTS, default_options, options_of
from senti_studio.domain.training_options import TrainingOptions, problems_of
from senti_studio.learning.architectures import REGISTRY


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
