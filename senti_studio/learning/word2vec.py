"""Word vectors learnt on the comments of a project: word2vec by gensim, skip-gram with negative sampling.

Method: Mikolov et al. 2013, "Distributed Representations of Words and Phrases and their Compositionality".
"""

from __future__ import annotations

from collections.abc import Generator, Sequence

import numpy as np

from senti_studio.jobs.protocol import Preparing
from senti_studio.text.vector_files import Vector

WINDOW = 5
NEGATIVE = 5
FIRST_RATE, LAST_RATE = 0.025, 0.0001
ENOUGH_UNITS = 10_000_000
"""Few comments are read so often that about as many units are seen, but never more than `MOST_EPOCHS`
times."""
FEWEST_EPOCHS, MOST_EPOCHS = 3, 20
_AT_ONCE = 5000


def learn_vectors(
    rows: Sequence[Sequence[str]], *, size: int, min_frequency: int, seed: int
) -> Generator[Preparing, None, dict[str, Vector]]:
    """Vectors of all units that occur ``min_frequency`` times, the most frequent first; progress on the way.

    One thread: the same rows and seed give the same vectors. Close it to give up.
    """
    from gensim.models import Word2Vec

    units = sum(map(len, rows))
    epochs = int(np.clip(ENOUGH_UNITS // max(1, units), FEWEST_EPOCHS, MOST_EPOCHS))
    model = Word2Vec(
        vector_size=size,
        window=WINDOW,
        negative=NEGATIVE,
        sg=1,
        min_count=min_frequency,
        workers=1,
        seed=seed + 1,
        sorted_vocab=1,
    )
    model.build_vocab(rows)
    total, done = epochs * len(rows), 0
    step = (FIRST_RATE - LAST_RATE) / max(1, total)
    while done < total and len(model.wv):
        yield Preparing(stage="vectors", done=done, total=total)
        start = done % len(rows)
        part = rows[start : start + _AT_ONCE]
        rate = FIRST_RATE - step * done
        model.train(
            part,
            total_examples=len(part),
            epochs=1,
            start_alpha=rate,
            end_alpha=rate - step * len(part),
        )
        done += len(part)
    return {unit: model.wv.vectors[number].copy() for unit, number in model.wv.key_to_index.items()}
