"""Every code that is raised anywhere has its sentences, in both languages, with the same fields."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from senti_studio.messages import CATALOGUE, message

PACKAGE = Path(__file__).resolve().parents[1] / "senti_studio"
FIELD = re.compile(r"\{(\w+)\}")


def _raised_codes() -> dict[str, str]:
    found: dict[str, str] = {}
    for file in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            values = [*node.args[:1]] if name == "UserError" else []
            if name in ("Warned", "Failed"):
                values = [keyword.value for keyword in node.keywords if keyword.arg == "code"]
            for value in values:
                if isinstance(value, ast.Constant) and isinstance(value.value, str):
                    found[value.value] = f"{file.name}:{node.lineno}"
    return found


def test_every_code_in_the_program_has_a_sentence() -> None:
    codes = _raised_codes()
    assert len(codes) > 20
    missing = {code: place for code, place in codes.items() if code not in CATALOGUE}
    assert not missing


@pytest.mark.parametrize("code", sorted(CATALOGUE))
def test_sentences_are_complete_in_both_languages(code: str) -> None:
    zh_what, zh_step, en_what, en_step = CATALOGUE[code]
    assert zh_what.strip()
    assert en_what.strip()
    assert bool(zh_step) == bool(en_step), "a next step in one language only"
    assert set(FIELD.findall(zh_what + zh_step)) == set(FIELD.findall(en_what + en_step))
    assert re.search(r"[\u4e00-\u9fff]", zh_what)
    assert not re.search(r"[\u4e00-\u9fff]", en_what + en_step)


def test_a_missing_field_never_breaks_an_error_message() -> None:
    assert "?" in message("DISK_FULL", {}, "zh").what
    assert "甲、乙" in message("DISK_FULL", {"path": ["甲", "乙"]}, "zh").what


def test_an_unknown_code_is_shown_as_a_bug_with_its_name() -> None:
    assert "NEVER_HEARD" in message("NEVER_HEARD", {"a": 1}, "en").what
