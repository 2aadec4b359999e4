"""Patterns that would fill the memory when they are compiled are told before."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from senti_studio.errors import UserError
from senti_studio.messages import message
from senti_studio.storage.pattern_size import LARGEST, written_out
from senti_studio.storage.patterns import TextPattern

HUGE = [
    "a{20000000}",
    "(?:(?:a{1000}){1000}){1000}",
    "(?:(?:(?:a{99}){99}){99}){99}",
    "好{1000000,}",
    "[一-龥]{99999}?",
    "(?:a+){100000}",
    "(?:(?:a{300})+){300}",
    "((差|坏){400}){400}",
    "(?#[)a{20000000}(?#])",
    "(?x)[#]a{20000000}",
    "(?<=a{100000})b",
    "a{99999999999999999999}",
    "(?:){20000000}",
]


@pytest.mark.parametrize("source", HUGE)
def test_a_pattern_that_would_fill_the_memory_is_refused(source: str) -> None:
    with pytest.raises(UserError) as told:
        TextPattern(source)
    assert told.value.code == "PATTERN_TOO_LARGE"
    for language in ("zh", "en"):
        words = message(told.value.code, told.value.params, language)
        assert source in words.what
        assert "a{1000}" in words.next_step


@pytest.mark.parametrize(
    ("source", "text"),
    [
        (r"\d{4}-\d{2}-\d{2} \d{2}:\d{2}.{30}.{40}", "2026-07-01 08:30" + "好" * 70),
        (r"[{1000}]{3}[\]{500}]{30}", "0" * 33),
        (r"好{2,1000}(?:很{1,1000}){0,1000}", "好好"),
        (r"(?:ab){50}", "ab" * 50),
        (r"\{9999\}{20}", "{9999" + "}" * 20),
        (r"(?#一个{99999}注释)好", "好"),
    ],
)
def test_what_people_write_is_not_refused(source: str, text: str) -> None:
    assert TextPattern(source).is_in(text)


ATOMS = st.sampled_from(["a", "好", ".", r"\d", "[a-z]", "[^{9}]", r"\{", "|", "^"])


def grown(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    counts = st.integers(1, 40).map(lambda n: f"{{{n}}}") | st.sampled_from(["+", "*", "{3,}", "{2,9}?"])
    return st.lists(inner, min_size=1, max_size=3).map("".join) | st.tuples(inner, counts).map(
        lambda pair: f"(?:{pair[0]}){pair[1]}"
    )


def multiplied(source: str) -> int:
    """Repeats what stands in groups for each count, and counts the characters."""
    while found := re.search(r"\(\?:([^()]*)\)\{(\d+)[^}]*\}\??", source):
        source = source[: found.start()] + found[1] * int(found[2]) + source[found.end() :]
        if len(source) > 10 * LARGEST:
            break
        source = source.replace("(?:)", "")
    return len(re.sub(r"\[[^]]*\]|\\.|\(\?:|\)[+*]", "x", source))


@settings(max_examples=150, deadline=None)
@given(st.recursive(ATOMS, grown, max_leaves=8))
def test_what_is_told_is_not_too_little(source: str) -> None:
    assert written_out(source) >= min(LARGEST, multiplied(source) // 4)
    if written_out(source) <= LARGEST:
        TextPattern(source)
