"""Which texts count as identical."""

from __future__ import annotations

import hashlib
import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from senti_studio.domain.comments import text_key


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("很好", " 很 好\n"),
        ("很好！", "很好!"),
        ("ＧＯＯＤ", "good"),
        ("……", "......"),
        ("①", "1"),
        ("\u3000很好\u00a0", "很好"),
    ],
)
def test_the_same(one: str, other: str) -> None:
    assert text_key(one) == text_key(other)


@pytest.mark.parametrize(("one", "other"), [("很好", "很好!"), ("好", "不好"), ("", "。"), ("100", "1000")])
def test_not_the_same(one: str, other: str) -> None:
    assert text_key(one) != text_key(other)


@pytest.mark.alone
@given(st.text())
def test_the_quick_way_gives_what_the_definition_says(text: str) -> None:
    plain = re.sub(r"\s+", "", unicodedata.normalize("NFKC", text).lower())
    digest = hashlib.blake2b(plain.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    assert text_key(text) == int.from_bytes(digest, "big", signed=True)


def test_damaged_characters_have_a_key_too() -> None:
    assert text_key("\ud800") != text_key("\ud801")
