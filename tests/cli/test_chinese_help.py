"""The Chinese help tells what the English one tells: bounds of numbers, examples."""

from __future__ import annotations

import re

import pytest

from senti_studio.domain.architectures import PRESETS


def _said(program, language: str, command: str) -> str:  # type: ignore[no-untyped-def]
    answer = program("--language", language, command, "--help", as_json=False)
    assert answer.status == 0
    return " ".join((answer.out + answer.said).split())


@pytest.mark.parametrize("command", ["train", "search", "adapt"])
def test_bounds_are_told_in_chinese_too(program, command: str) -> None:  # type: ignore[no-untyped-def]
    english = re.findall(r"([\d.,e+-]+) to ([\d.,e+-]+)\.(?: |$)", _said(program, "en", command))
    chinese = _said(program, "zh", command).replace(" ", "")
    assert len(english) > 3
    for low, high in english:
        assert f"{low}到{high}。" in chinese


@pytest.mark.parametrize("command", ["train", "search", "models", "runs", "evaluate", "classify"])
def test_no_example_is_missing(program, command: str) -> None:  # type: ignore[no-untyped-def]
    counts = [
        _said(program, language, command).count(f"senti-studio {command} 门店") for language in ("en", "zh")
    ]
    assert counts[0] == counts[1] > 0


def test_how_a_bert_leaves_is_shown(program) -> None:  # type: ignore[no-untyped-def]
    assert "--transformers -o model_transformers" in _said(program, "zh", "models")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_all_that_a_preset_sets_is_told(program, language: str) -> None:  # type: ignore[no-untyped-def]
    told = _said(program, language, "train").replace(" ", "")
    for name, value in PRESETS["best"].items():
        assert f"--{name.replace('_', '-')}{value}" in told


@pytest.mark.parametrize(
    ("language", "words"), [("en", "bert: 3, from scratch 8"), ("zh", "bert: 3，从零开始的 8")]
)
def test_defaults_of_a_new_encoder_are_told(program, language: str, words: str) -> None:  # type: ignore[no-untyped-def]
    shown = program("--language", language, "train", "--help", as_json=False).out
    assert "".join(words.split()) in "".join(shown.split())
    assert "3e-05" in shown
    assert "0.0003" in shown
