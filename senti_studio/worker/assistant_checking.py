"""Which labels of a project look wrong, and which near-copies contradict each other."""

from __future__ import annotations

import numpy as np

from senti_studio.domain.assisting import Contradiction, Suspect, Suspects
from senti_studio.errors import UserError
from senti_studio.learning.assistant.classifier import Interrupted, Rows
from senti_studio.learning.assistant.contradictions import Pair, contradicting, near_groups
from senti_studio.learning.assistant.space import find_space
from senti_studio.learning.assistant.suspicion import Doubts, Labelled, doubts
from senti_studio.worker.assistant import Assistant
from senti_studio.worker.assistant_reading import Ids
from senti_studio.worker.progress import Emit, Pace, ShouldStop, never, tell_nobody

FEWEST = 50
MOST = 20_000
"""Of more labels a random part is checked."""
_SEED = 20_261_129


def suspects(
    assistant: Assistant, n: int, emit: Emit = tell_nobody, should_stop: ShouldStop = never
) -> Suspects:
    """At most ``n`` labels that are probably wrong and ``n`` contradictions, the likeliest first; labels that
    somebody confirmed are left out.

    Raises UserError ``TOO_FEW_TO_CHECK`` and ``CANCELLED``.
    """
    assistant.facts = facts = assistant.reading.facts()
    if len(facts.ids) < FEWEST or len(np.unique(facts.classes)) < 2:
        raise UserError("TOO_FEW_TO_CHECK", count=len(facts.ids), least=FEWEST)
    chosen = np.arange(len(facts.ids))
    if len(chosen) > MOST:
        chosen = np.sort(np.random.default_rng(_SEED).choice(chosen, MOST, replace=False))
    ids, classes = facts.ids[chosen], facts.classes[chosen]
    pace = Pace(emit, "checking", 1)
    pace.at(0, last=True)
    by_id = assistant.reading.texts(ids.tolist())
    texts = [by_id.get(each, "") for each in ids.tolist()]
    groups = near_groups(texts, facts.keys[chosen], should_stop)
    if groups is None:
        raise UserError("CANCELLED")

    def told(done: int, total: int) -> None:
        pace.total = total
        pace.at(done, last=done == total)

    labelled = Labelled(
        _with_places(assistant.rows_for(ids), should_stop),
        texts,
        classes,
        facts.keys[chosen],
        groups,
        len(facts.label_ids),
    )
    try:
        found = doubts(labelled, told=told, should_stop=should_stop)
    except Interrupted as error:
        raise UserError("CANCELLED") from error
    kept = assistant.project.kept_labels.all()
    is_kept = np.array([each in kept for each in ids.tolist()], dtype=np.bool_)
    pairs = contradicting(texts, classes, groups, n + len(kept))
    return Suspects(
        _likely(found, ids, classes, is_kept, facts.label_ids, n),
        tuple(
            _contradiction(pair, found, ids, facts.label_ids)
            for pair in pairs
            if not (is_kept[pair.first] and is_kept[pair.second])
        )[:n],
        len(ids),
    )


def _with_places(rows: Rows, should_stop: ShouldStop) -> Rows:
    """The assistant finds its topic space when there is nothing else to do; before that one is found here."""
    if rows.places.shape[1]:
        return rows
    for space in find_space(rows.grams):
        if should_stop():
            raise UserError("CANCELLED")
        if space is not None:
            return Rows(rows.grams, space.places(rows.grams))
    return rows


def _likely(
    found: Doubts, ids: Ids, classes: Ids, is_kept: np.ndarray, label_ids: tuple[int, ...], n: int
) -> tuple[Suspect, ...]:
    odds = found.odds(classes)
    best = found.truth.argmax(axis=1)
    rows = np.flatnonzero((best != classes) & ~is_kept)
    rows = rows[np.argsort(-odds[rows], kind="stable")][:n]
    return tuple(
        Suspect(
            int(ids[row]),
            label_ids[int(classes[row])],
            label_ids[int(best[row])],
            round(float(found.truth[row, best[row]]), 4),
            round(float(1 / (1 + np.exp(-odds[row]))), 6),
        )
        for row in rows.tolist()
    )


def _contradiction(pair: Pair, found: Doubts, ids: Ids, label_ids: tuple[int, ...]) -> Contradiction:
    both = found.said[pair.first] + found.said[pair.second]
    shares = np.exp(both - both.max())
    shares /= shares.sum()
    best = int(shares.argmax())
    return Contradiction(
        int(ids[pair.first]),
        int(ids[pair.second]),
        round(pair.similarity, 4),
        label_ids[best],
        round(float(shares[best]), 4),
    )
