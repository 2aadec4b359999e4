"""``worker survey``: looks at comments for the data page: statistics of a view, predictions of batches."""

from __future__ import annotations

import math
import random
from array import array
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from senti_studio.domain.comments import CommentFilter
from senti_studio.domain.saved_views import filter_from_json
from senti_studio.domain.statistics import (
    LENGTH_BORDERS,
    MOST,
    WORDS,
    ClassWords,
    CommentStatistics,
    PredictionSummary,
)
from senti_studio.errors import UserError
from senti_studio.exchange.predictions import BatchFolder
from senti_studio.operations.predictions import batch_stamps
from senti_studio.storage.predicted import Stretch, write
from senti_studio.storage.project import Project
from senti_studio.text.normalise import normalise
from senti_studio.text.segment import words
from senti_studio.worker import agreement
from senti_studio.worker.helper import Handler
from senti_studio.worker.progress import Emit, Pace, ShouldStop, never, tell_nobody

_PAGE = 500
_SEED = 20260101
_TOO_COMMON = 0.5
_FEWEST = 3


def statistics(
    project: Project,
    wanted: CommentFilter,
    *,
    most: int = MOST,
    emit: Emit = tell_nobody,
    should_stop: ShouldStop = never,
) -> CommentStatistics:
    """Lengths, shares of the classes and their words, of the comments that match (a sample of ``most``).

    Raises UserError ``CANCELLED``, and what a filter can raise (``BAD_PATTERN`` …).
    """
    project.comments.predicted.load()
    ids = array("q")
    for part in project.comments.ids(wanted, stop=should_stop):
        ids.extend(part)
    total = len(ids)
    if total > most:
        ids = array("q", sorted(random.Random(_SEED).sample(ids, most)))
    tally = _Tally()
    pace = Pace(emit, "counting", len(ids))
    for start in range(0, len(ids), _PAGE):
        if should_stop():
            raise UserError("CANCELLED")
        page = ids[start : start + _PAGE]
        label_of = {row.id: row.label_id for row in project.comments.rows(page)}
        for comment_id, text in project.comments.texts(page):
            tally.add(text, label_of.get(comment_id))
        pace.at(start + len(page))
    if should_stop():
        raise UserError("CANCELLED")
    return tally.result(total, [label.id for label in project.labels.list()])


class _Tally:
    def __init__(self) -> None:
        self._lengths: Counter[int] = Counter()
        self._comments: Counter[int | None] = Counter()
        self._words: dict[int | None, Counter[str]] = {}

    def add(self, text: str, label_id: int | None) -> None:
        self._lengths[len(text)] += 1
        self._comments[label_id] += 1
        counter = self._words.setdefault(label_id, Counter())
        counter.update({word for word in words(normalise(text)) if _says_something(word)})

    def result(self, total: int, label_ids: Sequence[int]) -> CommentStatistics:
        looked_at = self._lengths.total()
        lengths = [0] * len(LENGTH_BORDERS)
        for length, count in self._lengths.items():
            lengths[bisect_right(LENGTH_BORDERS, length)] += count
        everything: Counter[str] = Counter()
        for counter in self._words.values():
            everything.update(counter)
        classes = tuple(
            ClassWords(
                label_id,
                self._comments[label_id],
                tuple(self._telling(label_id)),
            )
            for label_id in label_ids
        )
        return CommentStatistics(
            total,
            looked_at,
            tuple(lengths),
            self._median(looked_at),
            max(self._lengths, default=0),
            self._comments[None],
            classes,
            tuple(_frequent(everything, looked_at)),
        )

    def _median(self, looked_at: int) -> int:
        seen = 0
        for length in sorted(self._lengths):
            seen += self._lengths[length]
            if 2 * seen >= looked_at:
                return length
        return 0

    def _telling(self, label_id: int) -> Iterator[tuple[str, int]]:
        """Words by count × log of how much more frequent they are here than in the other classes."""
        here = self._words.get(label_id, Counter())
        size = self._comments[label_id]
        others = [name for name in self._words if name is not None and name != label_id]
        rest = sum(self._comments[name] for name in others)
        if not rest:
            yield from _frequent(here, size)
            return
        scores = {}
        for word, count in here.items():
            elsewhere = sum(self._words[name][word] for name in others)
            if count >= _FEWEST:
                scores[word] = count * math.log(((count + 0.5) / size) / ((elsewhere + 0.5) / rest))
        for word in sorted(scores, key=lambda each: (-scores[each], each))[:WORDS]:
            if scores[word] > 0:
                yield word, here[word]


def _frequent(counter: Counter[str], size: int) -> Iterator[tuple[str, int]]:
    found = [(word, count) for word, count in counter.items() if count <= max(_FEWEST, size * _TOO_COMMON)]
    yield from sorted(found, key=lambda each: (-each[1], each[0]))[:WORDS]


def _says_something(word: str) -> bool:
    """Not a mark, a number, or a single Chinese character (mostly particles)."""
    return len(word) > 1 and any(letter.isalpha() for letter in word)


def collect_predictions(
    project: Project, *, emit: Emit = tell_nobody, should_stop: ShouldStop = never
) -> PredictionSummary:
    """Reads what batches say of the project's own sources into ``cache/``, newer batches over older ones.

    A batch that cannot be read is passed over. Raises UserError ``CANCELLED``, ``DISK_FULL`` ….
    """
    labels = {label.key: label.id for label in project.labels.list()}
    sources = {source.id: source.row_count for source in project.sources.list()}
    newest: dict[int, tuple[array[int], array[float]]] = {}
    stamps = batch_stamps(project)
    records = [each for each in project.batches.list() if each.details.get("source_id") in sources]
    pace = Pace(emit, "reading", sum(sources[int(each.details["source_id"])] for each in records))
    for record in sorted(records, key=lambda each: each.number):
        if should_stop():
            raise UserError("CANCELLED")
        source_id = int(record.details["source_id"])
        found = _read_batch(project.batches_folder / record.folder, labels, sources[source_id])
        if found is not None:
            newest[source_id] = found
        pace.at(pace.total, last=True)
    stretches = []
    for source_id, (said, sure) in newest.items():
        start = 0
        for first, last in project.comments.stretches(source_id):
            end = start + last - first + 1
            stretches.append(Stretch(first, said[start:end], sure[start:end]))
            start = end
    path = project.comments.predicted.path
    path.parent.mkdir(exist_ok=True)
    temporary = path.with_suffix(".tmp")
    with temporary.open("wb") as file:
        write(file, stamps, stretches)
    temporary.replace(path)
    project.comments.predicted.load()
    return PredictionSummary(project.comments.predicted.count, len(newest))


def _read_batch(
    folder: Path, labels: Mapping[str, int], count: int
) -> tuple[array[int], array[float]] | None:
    said, sure = array("h", [-1]) * count, array("f", [0.0]) * count
    batch = BatchFolder(folder)
    try:
        ids = [labels.get(label.key, -1) for label in batch.read().labels]
        for part in batch.parts():
            best = part.probabilities.max(axis=1)
            for offset, (index, confidence) in enumerate(
                zip(part.labels.tolist(), best.tolist(), strict=True)
            ):
                place = part.first_row - 1 + offset
                if index >= 0 and place < count:
                    said[place], sure[place] = ids[index], confidence
    except UserError:
        return None
    return said, sure


def handlers() -> Mapping[str, Handler]:
    """What the helper answers to."""

    def count(params: Mapping[str, Any], emit: Emit, should_stop: ShouldStop) -> CommentStatistics:
        wanted = filter_from_json(params.get("filter") or {})
        with Project.open(Path(params["project"])) as project:
            return statistics(project, wanted, emit=emit, should_stop=should_stop)

    def collect(params: Mapping[str, Any], emit: Emit, should_stop: ShouldStop) -> PredictionSummary:
        with Project.open(Path(params["project"])) as project:
            return collect_predictions(project, emit=emit, should_stop=should_stop)

    return {"statistics": count, "predictions": collect, "agreement": agreement.asked}
