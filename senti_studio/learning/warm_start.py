"""Trainings that begin with an earlier model: its vocabulary is extended, its weights are taken over."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

from senti_studio.domain.specs import TrainingSpec
from senti_studio.domain.training_options import TrainingOptions, words_in
from senti_studio.errors import UserError
from senti_studio.learning.bert.token_encoder import TokenEncoder
from senti_studio.learning.bert.windows import overlap_of
from senti_studio.learning.contract import Encoder, Lesson, Start
from senti_studio.learning.model_files import shapes_of
from senti_studio.text.encoding import AUTOMATIC, EncodedTexts, TextEncoder, bearable, normal_words
from senti_studio.text.ngrams import Ngrams
from senti_studio.text.vocabulary import FIRST, Vocabulary

Ids = npt.NDArray[np.int64]
"""For each id of an earlier model, classes among them, the new one, or -1 where it is no more."""


def continued(
    encoder: Encoder, texts: Sequence[str], options: TrainingOptions
) -> tuple[Encoder, EncodedTexts]:
    """The encoder of an earlier model with the new units of the normalised ``texts`` behind its own, as far
    as there is room, and these texts encoded. One that has no units of ours stays as it is."""
    least = bearable(options.min_frequency, len(texts))
    if isinstance(encoder, TokenEncoder):
        encoder = replace(
            encoder, overlap=overlap_of(options), ngrams=_more_ngrams(encoder.ngrams, texts, least)
        )
    if not isinstance(encoder, TextEncoder):
        return encoder, encoder.encode(texts)
    own = normal_words(words_in(options.own_words), encoder.normalisation)
    longest = encoder.max_length if options.max_length == AUTOMATIC else options.max_length
    encoder = replace(
        encoder,
        own_words=tuple(dict.fromkeys((*encoder.own_words, *own))),
        truncation=options.truncation if encoder.views else encoder.truncation,
        max_length=longest if encoder.views else encoder.max_length,
    )
    more = {
        view: Vocabulary.build(map(encoder.units(view), texts), min_frequency=least).units
        for view in encoder.views
    }
    encoder = replace(encoder.extended(more), ngrams=_more_ngrams(encoder.ngrams, texts, least))
    return encoder, encoder.encode(texts)


def _more_ngrams(known: Ngrams | None, texts: Sequence[str], least: int) -> Ngrams | None:
    if known is None:
        return None
    return known.extended(Ngrams.build(texts, min_rows=least, most_characters=known.most_characters))


def facts_of(start: Start, encoder: Encoder, spec: TrainingSpec) -> dict[str, Any]:
    """What is taken over, for the card: ``units`` and ``new_units`` of all vocabularies, keys of labels that
    both know, that are ``new_labels``, and that are ``gone``."""
    known, now = sum(start.encoder.sizes.values()), sum(encoder.sizes.values())
    keys = [label.key for label in spec.labels]
    return {
        "model": spec.start.name if spec.start is not None else "",
        "units": known,
        "new_units": now - known,
        "labels": [key for key in keys if key in start.labels],
        "new_labels": [key for key in keys if key not in start.labels],
        "gone": [key for key in start.labels if key not in keys],
    }


@torch.no_grad()
def take_over(net: nn.Module, lesson: Lesson) -> None:
    """Gives a new net the weights of the earlier one, as far as these mean something in it.

    The rows of units, n-grams and classes are found by what they stand for; what is new keeps the weights
    that a new net has. Raises UserError ``START_DOES_NOT_FIT`` for weights of another shape.
    """
    start = lesson.start
    if start is None:
        return
    maps = _maps(start, lesson)
    axes = _axes(start, lesson)
    wrong = []
    for name, weights in net.state_dict().items():
        old = start.weights.get(name)
        if old is None or not _fits(tuple(old.shape), tuple(weights.shape), axes[name], maps):
            wrong.append(f"{name}: {tuple(old.shape) if old is not None else '—'} → {tuple(weights.shape)}")
            continue
        pairs = [_pairs(maps.get(axis), size) for axis, size in zip(axes[name], weights.shape, strict=True)]
        source = old.to(weights.device)
        for place, (there, _) in enumerate(pairs):
            source = source.index_select(place, there.to(weights.device))
        weights[torch.meshgrid(*(here for _, here in pairs), indexing="ij")] = source
    if wrong:
        raise UserError(
            "START_DOES_NOT_FIT",
            model=lesson.spec.start.name if lesson.spec.start is not None else "",
            differences=wrong[:3],
        )


def _fits(old: tuple[int, ...], new: tuple[int, ...], axes: Sequence[str], maps: Mapping[str, Ids]) -> bool:
    return len(old) == len(new) and all(
        there == (len(maps[axis]) if axis in maps else here)
        for there, here, axis in zip(old, new, axes, strict=True)
    )


def _pairs(ids: Ids | None, size: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Places in the old weights, and where they are in the new ones."""
    if ids is None:
        return torch.arange(size), torch.arange(size)
    there = np.flatnonzero(ids >= 0)
    return torch.from_numpy(there), torch.from_numpy(ids[there])


def _maps(start: Start, lesson: Lesson) -> dict[str, Ids]:
    """What an axis counts -> old id -> new id."""
    keys = [label.key for label in lesson.spec.labels]
    found = {"classes": np.array([keys.index(key) if key in keys else -1 for key in start.labels])}
    old, new = start.encoder, lesson.encoder
    if isinstance(old, TextEncoder) and isinstance(new, TextEncoder):
        for number, (one, other) in enumerate(zip(old.vocabularies, new.vocabularies, strict=True)):
            found[f"units {number}"] = np.array([*range(FIRST), *other.ids(one.units)])
    before, after = _ngrams_of(old), _ngrams_of(new)
    if before is not None and after is not None:
        found["ngrams"] = np.concatenate([[0], np.searchsorted(after.keys, before.keys) + 1])
    return found


def _ngrams_of(encoder: Encoder) -> Ngrams | None:
    return encoder.ngrams if isinstance(encoder, (TextEncoder, TokenEncoder)) else None


def _axes(start: Start, lesson: Lesson) -> dict[str, tuple[str, ...]]:
    """What each axis of each weight counts: it grows with the number of classes, of units, of n-grams, or it
    has a size of its own (""). Whoever builds another net has nothing to declare."""
    encoder, classes = lesson.encoder, len(lesson.spec.labels)

    def shapes(encoder: Encoder, classes: int) -> dict[str, tuple[int, ...]]:
        return shapes_of(lambda: start.rebuild(encoder, classes))

    plain = shapes(encoder, classes)
    grown = {"classes": shapes(encoder, classes + 1)}
    if isinstance(encoder, TextEncoder):
        for number, vocabulary in enumerate(encoder.vocabularies):
            larger = list(encoder.vocabularies)
            larger[number] = Vocabulary((*vocabulary.units, _NOBODYS))
            grown[f"units {number}"] = shapes(replace(encoder, vocabularies=tuple(larger)), classes)
    if isinstance(encoder, (TextEncoder, TokenEncoder)) and encoder.ngrams is not None:
        keys = np.append(encoder.ngrams.keys, np.iinfo(np.int64).max)
        another = replace(encoder.ngrams, keys=keys, counts=np.append(encoder.ngrams.counts, 0))
        grown["ngrams"] = shapes(replace(encoder, ngrams=another), classes)
    return {
        name: tuple(
            next((what for what, larger in grown.items() if larger[name][place] != size), "")
            for place, size in enumerate(shape)
        )
        for name, shape in plain.items()
    }


_NOBODYS = "\x00\x00"
"""No text has this unit."""
