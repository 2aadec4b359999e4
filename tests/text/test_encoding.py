"""Vocabulary, n-grams and the encoder that a model carries."""

from __future__ import annotations

import hashlib
import json
import math

import numpy as np
import pytest

from senti_studio.text.encoding import TextEncoder, build_encoder
from senti_studio.text.ngrams import Ngrams
from senti_studio.text.vocabulary import FIRST, UNKNOWN, Vocabulary

TEXTS = ["房间很大", "房间很小", "早餐不错", "早餐不好吃", "服务很好[心]"] * 30


def test_vocabulary_counts_orders_and_knows_the_unknown() -> None:
    vocabulary = Vocabulary.build([["好", "好", "大"], ["大", "小"], ["好"]], min_frequency=2)
    assert vocabulary.units == ("好", "大")
    assert vocabulary.ids(["大", "小", "好"]) == [FIRST + 1, UNKNOWN, FIRST]
    assert len(vocabulary) == FIRST + 2


def test_vocabulary_has_a_limit() -> None:
    assert Vocabulary.build([["乙", "甲", "丙"]], min_frequency=1, most=2).units == ("丙", "乙")


def test_ngrams_are_exact_tf_idf() -> None:
    ngrams = Ngrams.build(["好好", "好大", "小"], min_rows=2, most_characters=100)
    assert ngrams.to_json()["units"] == ["好"]
    ngrams = Ngrams.build(["好好", "好大", "小"], min_rows=1, most_characters=100)
    units = ngrams.to_json()["units"]
    assert set(units) == {"好", "大", "小", "好好", "好大"}
    row = ngrams.weigh(["好好大"])
    found = {
        units[id_ - 1]: weight for id_, weight in zip(row.ids.tolist(), row.weights.tolist(), strict=True)
    }
    rows_with = {"好": 2, "大": 1, "好好": 1, "好大": 1}
    plain = {
        unit: (1 + math.log(2 if unit == "好" else 1)) * (1 + math.log(4 / (count + 1)))
        for unit, count in rows_with.items()
    }
    norm = math.sqrt(sum(value**2 for value in plain.values()))
    assert found == pytest.approx({unit: value / norm for unit, value in plain.items()}, rel=1e-6)


def test_ngrams_never_reach_over_two_texts() -> None:
    ngrams = Ngrams.build(["甲", "乙", "甲", "乙"], min_rows=1, most_characters=100)
    assert ngrams.to_json()["units"] == ["乙", "甲"]


def test_ngrams_in_chunks_are_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = Ngrams.build(TEXTS, min_rows=2, most_characters=100)
    weighed = whole.weigh(TEXTS)
    monkeypatch.setattr("senti_studio.text.ngrams._CHUNK", 7)
    parts = Ngrams.build(TEXTS, min_rows=2, most_characters=100)
    assert np.array_equal(whole.keys, parts.keys)
    assert np.array_equal(whole.counts, parts.counts)
    again = parts.weigh(TEXTS)
    assert np.array_equal(weighed.ids, again.ids)
    assert np.array_equal(weighed.weights, again.weights)
    assert np.array_equal(weighed.offsets, again.offsets)


def test_the_most_frequent_ngrams_survive_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("senti_studio.text.ngrams.MOST_NGRAMS", 2)
    ngrams = Ngrams.build(["好", "好大", "好大", "小"], min_rows=1, most_characters=100)
    assert ngrams.to_json()["units"] == ["大", "好"]


@pytest.mark.parametrize("units", ["words", "characters", "both"])
def test_building_encodes_as_the_encoder_does(units: str) -> None:
    encoder, built = build_encoder(TEXTS, units=units, ngrams=True, min_frequency=2, max_length=8)
    again = encoder.encode(TEXTS)
    assert len(built) == len(again) == len(TEXTS)
    for one, other in zip(built.views, again.views, strict=True):
        assert np.array_equal(one.ids, other.ids)
        assert np.array_equal(one.offsets, other.offsets)
    assert built.ngrams is not None
    assert again.ngrams is not None
    assert np.array_equal(built.ngrams.weights, again.ngrams.weights)


def test_json_brings_the_same_encoder_back() -> None:
    encoder, _ = build_encoder(TEXTS, units="both", ngrams=True, min_frequency=2, max_length=8)
    values = json.loads(json.dumps(encoder.to_json(), ensure_ascii=False))
    again = TextEncoder.from_json(values)
    texts = ["房间很好", "", "从未见过的词汇xyz", "早餐[心]"]
    assert [view.ids.tolist() for view in again.encode(texts).views] == [
        view.ids.tolist() for view in encoder.encode(texts).views
    ]
    one, other = again.encode(texts).ngrams, encoder.encode(texts).ngrams
    assert one is not None
    assert other is not None
    assert np.array_equal(one.ids, other.ids)
    assert np.array_equal(one.weights, other.weights)


def test_a_changed_vocabulary_is_noticed() -> None:
    encoder, _ = build_encoder(TEXTS, units="words", ngrams=False, min_frequency=2, max_length=8)
    values = encoder.to_json()
    values["views"]["words"][0] = "别的"
    with pytest.raises(ValueError, match="hash"):
        TextEncoder.from_json(values)


def test_long_texts_keep_their_beginning_and_their_end() -> None:
    text = "".join(chr(0x4E00 + number) for number in range(20))
    encoder, encoded = build_encoder([text], units="characters", ngrams=False, min_frequency=1, max_length=8)
    units = [encoder.vocabularies[0].units[id_ - FIRST] for id_ in encoded.views[0].ids.tolist()]
    assert "".join(units) == text[:6] + text[-2:]


def test_an_empty_text_is_one_unknown_unit() -> None:
    encoder, _ = build_encoder(TEXTS, units="words", ngrams=True, min_frequency=2, max_length=8)
    encoded = encoder.encode(["", "好"])
    assert encoded.views[0].ids[: encoded.views[0].offsets[1]].tolist() == [UNKNOWN]


@pytest.mark.parametrize(
    ("truncation", "kept"), [("head_tail", slice(0, 6)), ("head", slice(0, 8)), ("tail", slice(12, 20))]
)
def test_what_stays_of_a_long_text_can_be_chosen(truncation: str, kept: slice) -> None:
    text = "".join(chr(0x4E00 + number) for number in range(20))
    encoder, encoded = build_encoder(
        [text, text[:5]],
        units="characters",
        ngrams=False,
        min_frequency=1,
        max_length=8,
        truncation=truncation,
    )
    again = TextEncoder.from_json(json.loads(json.dumps(encoder.to_json())))
    ids = again.encode([text]).views[0].ids
    units = "".join(again.vocabularies[0].units[id_ - FIRST] for id_ in ids.tolist())
    assert units == (text[kept] + text[-2:] if truncation == "head_tail" else text[kept])
    assert encoded.cut_share == 0.5


def test_the_automatic_length_fits_all_but_one_in_a_hundred() -> None:
    texts = ["好" * length for length in range(101, 301)]
    for units in ("words", "characters", "both"):
        encoder, encoded = build_encoder(texts, units=units, ngrams=False, min_frequency=1, max_length=0)
        assert encoded.cut_share <= 0.01
        if units != "words":
            assert encoded.cut_share > 0
            assert encoder.max_length == 299
    short, _ = build_encoder(["好吃"] * 50, units="words", ngrams=True, min_frequency=1, max_length=0)
    assert short.max_length == 16
    long, _ = build_encoder(
        ["好" * 5000] * 9, units="characters", ngrams=False, min_frequency=1, max_length=0
    )
    assert long.max_length == 512


def test_own_words_stay_whole_and_travel_with_the_model() -> None:
    text = "小米手环九的续航真好，如果汁多就更好"
    plain, _ = build_encoder([text], units="words", ngrams=False, min_frequency=1, max_length=64)
    assert "小米手环九" not in plain.vocabularies[0].units
    own, _ = build_encoder(
        [text],
        units="words",
        ngrams=False,
        min_frequency=1,
        max_length=64,
        own_words=["小米手环九", "果汁", "ＸＸ-９９"],
    )
    assert "小米手环九" in own.vocabularies[0].units
    assert "如果" in own.vocabularies[0].units, "a word of the user is a word, not a knife"
    again = TextEncoder.from_json(json.loads(json.dumps(own.to_json())))
    assert again.own_words == ("小米手环九", "果汁", "xx-99")
    assert again.units("words")("买了小米手环九和xx-99耳机") == [
        "买",
        "了",
        "小米手环九",
        "和",
        "xx-99",
        "耳机",
    ]
    assert "小米手环九" not in plain.units("words")(text), "other models keep their dictionary"


def test_models_of_before_read_as_they_did() -> None:
    encoder, _ = build_encoder(TEXTS, units="words", ngrams=False, min_frequency=2, max_length=8)
    values = encoder.to_json()
    for name in ("truncation", "normalisation", "own_words", "sha256"):
        del values[name]
    content = json.dumps(values, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    old = TextEncoder.from_json({"sha256": hashlib.sha256(content.encode()).hexdigest(), **values})
    assert old == encoder
