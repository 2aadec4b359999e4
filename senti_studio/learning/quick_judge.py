"""The classifier of the labelling assistant, trained and asked anew for any choice of labels."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from senti_studio.learning.assistant.classifier import Interrupted, Rows, learn
from senti_studio.learning.assistant.features import SIZE, Counts, Weighting, hash_texts
from senti_studio.learning.assistant.space import FEWEST_ROWS, Space, find_space
from senti_studio.learning.label_budget import Judge, Stopped


def quick_judge(
    texts: Sequence[str],
    classes: Counts,
    count: int,
    *,
    others: Sequence[str] = (),
    space_file: Path | None = None,
    should_stop: Callable[[], bool] = lambda: False,
) -> Judge:
    """Learns from some of ``texts`` and says the class of others of them.

    ``others``: further comments of the project, without regard to labels; they tell with the texts which
    n-grams are rare, and span the topic space where there is none in ``space_file``. Judging, and the making
    of the judge, raise `Stopped`.
    """
    all_rows = hash_texts([*texts, *others])
    counts = np.bincount(all_rows.features, minlength=SIZE).astype(np.int32)
    grams = Weighting(counts, len(all_rows)).matrix(all_rows)
    space = (Space.load(space_file) if space_file is not None else None) or Space.none()
    if not space.dimensions and grams.shape[0] >= FEWEST_ROWS:
        for found in find_space(grams):
            if should_stop():
                raise Stopped
            space = found or space
    mine = grams[: len(texts)]
    rows = Rows(mine, space.places(mine))

    def judge(learnt: Counts, asked: Counts) -> Counts:
        try:
            model = learn(rows.only(learnt), classes[learnt], count, should_stop=should_stop)
        except Interrupted as error:
            raise Stopped from error
        return np.asarray(model.probabilities(rows.only(asked)).argmax(axis=1))

    return judge
