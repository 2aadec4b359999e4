"""Word vectors as the first weights of a net: which units have one, which are put together of characters."""

from __future__ import annotations

import collections
import math
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from senti_studio.domain.training_options import TrainingOptions
from senti_studio.jobs.protocol import Event, Preparing, Warned
from senti_studio.learning.beside import beside
from senti_studio.learning.general_vectors import general_vectors
from senti_studio.learning.word2vec import learn_vectors
from senti_studio.text.encoding import EncodedTexts, TextEncoder, UnitRows, bearable
from senti_studio.text.vector_files import Vector, VectorFile, read_vectors
from senti_studio.text.vocabulary import FIRST, MOST_UNITS, PADDING, Vocabulary

Weights = npt.NDArray[np.float32]

SPREAD = 0.3
"""Standard deviation of the numbers of known vectors, whatever it was where they come from: larger than
that of units without one, so that what is known speaks louder."""
UNKNOWN_SPREAD = 0.1
LITTLE = 0.5
"""Vectors that cover less than this share of the running units bring a warning."""
_CUT_AT_ONCE = 20_000


@dataclass(frozen=True, slots=True)
class Found:
    """By view: where its vectors are, and ``more_units``: units with a vector that occur in any comment, most
    frequent first. ``comments``: how many comments without a part were read beside."""

    files: Mapping[str, VectorFile]
    more_units: Mapping[str, tuple[str, ...]]
    comments: int


def find_vectors(
    options: TrainingOptions,
    encoder: TextEncoder,
    texts: Sequence[str],
    train: EncodedTexts,
    unlabelled: Sequence[str],
) -> Generator[Event, None, Found]:
    """Vectors for the units of all comments, learnt from these (``project``), read from a file, or those in
    the box (``general``), with which units are known, too, that no comment has yet.

    ``texts`` are those of the training part, normalised; ``train``: as ``encoder`` gives them. Raises
    UserError as `read_vectors`.
    """
    if options.vectors == "general":
        return _general(options, encoder, train)
    every = [*texts, *map(encoder.normalise, unlabelled)]
    least = bearable(options.min_frequency, len(every))
    rows: dict[str, list[list[str]]] = {}
    for view in encoder.views:
        rows[view] = yield from _cut(encoder, view, every)
    counts = {view: collections.Counter(unit for row in cut for unit in row) for view, cut in rows.items()}
    files: dict[str, VectorFile] = {}
    if options.vectors == "file":
        units = set().union(*counts.values())
        wanted = units.union(*units)
        read = yield from beside(
            ["vectors"], 0, lambda watch: read_vectors(Path(options.vectors_file), wanted, watch=watch)
        )
        files = dict.fromkeys(encoder.views, read)
    else:
        for number, (view, cut) in enumerate(rows.items()):
            learnt = yield from learn_vectors(
                cut, size=options.embedding_size, min_frequency=least, seed=options.seed + number
            )
            files[view] = VectorFile(options.embedding_size, learnt, len(learnt))
    more = {
        view: tuple(
            unit
            for unit, count in counted.most_common(MOST_UNITS)
            if count >= least and _parts(unit, files[view].vectors)
        )
        for view, counted in counts.items()
    }
    return Found(files, more, len(unlabelled))


def _general(options: TrainingOptions, encoder: TextEncoder, train: EncodedTexts) -> Found:
    """Other comments need not be read: what they might bring is in the box. A project in another language
    does not get words that it never has."""
    files, more = {}, {}
    for view, vocabulary, rows in zip(encoder.views, encoder.vocabularies, train.views, strict=True):
        files[view] = file = general_vectors(view, options.embedding_size)
        known = np.array([False] * FIRST + [bool(_parts(unit, file.vectors)) for unit in vocabulary.units])
        speaks = bool(len(rows.ids)) and float(known[rows.ids].mean()) >= LITTLE
        more[view] = tuple(file.vectors) if speaks else ()
    return Found(files, more, 0)


def _cut(encoder: TextEncoder, view: str, texts: Sequence[str]) -> Generator[Event, None, list[list[str]]]:
    """One object for each unit, however often it occurs: comments by the hundred thousand stay small."""
    one: dict[str, str] = {}
    cut = encoder.units(view)
    rows = []
    for number, text in enumerate(texts):
        if number % _CUT_AT_ONCE == 0:
            yield Preparing(stage="segmenting", done=number, total=len(texts))
        rows.append([one.setdefault(unit, unit) for unit in cut(text)])
    return rows


def first_weights(
    options: TrainingOptions, encoder: TextEncoder, train: EncodedTexts, found: Found
) -> tuple[tuple[Weights, ...], dict[str, Any]]:
    """The tables of all views, and what the card says about them."""
    tables, views = [], {}
    for view, vocabulary, rows in zip(encoder.views, encoder.vocabularies, train.views, strict=True):
        table = table_of(
            vocabulary, rows, found.files[view], seed=options.seed, frozen=options.vectors_frozen
        )
        tables.append(table.weights)
        views[view] = {"running": table.running, "types": table.types, "composed": table.composed}
    file = next(iter(found.files.values()))
    facts = {
        "source": options.vectors,
        "file": Path(options.vectors_file).name if options.vectors == "file" else "",
        "size": file.size,
        "frozen": options.vectors_frozen,
        "rows": file.rows,
        "skipped": file.skipped,
        "missing": file.missing,
        "comments": found.comments,
        "views": views,
    }
    return tuple(tables), facts


def warnings_of(reading: Mapping[str, Any]) -> Generator[Event, None, None]:
    """What is to be said of vectors that cover little of what was read; of those in the box nothing, which
    nobody need have asked for."""
    facts = reading.get("vectors")
    if facts is None or facts["source"] == "general":
        return
    covered = min(view["running"] for view in facts["views"].values())
    params = {"file": facts["file"], "percent": round(100 * covered)}
    if not covered:
        yield Warned(code="VECTORS_COVER_NOTHING", params=params)
    elif covered < LITTLE:
        yield Warned(code="VECTORS_COVER_LITTLE", params=params)
    if left_out := facts["skipped"] + facts["missing"]:
        yield Warned(code="VECTORS_LINES_LEFT_OUT", params={"file": facts["file"], "count": left_out})


@dataclass(frozen=True, slots=True)
class Table:
    """``weights``: (ids, size); shares of the vocabulary (``types``) and of all units of the training texts
    (``running``) that have a vector, and of the latter those whose vector is ``composed`` of characters."""

    weights: Weights
    types: float
    running: float
    composed: float


def table_of(vocabulary: Vocabulary, rows: UnitRows, file: VectorFile, *, seed: int, frozen: bool) -> Table:
    """First weights for a vocabulary. A unit without a vector gets the sum of its characters' vectors, as
    long as one vector (divided by the square root of their number), else small random numbers, or nothing
    where it could never be learnt (``frozen``)."""
    count = len(vocabulary)
    # A generator of its own: the other weights of a net are the same with and without vectors.
    noise = np.random.default_rng(seed).normal(0, UNKNOWN_SPREAD, (count, file.size))
    weights = (np.zeros_like(noise) if frozen else noise).astype(np.float32)
    scale = _scale(file.vectors)
    known = np.zeros(count, dtype=np.int8)
    for number, unit in enumerate(vocabulary.units, FIRST):
        if parts := _parts(unit, file.vectors):
            one = parts[0] if len(parts) == 1 else np.sum(parts, axis=0)
            weights[number] = one * (scale / math.sqrt(len(parts)))
            known[number] = 1 if unit in file.vectors else 2
    weights[PADDING] = 0
    seen = np.bincount(rows.ids, minlength=count)
    total = max(1, int(seen.sum()))
    return Table(
        weights,
        float((known[FIRST:] > 0).mean()) if count > FIRST else 0.0,
        float(seen[known > 0].sum()) / total,
        float(seen[known == 2].sum()) / total,
    )


def _parts(unit: str, vectors: Mapping[str, Vector]) -> list[Vector]:
    """Letters and figures do not tell what they mean together."""
    if unit in vectors:
        return [vectors[unit]]
    if unit.isascii():
        return []
    return [vectors[each] for each in unit if each in vectors]


def _scale(vectors: Mapping[str, Vector]) -> float:
    some = [vector for _, vector in zip(range(20_000), vectors.values(), strict=False)]
    spread = float(np.std(np.stack(some))) if some else 0.0
    return SPREAD / spread if spread > 0 else 1.0
