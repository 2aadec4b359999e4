"""What a net reads, before it is built: vocabulary, encoded texts, word vectors; or those of an earlier
start."""

from __future__ import annotations

import json
from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from senti_studio.domain.architectures import options_of
from senti_studio.domain.specs import TrainingSpec
from senti_studio.errors import UserError
from senti_studio.jobs.protocol import Event
from senti_studio.jobs.run_folder import write_atomically
from senti_studio.learning.beside import WatchedTexts, beside
from senti_studio.learning.checkpoint import Checkpoints
from senti_studio.learning.contract import Architecture, Encoder, Lesson, Start
from senti_studio.learning.data import TrainingData
from senti_studio.learning.kept_readings import (
    KeptReadings,
    key_of_texts,
    key_of_training,
    texts_from,
    to_arrays,
)
from senti_studio.learning.text_net import MixedNet
from senti_studio.learning.unit_table import UnitTable, tables_of, units_learnt
from senti_studio.learning.vectors import Weights, find_vectors, first_weights, warnings_of
from senti_studio.learning.warm_start import continued, facts_of
from senti_studio.text.encoding import EncodedTexts, TextEncoder
from senti_studio.text.normalise import Normalisation, normalise

STAGES = ("segmenting", "vocabulary")
"""Texts are gone through several times, first to be cut."""

Encoded = Generator[Event, None, EncodedTexts]


@dataclass(frozen=True, slots=True)
class Reading:
    """``tables``: the first weights of each view's embedding, empty without vectors; ``facts`` (kept in the
    state of the training and in the card): ``max_length``, ``cut_share``, and ``vectors`` where there are
    any."""

    encoder: Encoder
    train: EncodedTexts
    facts: Mapping[str, Any]
    tables: tuple[Weights, ...] = ()


def read_in(
    kind: Architecture,
    spec: TrainingSpec,
    data: TrainingData,
    checkpoints: Checkpoints,
    start: Start | None = None,
) -> Generator[Event, None, Reading]:
    """Learns the vocabulary, or goes on with that of ``start``, and finds the vectors; or takes what an
    earlier training of the same texts has read.

    Raises UserError as `text.vector_files.read_vectors`.
    """
    kept, key = KeptReadings(data.cache if start is None else None), ""
    reading = None
    if data.cache is not None and start is None:
        key = key_of_training(kind.key, spec.options, data.learnt.texts, data.unlabelled)
        reading = _read_before(kept.find(key), len(data.learnt))
    if reading is not None:
        yield from warnings_of(reading.facts)
    else:
        reading = yield from _read_now(kind, spec, data, start)
        if key and isinstance(reading.encoder, TextEncoder):
            kept.keep(key, _arrays_of(reading, reading.encoder))
    facts = dict(reading.facts)
    if start is not None:
        facts["start"] = facts_of(start, reading.encoder, spec)
    checkpoints.folder.mkdir(parents=True, exist_ok=True)
    for name, content in kind.encoder_contents(reading.encoder).items():
        write_atomically(checkpoints.folder / name, content)
    return replace(reading, facts=facts)


def _read_now(
    kind: Architecture, spec: TrainingSpec, data: TrainingData, start: Start | None
) -> Generator[Event, None, Reading]:
    how = Normalisation.of(spec.options)
    texts = [normalise(text, how) for text in data.learnt.texts]
    encoder, train = yield from beside(
        STAGES, len(texts), lambda watch: _learnt(kind, spec, WatchedTexts(texts, watch), start)
    )
    tables: tuple[Weights, ...] = ()
    facts: dict[str, Any] = {}
    wants_vectors = spec.options.vectors != "none" and "vectors" in options_of(spec.architecture)
    if wants_vectors and isinstance(encoder, TextEncoder):
        found = yield from find_vectors(spec.options, encoder, texts, train, data.unlabelled)
        extended = encoder.extended(found.more_units)
        if extended.sizes != encoder.sizes:
            again = yield from encoded(replace(extended, ngrams=None), texts)
            train = replace(again, ngrams=train.ngrams)
        encoder = extended
        tables, facts["vectors"] = first_weights(spec.options, extended, train, found)
        yield from warnings_of(facts)
    facts |= {"max_length": encoder.max_length, "cut_share": train.cut_share}
    return Reading(encoder, train, facts, tables)


def _arrays_of(reading: Reading, encoder: TextEncoder) -> dict[str, npt.NDArray[Any]]:
    said = json.dumps({"encoder": encoder.to_json(), "facts": reading.facts}).encode()
    tables = {f"table{number}": table for number, table in enumerate(reading.tables)}
    return {"said": np.frombuffer(said, dtype=np.uint8), **to_arrays(reading.train), **tables}


def _read_before(arrays: Mapping[str, npt.NDArray[Any]] | None, count: int) -> Reading | None:
    """What `_arrays_of` gave of ``count`` texts; None where there is nothing of that kind."""
    if arrays is None:
        return None
    try:
        said = json.loads(arrays["said"].tobytes())
        encoder, facts = TextEncoder.from_json(said["encoder"]), dict(said["facts"])
        names = [f"table{number}" for number in range(len(encoder.views))] if "vectors" in facts else []
        tables = tuple(arrays[name] for name in names)
        sizes = [(len(vocabulary), facts["vectors"]["size"]) for vocabulary in encoder.vocabularies if names]
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError):
        return None
    train = texts_from(arrays, encoder, count)
    if train is None or [table.shape for table in tables] != sizes:
        return None
    if any(table.dtype != np.float32 for table in tables):
        return None
    return Reading(encoder, train, facts, tables)


def _learnt(
    kind: Architecture, spec: TrainingSpec, texts: Sequence[str], start: Start | None
) -> tuple[Encoder, EncodedTexts]:
    if start is None:
        return kind.learn_encoder(texts, spec.options)
    return continued(start.encoder, texts, spec.options)


def encoded(
    encoder: Encoder, texts: Sequence[str], stages: Sequence[str] = STAGES, *, cache: Path | None = None
) -> Encoded:
    """Normalised texts as numbers; ``cache``: where those lie that are known from before."""
    encode = encoder.encode
    reads = beside(stages, len(texts), lambda watch: encode(WatchedTexts(texts, watch)))
    if cache is None or not isinstance(encoder, TextEncoder):
        return (yield from reads)
    kept, key = KeptReadings(cache), key_of_texts(encoder, texts)
    known = texts_from(kept.find(key) or {}, encoder, len(texts))
    if known is None:
        known = yield from reads
        kept.keep(key, to_arrays(known))
    return known


def read_again(
    kind: Architecture, data: TrainingData, checkpoints: Checkpoints, facts: Mapping[str, Any]
) -> Generator[Event, None, Reading]:
    """With the vocabulary of the interrupted start: jieba may be another one by now, and the vectors are in
    the checkpoint. Raises UserError ``CHECKPOINT_DAMAGED``."""
    encoder = read_encoder(kind, checkpoints)
    train = yield from encoded(encoder, list(map(encoder.normalise, data.learnt.texts)), cache=data.cache)
    return Reading(encoder, train, facts)


def read_encoder(kind: Architecture, checkpoints: Checkpoints) -> Encoder:
    """The encoder of an interrupted training. Raises UserError ``CHECKPOINT_DAMAGED``."""
    try:
        return kind.read_encoder(checkpoints.folder)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UserError("CHECKPOINT_DAMAGED", path=str(checkpoints.folder), reason=str(error)) from error


def with_size(spec: TrainingSpec, facts: Mapping[str, Any]) -> TrainingSpec:
    """A file of vectors decides the size of the embeddings."""
    size = facts.get("vectors", {}).get("size", spec.options.embedding_size)
    return replace(spec, options=replace(spec.options, embedding_size=size))


def set_vectors(net: nn.Module, lesson: Lesson) -> None:
    """Gives the embeddings of a new net their first weights; frozen ones are never changed."""
    is_frozen = lesson.spec.options.vectors_frozen and "vectors" in lesson.state.reading
    for table, view in _tables(net):
        if lesson.tables:
            with torch.no_grad():
                table.weight.copy_(torch.from_numpy(lesson.tables[view]))
        if is_frozen:
            table.weight.requires_grad_(False)


def units_to_learn(net: nn.Module, texts: EncodedTexts) -> list[Tensor | None]:
    """For each table of a net the ids of the units that occur in training ``texts``, None for a table that
    learns all or nothing."""
    return [
        units_learnt(texts.views[view].ids, table.num_embeddings) if table.weight.requires_grad else None
        for table, view in _tables(net)
    ]


def _tables(net: nn.Module) -> Iterator[tuple[UnitTable, int]]:
    """The tables of a net, and which view each is of."""
    tables = list(tables_of(net))
    reads = (*net.reads, 0) if isinstance(net, MixedNet) else range(len(tables))
    return zip(tables, reads, strict=False)
