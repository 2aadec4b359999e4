"""Where the characters of a normalised text come from."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from senti_studio.text.normalise import LINK, NAME, Normalisation
from senti_studio.text.normalise import normalise as normalised
from senti_studio.text.tracing import traced

ODD = [
    "ＡＢ①㈱½℃", "か゛ｶﾞﾊﾟ", "e\u0301", "각", "\u1100\u1161\u11a8", "İI", "ΣΑΣ", "ﬁ", "👍🏽", "👨\u200d👩",
    "\ud800", "\udc00", "😂", " ", "\u3000", "\n", "\t", "www.a.cn/ｘ", "http://t.cn/A6?x=1", "@小明_88",
    "a.b@c.de", "哈", "哈哈哈哈", "!!!!!", "\u200b", "\ufeff", "\ue627", "雲端", "[doge]", "。", "a", "x",
    "1", ".", "@", "/", "\u0627\u0301", "\u09c7\u09be",
]  # fmt: skip
MIXED = st.lists(st.sampled_from(ODD) | st.text(max_size=3), max_size=12).map("".join)


@settings(max_examples=400, deadline=None)
@given(
    MIXED,
    st.builds(Normalisation, st.booleans(), st.booleans(), st.booleans(), st.booleans(), st.integers(0, 4)),
)
def test_the_text_is_the_normalised_one_and_everything_has_a_place(text: str, how: Normalisation) -> None:
    found = traced(text, how)
    assert found.text == normalised(text, how)
    assert found.written == len(text)
    assert len(found.start) == len(found.end) == len(found.text)
    assert (found.start < found.end).all(), "every character comes from one at least"
    assert (found.start[1:] >= found.start[:-1]).all()
    assert not len(found.end) or found.end.max() <= len(text)


@pytest.mark.parametrize(
    ("text", "letter", "place"),
    [
        ("很好ＡＢＣ吃", "c", "Ｃ"),
        ("在 www.example.com/店 看", LINK, "www.example.com/"),
        ("请 @小明_88 看", NAME, "@小明_88"),
        ("哈哈哈哈哈哈好", "好", "好"),
        ("赞👨\u200d👩好", "👩", "👩"),
        ("半\ud800个", "个", "个"),
        ("㈱式", "株", "㈱"),
        ("カﾞ好", "好", "好"),
        ("早\u3000 \n餐", " ", "\u3000 \n"),
    ],
)
def test_places(text: str, letter: str, place: str) -> None:
    found = traced(text)
    at = found.text.index(letter)
    assert text[found.start[at] : found.end[at]] == place


def test_repeats_share_all_that_was_written() -> None:
    found = traced("好" + "！" * 12)
    assert found.text == "好!!!"
    spans = list(zip(found.start.tolist(), found.end.tolist(), strict=True))
    assert spans == [(0, 1), (1, 5), (5, 9), (9, 13)]


def test_characters_behind_others_keep_their_place() -> None:
    """Whatever stands before a character, it comes from itself."""
    how = Normalisation(links=False, user_names=False)
    for point in range(0x20, 0x3000):
        text = f"好{chr(point)}坏{chr(point)}店"
        found = traced(text, how)
        at = found.text.rindex("店")
        assert text[found.start[at]] == "店", hex(point)
