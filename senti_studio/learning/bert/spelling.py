"""The tokenizer of a model for programs that are not ours: it spells texts as we do before it cuts them."""

from __future__ import annotations

from typing import Any

from senti_studio.learning.bert.token_encoder import TOKENIZER, TokenEncoder
from senti_studio.text.normalise import (
    FOREIGN,
    LINK,
    LINKS,
    NAME,
    NAMES,
    Normalisation,
    simplified_pairs,
)


def spelling(encoder: TokenEncoder) -> Any:
    """A `tokenizers.Tokenizer` with our normalisation before its own."""
    from tokenizers import Tokenizer, normalizers

    found = Tokenizer.from_str(encoder.contents()[TOKENIZER].decode())
    own = [found.normalizer] if found.normalizer is not None else []
    found.normalizer = normalizers.Sequence([*_steps(encoder.normalisation), *own])
    return found


def speller(how: Normalisation) -> Any:
    """A `tokenizers.Tokenizer` that knows no unit: its normaliser spells a text as `text.normalise` does."""
    from tokenizers import Tokenizer, normalizers
    from tokenizers.models import WordLevel

    found = Tokenizer(WordLevel({"": 0}, unk_token=""))
    found.normalizer = normalizers.Sequence(_steps(how))
    return found


def _steps(how: Normalisation) -> list[Any]:
    """`text.normalise.normalise` step by step, in the words of tokenizers."""
    from tokenizers import Regex, normalizers

    steps: list[Any] = [normalizers.NFKC()] if how.full_width else []
    # Half surrogates cannot occur in the strings of tokenizers, nor in its patterns.
    foreign = FOREIGN.pattern.replace(r"\ud800-\udfff", "")
    steps += [normalizers.Lowercase(), normalizers.Replace(Regex(foreign), "")]
    if how.simplified:
        steps += [normalizers.Replace(chr(old), new) for old, new in simplified_pairs().items()]
    if how.links:
        steps.append(normalizers.Replace(Regex(LINKS.pattern), LINK))
    if how.user_names:
        steps.append(normalizers.Replace(Regex(NAMES.pattern), NAME))
    if how.repeats:
        steps.append(normalizers.Replace(Regex(rf"(.)\1{{{how.repeats - 1}}}\K\1+"), ""))
    return [*steps, normalizers.Replace(Regex(r"\s+"), " "), normalizers.Strip()]
