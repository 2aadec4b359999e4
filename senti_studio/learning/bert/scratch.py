"""Encoders that start from nothing: a vocabulary from the texts of the training, and a small BERT."""

from __future__ import annotations

import collections
import itertools
import re
from collections.abc import Sequence
from typing import Any

from senti_studio.domain.encoders import SCRATCH
from senti_studio.domain.training_options import TrainingOptions
from senti_studio.learning.bert.token_encoder import Marks, TokenEncoder, segmenter
from senti_studio.learning.bert.windows import overlap_of
from senti_studio.text.encoding import BOUNDS, bearable
from senti_studio.text.normalise import Normalisation

PADDING, UNKNOWN, FIRST, LAST, HIDDEN = "[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"
_SPECIAL = (PADDING, UNKNOWN, FIRST, LAST, HIDDEN)
_NAMES = dict(zip(("pad_token", "unk_token", "cls_token", "sep_token", "mask_token"), _SPECIAL, strict=True))

MOST_CHARACTERS = 8000
MOST_WORDS = 4000
_PIECES = "abcdefghijklmnopqrstuvwxyz0123456789"
_WORDS = re.compile(r"[a-z]{2,}|\d{2,}")
CUT = r"[a-z]+|\d+|\S"
"""What the pieces are made of: words of letters, numbers, and every other character alone."""


def scratch_encoder(texts: Sequence[str], options: TrainingOptions) -> TokenEncoder:
    """An encoder for a new net that has the characters and frequent foreign words of normalised ``texts``."""
    vocabulary = _vocabulary(texts, bearable(options.min_frequency, len(texts)))
    size = SCRATCH[options.encoder]
    net = {
        "model_type": "bert",
        "vocab_size": len(vocabulary),
        "hidden_size": size.width,
        "num_hidden_layers": size.layers,
        "num_attention_heads": size.heads,
        "intermediate_size": size.inner,
        "max_position_embeddings": max(BOUNDS[1], options.max_length),
        "type_vocab_size": 1,
        "pad_token_id": vocabulary[PADDING],
    }
    marks = Marks((vocabulary[FIRST],), (vocabulary[LAST],), vocabulary[PADDING], vocabulary[UNKNOWN], _NAMES)
    return TokenEncoder(
        _tokenizer(vocabulary),
        marks,
        net,
        options.max_length,
        options.truncation,
        Normalisation.of(options),
        segmenter(),
        overlap_of(options),
    )


def _vocabulary(texts: Sequence[str], least: int) -> dict[str, int]:
    """The most frequent characters and words of letters or digits; the order is that of the counts, and where
    they are equal that of the alphabet, so that the same texts give the same ids."""
    characters: collections.Counter[str] = collections.Counter()
    words: collections.Counter[str] = collections.Counter()
    for text in texts:
        characters.update(text)
        words.update(_WORDS.findall(text))
    del characters[" "]
    units = itertools.chain(
        _SPECIAL,
        _PIECES,
        (f"##{each}" for each in _PIECES),
        _frequent(characters, least, MOST_CHARACTERS),
        _frequent(words, max(2, least), MOST_WORDS),
    )
    return {unit: number for number, unit in enumerate(dict.fromkeys(units))}


def _frequent(counts: collections.Counter[str], least: int, most: int) -> list[str]:
    kept = [unit for unit, count in counts.items() if count >= least]
    return sorted(kept, key=lambda unit: (-counts[unit], unit))[:most]


def _tokenizer(vocabulary: dict[str, int]) -> Any:
    from tokenizers import Regex, Tokenizer
    from tokenizers.models import WordPiece
    from tokenizers.pre_tokenizers import Split
    from tokenizers.processors import TemplateProcessing

    made = Tokenizer(WordPiece(vocabulary, unk_token=UNKNOWN, max_input_chars_per_word=100))
    made.pre_tokenizer = Split(Regex(CUT), behavior="removed", invert=True)
    made.post_processor = TemplateProcessing(
        single=f"{FIRST} $A {LAST}",
        special_tokens=[(FIRST, vocabulary[FIRST]), (LAST, vocabulary[LAST])],
    )
    made.add_special_tokens(list(_SPECIAL))
    return made
