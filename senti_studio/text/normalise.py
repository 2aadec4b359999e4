"""One spelling for what people write in many: full width, capitals, links, names, endless repeats."""

from __future__ import annotations

import re
import unicodedata

LINK = "\uf8f0"
"""Stands for a URL or a mail address: one private-use character, so that it is one unit in every view."""
NAME = "\uf8f1"
"""Stands for an ``@user name``."""

_FOREIGN = re.compile(
    r"[\x00-\x08\x0e-\x1f\x7f\u200b-\u200f\u2028-\u202e\u2060\ufe00-\ufe0f\ufeff\ufffd\ud800-\udfff\ue000-\uf8ef\uf8f2-\uf8ff]"
)
"""Control characters, invisible marks, half surrogates, user-defined characters: no news to a model."""
_LINKS = re.compile(
    r"(?:https?://|www\.)[!-~]+|[a-z0-9_.+-]+@[a-z0-9-]+(?:\.[a-z0-9-]+)+|\b(?:t\.cn|url\.cn|dwz\.cn)/[!-~]+"
)
_NAMES = re.compile(r"@[\w\-·]{1,30}")
_REPEATS = re.compile(r"(.)\1{3,}", re.DOTALL)


def normalise(text: str) -> str:
    """NFKC, lower case, links and user names as one character each, at most three repeats, single blanks.

    Emoji stay. The result of a blank text is empty.
    """
    if not unicodedata.is_normalized("NFKC", text):
        text = unicodedata.normalize("NFKC", text)
    text = _FOREIGN.sub("", text.lower())
    if "." in text or "://" in text:
        text = _LINKS.sub(LINK, text)
    if "@" in text:
        text = _NAMES.sub(NAME, text)
    return " ".join(_REPEATS.sub(r"\1\1\1", text).split())
