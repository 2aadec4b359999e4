"""Words that tell how a comment is meant: what is found in a text, and how a project changes the words."""

from __future__ import annotations

import json
import time

import pytest

from senti_studio.domain.lexicon import LONGEST_WORD, Lexicon, WordChanges, WordClass
from senti_studio.operations.lexicon import own_words

COMMENT = (
    "前台办入住很快，还主动给升了房型，这点要夸。但是房间隔音实在太差，隔壁说话听得一清二楚，半夜两点走廊还有人拖行李箱，"
    "基本没怎么睡。早餐种类不算多，味道倒是不错。总体对得起这个价，不过我睡眠浅，下次来可能会换一家。"
)
SHORT = {"+": WordClass.POSITIVE, "-": WordClass.NEGATIVE, "~": WordClass.NEGATION, ".": WordClass.DEGREE}


@pytest.fixture(scope="module")
def lexicon() -> Lexicon:
    return Lexicon(own_words())


def found(lexicon: Lexicon, text: str) -> str:
    signs = {kind: sign for sign, kind in SHORT.items()}
    return " ".join(
        signs[word.word_class] + text[word.start : word.end].replace(" ", "_") for word in lexicon.find(text)
    )


def test_the_comment_of_the_reference_picture(lexicon: Lexicon) -> None:
    assert found(lexicon, COMMENT) == "+很快 +要夸 -太差 ~基本没怎么 ~不算 +不错 .可能会 -换一家"


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("性价比高，不踩雷", "+性价比高 ~不踩雷"),
        ("踩雷了，避雷，翻车，坑爹", "-踩雷 -避雷 -翻车 -坑爹"),
        ("不好吃", "-不好吃"),
        ("并没有那么好吃", "-并没有那么好吃"),
        ("不算难吃", "~不算难吃"),
        ("算不上惊喜", "-算不上惊喜"),
        ("不过送餐员不仅准时", "+准时"),
        ("好像别人差不多都特别满意", ".差不多 .特别 +满意"),
        ("有点贵", "-有点贵"),
        ("稍微慢", ".稍微 -慢"),
        ("也不错", "+也不错"),
        ("venice 的 nice 房间", "+nice"),
        ("都好吃，价格都好", "+都好吃 +都好"),
        ("怎么好意思说", ""),
        ("等了四十分钟，十分满意", "+十分满意"),
        ("真", ""),
        ("", ""),
    ],
)
def test_words_are_joined(lexicon: Lexicon, text: str, wanted: str) -> None:
    assert found(lexicon, text) == wanted


def test_places_are_characters_and_never_overlap(lexicon: Lexicon) -> None:
    text = "😀👍很快" + COMMENT * 3 + "\n不\n好"
    words = lexicon.find(text)
    assert text[words[0].start : words[0].end] == "👍"
    assert text[words[1].start : words[1].end] == "很快"
    ends = [0, *(word.end for word in words)]
    assert all(word.start >= end for word, end in zip(words, ends, strict=False))
    assert all(word.start < word.end <= len(text) for word in words)


def test_own_words_are_many_and_each_has_one_class(lexicon: Lexicon) -> None:
    words = own_words()
    counts = {kind: sum(each is kind for each in words.values()) for kind in WordClass}
    assert counts[WordClass.POSITIVE] > 800
    assert counts[WordClass.NEGATIVE] > 1200
    assert counts[WordClass.NEGATION] > 100
    assert counts[WordClass.DEGREE] > 100
    assert max(map(len, words)) <= LONGEST_WORD
    from senti_studio.resources import resource

    for kind in WordClass:
        lines = resource("lexicon", f"{kind}.txt").read_text("utf-8").splitlines()
        listed = [word for line in lines if not line.startswith("#") for word in line.split()]
        assert len(listed) == len(set(listed)), f"a word stands twice in {kind}.txt"
        assert all(words[word] is kind for word in listed), f"a word of {kind}.txt stands in another file"


@pytest.mark.alone
def test_three_hundred_characters_take_less_than_a_millisecond(lexicon: Lexicon) -> None:
    text = (COMMENT * 3)[:300]
    lexicon.find(text)
    took = []
    for _ in range(20):
        began = time.thread_time()
        lexicon.find(text)
        took.append(time.thread_time() - began)
    assert min(took) < 0.001


def test_changes_of_a_project() -> None:
    changes = WordChanges(
        {"绝绝子": WordClass.NEGATIVE, "上头": WordClass.POSITIVE}, frozenset({"很快", "无此词"})
    )
    kept = WordChanges.of_values(json.loads(json.dumps(changes.as_values(), ensure_ascii=False)))
    assert kept == changes
    assert found(Lexicon(changes.applied(own_words())), "绝绝子，很快，真好") == "-绝绝子 +真好"
    for damaged in (
        None,
        [],
        "x",
        {"added": [1], "removed": {"a": 1}},
        {"added": {"好": "what", "": "positive"}},
    ):
        assert WordChanges.of_values(damaged).is_empty
