"""Words (by rjieba, which is jieba in Rust, else by jieba) and characters of a normalised text."""

from __future__ import annotations

import functools
import importlib.metadata
import re
from collections.abc import Callable, Iterable

_SPECIAL = re.compile(r"(\[[^\[\]\s]{1,8}\])")
"""Emoticon codes of Chinese social networks: ``[心]``, ``[doge]``."""
_CHARACTERS = re.compile(r"\[[^\[\]\s]{1,8}\]|[a-z]+|\d+|\S")


@functools.cache
def _cutter() -> tuple[Callable[[str], Iterable[str]], str]:
    """The function that cuts, and the name and version of what it comes from."""
    try:
        import rjieba
    except ImportError:
        import logging

        import jieba

        jieba.setLogLevel(logging.WARNING)
        return jieba.lcut, f"jieba {importlib.metadata.version('jieba')}"
    return rjieba.cut, f"rjieba {importlib.metadata.version('rjieba')}"


def segmenter_name() -> str:
    """What cuts words on this machine, with its version; a model's card records it."""
    return _cutter()[1]


@functools.lru_cache(maxsize=8)
def cutter_with(own_words: tuple[str, ...]) -> Callable[[str], Iterable[str]]:
    """The function that cuts with ``own_words`` (normalised) beside the dictionary, each so frequent that it
    stays whole where nothing speaks against it. The dictionary of everybody else remains as it is."""
    if not own_words:
        return _cutter()[0]
    _cutter()  # silences jieba where there is no rjieba
    try:
        import rjieba
    except ImportError:
        import jieba

        tokenizer = jieba.Tokenizer()
        for word in own_words:
            tokenizer.add_word(word)
        return tokenizer.lcut  # type: ignore[no-any-return]
    fast = rjieba.Jieba()
    for word in own_words:
        fast.add_word(word, fast.suggest_freq(word), "")
    return fast.cut


def words(text: str, own_words: tuple[str, ...] = ()) -> list[str]:
    """The words of a normalised text; emoticon codes are one word each, blanks none."""
    cut = cutter_with(own_words)
    if "[" not in text:
        return [word for word in cut(text) if word != " "]
    found: list[str] = []
    for position, piece in enumerate(_SPECIAL.split(text)):
        if position % 2:
            found.append(piece)
        elif piece:
            found.extend(word for word in cut(piece) if word != " ")
    return found


def characters(text: str) -> list[str]:
    """Characters of a normalised text; runs of Latin letters or digits and emoticon codes are one each."""
    return _CHARACTERS.findall(text)
