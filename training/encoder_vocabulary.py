"""The vocabulary of an encoder: characters, frequent words, emoji; a text is cut the likeliest way."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from encoder_texts import EMOJI, Corpus, Emoji

from senti_studio.domain.training_options import TrainingOptions
from senti_studio.learning.bert.scratch import FIRST, HIDDEN, LAST, PADDING, UNKNOWN
from senti_studio.learning.bert.spelling import spelling
from senti_studio.learning.bert.token_encoder import Marks, TokenEncoder, segmenter
from senti_studio.text.normalise import LINK, NAME, Normalisation
from senti_studio.text.segment import words

SPECIAL = (PADDING, UNKNOWN, FIRST, LAST, HIDDEN)
NAMES = dict(zip(("pad_token", "unk_token", "cls_token", "sep_token", "mask_token"), SPECIAL, strict=True))
ALWAYS = (*"abcdefghijklmnopqrstuvwxyz0123456789，。！？、；：,.!?", LINK, NAME)
MOST_CHARACTERS = 0.65
"""Of the vocabulary; the rest are words."""
RUN = r"\[[^\[\]\s]{1,6}\]|[a-z]+|\d+|[㐀-鿿]+|\S"
"""Words, and the codes of posts, are looked for inside of these alone."""
_WORD = re.compile(r"\[[^\[\]\s]{1,6}\]|[a-z]{2,12}|\d{2,4}|[㐀-鿿]{2,4}")


def make_encoder(
    corpus: Corpus, net: Mapping[str, Any], *, size: int, least: int, length: int
) -> TokenEncoder:
    """An encoder of ``size`` units for the texts; characters rarer than ``least`` are unknown. The same texts
    give the same one. ``net``: the config of the net, which is given the size of the vocabulary."""
    scored = scored_units(corpus.texts, corpus.times, size=size, least=least)
    ids = {unit: number for number, (unit, _) in enumerate(scored)}
    return TokenEncoder(
        _tokenizer(scored),
        Marks((ids[FIRST],), (ids[LAST],), ids[PADDING], ids[UNKNOWN], NAMES),
        {**net, "vocab_size": len(scored), "pad_token_id": ids[PADDING]},
        length,
        "head",
        Normalisation.of(TrainingOptions()),
        segmenter(),
    )


def tokenizer_for_everybody(encoder: TokenEncoder) -> Any:
    """The tokenizer with our spelling in front, as other programs need it."""
    return spelling(encoder)


def scored_units(
    texts: Sequence[str], times: Sequence[int], *, size: int, least: int
) -> list[tuple[str, float]]:
    """Units and how likely they are (logarithms): marks, characters, then words, the most frequent first and
    the alphabet where they are equal."""
    characters: Counter[str] = Counter()
    found: Counter[str] = Counter()
    for text, often in zip(texts, times, strict=True):
        for unit in words(text):
            found[unit] += often
    for unit, count in found.items():
        for character in unit:
            characters[character] += count
    total = sum(characters.values())
    emoji = [each for each in Emoji.read(EMOJI).names if len(each) == 1]
    fixed = dict.fromkeys((*ALWAYS, *emoji))
    room = int(size * MOST_CHARACTERS) - len(fixed)
    rest = [unit for unit, count in characters.items() if count >= least and unit not in fixed]
    chosen = [*fixed, *_first(rest, characters, room)]
    longer = [unit for unit, count in found.items() if count >= least and _WORD.fullmatch(unit)]
    chosen += _first(longer, found, size - len(SPECIAL) - len(chosen))
    counts = characters | found
    scored = [(unit, math.log(max(1, counts[unit]) / max(1, total))) for unit in chosen if unit.strip()]
    return [*((unit, 0.0) for unit in SPECIAL), *scored]


def _first(units: Sequence[str], counts: Counter[str], most: int) -> list[str]:
    return sorted(units, key=lambda unit: (-counts[unit], unit))[: max(0, most)]


def _tokenizer(scored: list[tuple[str, float]]) -> Any:
    from tokenizers import Regex, Tokenizer
    from tokenizers.models import Unigram
    from tokenizers.pre_tokenizers import Split
    from tokenizers.processors import TemplateProcessing

    ids = {unit: number for number, (unit, _) in enumerate(scored)}
    made = Tokenizer(Unigram(scored, unk_id=ids[UNKNOWN], byte_fallback=False))
    made.pre_tokenizer = Split(Regex(RUN), behavior="removed", invert=True)
    made.post_processor = TemplateProcessing(
        single=f"{FIRST} $A {LAST}",
        pair=f"{FIRST} $A {LAST} $B {LAST}",
        special_tokens=[(FIRST, ids[FIRST]), (LAST, ids[LAST])],
    )
    made.add_special_tokens(list(SPECIAL))
    return made
