"""A batch in numbers of eight bits, where the model says the same in them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from senti_studio.domain.eight_bits import EIGHT, WHOLE, Comparison
from senti_studio.domain.specs import ClassificationSpec
from senti_studio.errors import UserError
from senti_studio.jobs.protocol import Event, Warned

if TYPE_CHECKING:
    from senti_studio.learning.predict import Predictor

LEAST_LABELLED = 100
"""With fewer known labels, more is learnt from comments of the file without any."""
UNLABELLED = 1000


@dataclass(frozen=True, slots=True)
class Numbers:
    """In which numbers a batch is classified. ``told``: for ``batch.json`` and people."""

    predictor: Predictor
    told: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Wish:
    """What a batch asks for. ``texts``: comments of the file; ``say``: takes events, and raises where a
    command came."""

    spec: ClassificationSpec
    model_sha256: str
    texts: Callable[[int], Sequence[str]]
    say: Callable[[Event], None]


def numbers_for(predictor: Predictor, wish: Wish, before: Mapping[str, Any]) -> Numbers:
    """``before``: what was told of the parts that are there already; they are gone on with in their
    numbers."""
    if wish.spec.precision != EIGHT or before.get("precision") == WHOLE:
        return Numbers(predictor, before)
    texts, labels = _known(wish.spec.known_rows, len(predictor.labels))
    if len(texts) < LEAST_LABELLED:
        texts, labels = wish.texts(UNLABELLED), ()
    if not texts:
        return Numbers(predictor, {"precision": WHOLE})
    try:
        eight = predictor.in_eight_bits(texts)
    except UserError as error:
        wish.say(Warned(code=error.code, params=error.params))
        return Numbers(predictor, {"precision": WHOLE, "code": error.code})
    if before:
        return Numbers(eight, before)
    found = _compared(predictor, eight, wish, texts, labels)
    if found.is_worth_it:
        return Numbers(eight, {"precision": EIGHT, **found.told()})
    if wish.spec.insists:
        wish.say(Warned(code="INT8_ALL_THE_SAME", params=found.told()))
        return Numbers(eight, {"precision": EIGHT, **found.told()})
    code = _reason(found)
    wish.say(Warned(code=code, params=found.told()))
    return Numbers(predictor, {"precision": WHOLE, "code": code, **found.told()})


def _reason(found: Comparison) -> str:
    if found.is_as_good:
        return "INT8_SLOWER"
    return "INT8_LOSES" if found.is_labelled else "INT8_CHANGES"


def _compared(
    whole: Predictor, eight: Predictor, wish: Wish, texts: Sequence[str], labels: Sequence[int]
) -> Comparison:
    from senti_studio.learning.bits_compared import compared

    steps = compared(whole, eight, texts, labels, wish.model_sha256)
    try:
        while True:
            wish.say(next(steps))
    except StopIteration as end:
        found: Comparison = end.value
        return found
    finally:
        steps.close()


def _known(path: str, classes: int) -> tuple[Sequence[str], Sequence[int]]:
    """Comments with known labels; none where the run of the model is gone, or damaged."""
    from senti_studio.learning.data import read_part

    if not path:
        return (), ()
    try:
        rows = read_part(Path(path), classes)
    except UserError:
        return (), ()
    return rows.texts, rows.labels
