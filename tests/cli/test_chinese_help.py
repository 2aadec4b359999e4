"""The Chinese help tells what the English one tells: bounds of numbers, examples."""

from __future__ import annotations

import re

import pytest


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


def test_examples_are_the_same(program) -> None:  # type: ignore[no-untyped-def]
    for command in ("train", "search", "models", "runs", "evaluate", "classify"):
        english, chinese = (
            set(re.findall(rf"senti-studio {command} 门店\.senti[^\u4e00-\u9fff]*", _said(program, each, command)))
            for each in ("en", "zh")
        )
        assert len(english) <= len(chinese), command
    assert "--transformers -o model_transformers" in _said(program, "zh", "models")
