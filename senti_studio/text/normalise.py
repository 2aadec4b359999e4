"""One spelling for what people write in many: full width, capitals, links, names, endless repeats."""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from senti_studio.domain.training_options import RANGES, TrainingOptions
from senti_studio.resources import resource

LINK = "\uf8f0"
"""Stands for a URL or a mail address: one private-use character, so that it is one unit in every view."""
NAME = "\uf8f1"
"""Stands for an ``@user name``."""

FOREIGN = re.compile(
    r"[\x00-\x08\x0e-\x1f\x7f\u200b-\u200f\u2028-\u202e\u2060\ufe00-\ufe0f\ufeff\ufffd\ud800-\udfff\ue000-\uf8ef\uf8f2-\uf8ff]"
)
"""Control characters, invisible marks, half surrogates, user-defined characters: no news to a model."""
LINKS = re.compile(
    r"(?:https?://|www\.)[!-~]+|[a-z0-9_.+-]+@[a-z0-9-]+(?:\.[a-z0-9-]+)+|\b(?:t\.cn|url\.cn|dwz\.cn)/[!-~]+"
)
NAMES = re.compile(r"@[\w\-·]{1,30}")


@dataclass(frozen=True, slots=True)
class Normalisation:
    """What is made one. ``full_width``: NFKC, so that Ａ is a; ``simplified``: traditional characters as
    simplified ones; ``links`` and ``user_names`` as one mark each; ``repeats``: the most times that a
    character stands in a row (0 = as written)."""

    full_width: bool = True
    simplified: bool = False
    links: bool = True
    user_names: bool = True
    repeats: int = 3

    @classmethod
    def of(cls, options: TrainingOptions) -> Normalisation:
        return cls(options.full_width, options.simplified, options.links, options.user_names, options.repeats)

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Normalisation:
        """Reads `to_json`; raises TypeError or ValueError when it is something else."""
        found = cls(**values)
        if any(type(getattr(found, name)) is not type(value) for name, value in asdict(cls()).items()):
            raise TypeError(f"normalisation: {dict(values)}")
        if not 0 <= found.repeats <= RANGES["repeats"][1]:
            raise ValueError(f"normalisation: repeats {found.repeats}")
        return found


AS_EVER = Normalisation()
"""What models do that do not say anything about it."""


def normalise(text: str, how: Normalisation = AS_EVER) -> str:
    """Lower case and single blanks without invisible marks, and what ``how`` says.

    Emoji stay. The result of a blank text is empty.
    """
    if how.full_width and not unicodedata.is_normalized("NFKC", text):
        text = unicodedata.normalize("NFKC", text)
    text = FOREIGN.sub("", text.lower())
    if how.simplified:
        text = text.translate(simplified_pairs())
    if how.links and ("." in text or "://" in text):
        text = LINKS.sub(LINK, text)
    if how.user_names and "@" in text:
        text = NAMES.sub(NAME, text)
    if how.repeats:
        text = repeats_above(how.repeats).sub(lambda found: found[1] * how.repeats, text)
    return " ".join(text.split())


@functools.cache
def repeats_above(most: int) -> re.Pattern[str]:
    """What stands more than ``most`` times in a row."""
    return re.compile(rf"(.)\1{{{most},}}", re.DOTALL)


@functools.cache
def simplified_pairs() -> dict[int, str]:
    """The pairs of ``resources/text/simplified.txt``: Unihan, and everyday spellings; see the file."""
    lines = resource("text", "simplified.txt").read_text("utf-8").splitlines()
    pairs = [pair for line in lines if not line.startswith("#") for pair in line.split()]
    return {ord(pair[0]): pair[1] for pair in pairs}
