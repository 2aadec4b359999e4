"""What is marked in a text is what was written there: texts whose spelling changes their length."""

from __future__ import annotations

import numpy as np
import pytest

from senti_studio.learning.explain.placing import Letters, as_written, of_words
from senti_studio.text.encoding import TextEncoder, build_encoder
from senti_studio.text.normalise import Normalisation, normalise

ALL = Normalisation(simplified=True)
PLAIN = Normalisation(full_width=False, simplified=False, links=False, user_names=False, repeats=0)
TEXTS = (
    "房间很大😂😂，早餐👨\u200d👩\u200d👧不错",
    "ＡＢＣ１２３　服務熱情，髮廊後面㈱½",
    "好好好好好好好吃！！！！！！！！下次还来",
    "见 https://t.cn/A6?x=1 和 a.b@c.cn，@小明_88 说\n\n很好\t吃",
    "坏\ud83d半个\ude02，\ud800再也不来",
    "\ufeff e\u0301te\u0301 İstanbul ｶﾞ ①②③ \u200b好\ufe0f",
    "\U0001f1e8\U0001f1f3🏽" * 3 + "中国",
)


def encoder_of(how: Normalisation) -> TextEncoder:
    texts = [normalise(text, how) for text in TEXTS]
    found, _ = build_encoder(
        texts, units="both", ngrams=True, min_frequency=1, max_length=64, normalisation=how
    )
    return found


@pytest.mark.parametrize("how", [ALL, PLAIN, Normalisation()])
@pytest.mark.parametrize("text", TEXTS)
def test_words_and_units_stand_where_they_were_written(text: str, how: Normalisation) -> None:
    encoder = encoder_of(how)
    trace = encoder.traced(text)
    spans = encoder.words(trace.text)
    weights = np.arange(1.0, 1.0 + len(trace.text))
    words = of_words(spans, weights, trace)
    for (start, end), word in zip(spans, words, strict=True):
        assert 0 <= word.start < word.end <= len(text)
        spelt = normalise(text[word.start : word.end], how)
        assert trace.text[start:end] in spelt, "one sign may be spelt as several words"
    assert sum(as_written(weights, trace)) == pytest.approx(weights.sum()), "nothing is lost on the way"
    for view in encoder.places(trace.text).units:
        letters = Letters(trace.text)
        letters.add(view, np.ones(len(view)))
        marked = as_written(letters.weights, trace)
        assert marked.sum() + letters.rest == pytest.approx(len(view))
        unmarked = "".join(text[place] for place in np.flatnonzero(marked == 0))
        assert normalise(unmarked, how) == "" or how.repeats, ascii(unmarked)


@pytest.mark.parametrize("text", ["", " \n\u3000", "\ud800", "\u200b\ufeff"])
def test_of_a_blank_text_nothing_is_marked(text: str) -> None:
    trace = encoder_of(ALL).traced(text)
    assert trace.text == ""
    assert as_written(np.zeros(0), trace).tolist() == [0.0] * len(text)
