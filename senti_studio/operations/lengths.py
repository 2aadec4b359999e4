"""How many comments are longer than a net reads, estimated before a training without cutting words."""

from __future__ import annotations

import re
from collections.abc import Sequence

from senti_studio.domain.architectures import options_of
from senti_studio.domain.memory_forecast import TextSizes
from senti_studio.domain.training_options import TrainingOptions
from senti_studio.storage.project import Project

SAMPLE = 1000
WORDS_PER_CHARACTER = 0.65
"""Words of a comment for each of its characters (runs of Latin letters and of digits count as one): 0.644 for
hotel reviews and for posts on Weibo, 0.664 for takeaway reviews; the estimated shares were right within half
a percent at 256 units."""

_UNITS = re.compile(r"\[[^\[\]\s]{1,8}\]|[A-Za-z]+|\d+|\S")


def length_kind(architecture: str, options: TrainingOptions) -> str:
    """``fixed``: comments longer than that are cut; ``automatic``: as long as these comments want it;
    ``windows``: nothing is cut; "" where the architecture reads whole comments."""
    used = options_of(architecture)
    if "max_length" not in used:
        return ""
    if options.windows and "windows" in used:
        return "windows"
    return "fixed" if options.max_length else "automatic"


def cut_share(project: Project, ids: Sequence[int], architecture: str, options: TrainingOptions) -> float:
    """Share of these comments that loses units, from at most `SAMPLE` of them; 0 for an automatic length and
    for windows."""
    if not ids or length_kind(architecture, options) != "fixed":
        return 0.0
    some = ids[:: max(1, len(ids) // SAMPLE)]
    per_character = WORDS_PER_CHARACTER if options.units == "words" else 1.0
    most = options.max_length / per_character
    # Whoever is not longer in characters is not longer in units either.
    long = sum(
        len(text) > most and len(_UNITS.findall(text)) > most for _, text in project.comments.texts(some)
    )
    return long / len(some)


def units_of(text: str) -> int:
    """About how many units of an encoder a text has."""
    return len(_UNITS.findall(text))


def text_sizes(project: Project, ids: Sequence[int]) -> TextSizes:
    """How large these comments are together, from at most `SAMPLE` of them."""
    if not ids:
        return TextSizes()
    lengths = [len(text) for _, text in project.comments.texts(ids[:: max(1, len(ids) // SAMPLE)])]
    return TextSizes(len(ids), round(sum(lengths) / len(lengths) * len(ids)), max(lengths))
