"""The request ``budget`` of ``worker assist``: how much more labels would bring to a project."""

from __future__ import annotations

import random
import time
from array import array
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from senti_studio.domain.comments import LabelledComment, Part
from senti_studio.domain.label_budget import BudgetCurve
from senti_studio.errors import UserError
from senti_studio.learning.label_budget import Labels, Stopped, conclude, enough, measure
from senti_studio.learning.quick_judge import quick_judge
from senti_studio.operations.parts import keys_together
from senti_studio.storage.project import Project
from senti_studio.worker.progress import Emit, Pace, ShouldStop, never, tell_nobody

MOST_LABELS = 6000
"""Of more labels a random part is used: the curve is flat by then, and nobody waits for ever."""
MOST_OTHERS = 4000
LONG_S = 60.0
"""After so many seconds no further round is begun."""
_SEED = 20_261_129


def budget(
    project: Project, *, emit: Emit = tell_nobody, should_stop: ShouldStop = never, long_s: float = LONG_S
) -> BudgetCurve:
    """Measures with the labels as training takes them; a curve that is ``needed`` where there are too few.

    Raises UserError ``CANCELLED`` and what reading a project can raise.
    """
    shown = project.labels.list()
    place = {label.key: index for index, label in enumerate(shown)}
    label_ids = tuple(label.id for label in shown)
    found = [each for each in project.comments.labelled() if each.label_key in place]
    total = len(found)
    chosen = _some(found)
    texts = dict(project.comments.texts([each.id for each in chosen]))
    chosen = [each for each in chosen if each.id in texts]
    labels = _labels(project, chosen, place)
    needed = enough(labels)
    if needed:
        return BudgetCurve(label_ids, total, needed=needed)
    others = _others(project, {each.id for each in chosen}, should_stop)
    pace = Pace(emit, "measuring")

    def told(done: int, of: int) -> None:
        pace.total = of
        pace.at(done, last=done == of)

    begun = time.monotonic()
    try:
        judge = quick_judge(
            [texts[each.id] for each in chosen],
            labels.classes,
            len(shown),
            others=others,
            space_file=project.cache_folder / "assistant" / "space.npz",
            should_stop=should_stop,
        )
        measured = measure(
            labels,
            judge,
            seed=_SEED,
            progress=told,
            should_stop=should_stop,
            is_late=lambda: time.monotonic() - begun > long_s,
        )
    except Stopped as error:
        raise UserError("CANCELLED") from error
    return conclude(labels, measured, label_ids, total=total if total > len(chosen) else None)


def _some(found: list[LabelledComment]) -> list[LabelledComment]:
    """All of them, or of very many a random part."""
    if len(found) <= MOST_LABELS:
        return found
    places = sorted(random.Random(_SEED).sample(range(len(found)), MOST_LABELS))
    return [found[place] for place in places]


def _labels(project: Project, chosen: list[LabelledComment], place: Mapping[str, int]) -> Labels:
    key_of = keys_together(chosen, project.near_groups.of_labelled())
    test_set = project.test_sets.current() or frozenset()
    return Labels(
        np.array([place[each.label_key] for each in chosen], dtype=np.int64),
        np.array([key_of[each.text_key] for each in chosen], dtype=np.int64),
        np.array([each.id in test_set or each.part is Part.TEST for each in chosen], dtype=bool),
    )


def _others(project: Project, mine: set[int], should_stop: ShouldStop) -> list[str]:
    """Texts of comments drawn at random, without those that are learnt from."""
    ids = array("q")
    for part in project.comments.ids(stop=should_stop):
        ids.extend(part)
    drawn = random.Random(_SEED).sample(ids, min(len(ids), MOST_OTHERS))
    return [text for _, text in project.comments.texts(sorted(set(drawn) - mine))]


def asked(params: Mapping[str, Any], emit: Emit, should_stop: ShouldStop) -> BudgetCurve:
    """The handler; it opens the project by itself and needs no assistant beside it."""
    with Project.open(Path(params["project"]), to_read=True) as project:
        return budget(project, emit=emit, should_stop=should_stop)
