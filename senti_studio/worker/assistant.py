"""The labelling assistant: learns along while somebody labels, and says what to label next.

It reads the project and writes nothing but its own cache. One `Assistant` serves all requests about a
project; what is not urgent is done in small steps between them (`Assistant.work`).
"""

from __future__ import annotations

import time
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from senti_studio.domain.assisting import (
    AssistState,
    Influence,
    Neighbour,
    Quality,
    QueueKind,
    Ranking,
    Suggestion,
)
from senti_studio.errors import UserError
from senti_studio.learning.assistant import choosing, measuring
from senti_studio.learning.assistant.cache import FeatureCache
from senti_studio.learning.assistant.classifier import Classifier, Interrupted, Rows, learn
from senti_studio.learning.assistant.features import Floats
from senti_studio.learning.assistant.pool import Pool
from senti_studio.operations.models import find_model
from senti_studio.storage.project import Project
from senti_studio.text.segment import words
from senti_studio.worker import assistant_queues as queues
from senti_studio.worker.assistant_home import Home
from senti_studio.worker.assistant_judges import OWN, Judge, ModelJudge, OwnJudge
from senti_studio.worker.assistant_reading import Ids, Reading
from senti_studio.worker.progress import Emit, Pace, ShouldStop, never, tell_nobody

FEWEST_LABELS = 20
RETRAIN_AFTER = 20
MOST_LABELS = 20_000
"""Of more labels a random part is learnt from."""
HASHED_AT_OPENING = 30_000
"""The rest follows when there is nothing else to do."""
_STEP_HASHED, _PAGE, _WRITTEN_AT_ONCE = 50, 1_000, 20_000
_SEED = 20_261_129


class Assistant:
    """The assistant of one open project. Long work raises UserError ``CANCELLED`` when it should stop."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self.reading = Reading(project)
        self.facts = self.reading.facts()
        self._home = Home(project.cache_folder)
        try:
            self.pool = Pool(FeatureCache(self._home.folder, project.id))
        except BaseException:
            self._home.close()
            raise
        self.classifier: Classifier | None = None
        self._judge: Judge | None = None
        self._is_stale = True
        self._is_warm = False
        self._trained: dict[int, int] = {}
        self._trained_labels: tuple[int, ...] = ()
        self._trained_at = 0.0
        self._quality: Quality | None = None
        self._own_quality: Quality | None = None
        self._judged_labels: tuple[int, ...] = ()
        self._order = np.random.default_rng(_SEED).permutation(self.pool.rows)
        self._next = 0
        self._forget_judgements()

    def close(self) -> None:
        """Lets go of the files."""
        self.pool.cache.close()
        self._home.close()
        self.project.close()

    # ---- requests ------------------------------------------------------------------------------------------

    def open(self, emit: Emit = tell_nobody, should_stop: ShouldStop = never) -> AssistState:
        """Hashes what is new (of many comments the first ones), and learns."""
        self._hash(HASHED_AT_OPENING, emit, should_stop)
        return self.learn(emit, should_stop)

    def _hash(self, most: int, emit: Emit, should_stop: ShouldStop) -> None:
        cache = self.pool.cache
        pace = Pace(emit, "hashing", min(most, self.reading.missing(cache)))
        done = 0
        try:
            while done < most and (more := self.reading.hash_some(cache, min(_PAGE, most - done))):
                done += more
                pace.at(done)
                if should_stop():
                    raise UserError("CANCELLED")
                if cache.waiting >= _WRITTEN_AT_ONCE:
                    cache.write()
        finally:
            if cache.waiting:
                cache.write()
            self._extend()

    def labels_changed(self, emit: Emit = tell_nobody, should_stop: ShouldStop = never) -> AssistState:
        """Counts what changed, and learns anew when it is enough."""
        self.facts = self.reading.facts()
        if self.is_stale or self._changes() >= RETRAIN_AFTER:
            return self.learn(emit, should_stop)
        return self.state()

    def learn(self, emit: Emit = tell_nobody, should_stop: ShouldStop = never) -> AssistState:
        """Learns anew from the labels as they are now, and judges a sample of what is unlabelled."""
        self.facts = self.reading.facts()
        pace = Pace(emit, "learning", 3)
        pace.at(0, last=True)
        self.pool.renew()
        if self.needed:
            self.classifier, self._trained, self._own_quality = None, {}, None
            self._trained_at = 0.0
        else:
            try:
                self._learn(should_stop)
            except Interrupted as error:
                raise UserError("CANCELLED") from error
            self._trained_at = time.time()
        pace.at(1, last=True)
        self._trained_labels, self._is_stale = self.facts.label_ids, False
        self._choose_judge(should_stop)
        pace.at(3, last=True)
        return self.state()

    def use_model(self, run: str, emit: Emit = tell_nobody, should_stop: ShouldStop = never) -> AssistState:
        """Lets the model of a run (or a kept one) speak, or the assistant itself (""). Raises UserError as
        `find_model` and `ModelJudge.load` do; everything stays as it was then."""
        self.facts = self.reading.facts()
        if run:
            model = find_model(self.project, run)
            judge = ModelJudge.load(
                model.id, model.folder, self.project.labels.list(), lambda: self.pool.ids, self.reading.texts
            )
            self._judge = judge
        else:
            self._judge = None
        Pace(emit, "learning", 1).at(0, last=True)
        self._choose_judge(should_stop)
        return self.state()

    def rank(
        self,
        queue: QueueKind,
        n: int,
        *,
        label_id: int | None = None,
        source_ids: tuple[int, ...] = (),
        seed: int = 0,
        emit: Emit = tell_nobody,
        should_stop: ShouldStop = never,
    ) -> Ranking:
        """The first ``n`` comments of a queue; of those that are likeliest ``label_id``, of these sources."""
        self.facts = self.reading.facts()
        if self.is_stale:
            self.learn(emit, should_stop)
        Pace(emit, "ranking", n).at(0, last=True)
        label = self.facts.index_of(label_id)
        if queue is QueueKind.DISAGREES:
            rows, classes = self._labelled_rows(source_ids)
            said = self._of_rows(rows, should_stop)
            return queues.disagreeing(self.pool.ids[rows], classes, said, n, label=label)
        if queue is not QueueKind.USEFUL:
            raise UserError("BAD_REQUEST", reason=f"rank: {queue}")
        rows = self.open_rows(source_ids)
        judged = rows[self._is_judged[rows]]
        if label is not None:
            judged = judged[self._said[judged].argmax(axis=1) == label]
        chosen = queues.useful(
            self.pool,
            judged,
            choosing.doubt(self._said[judged]),
            n,
            labels=len(self.facts.ids),
            chance=np.random.default_rng(seed),
            blind_among=rows if label is None else judged,
        )
        return Ranking(tuple(self.pool.ids[chosen].tolist()), len(judged), self._total())

    def suggest(self, ids: list[int]) -> list[Suggestion]:
        """What is said of some comments; those that are gone are left out."""
        if self._judge is None:
            return []
        texts = self.reading.texts(ids)
        said = self._judge.of_texts(list(texts.values()))
        return [
            Suggestion(comment_id, tuple(round(share, 4) for share in shares))
            for comment_id, shares in zip(texts, said.tolist(), strict=True)
        ]

    def explain(self, comment_id: int) -> list[Influence]:
        """What in a comment moved the suggestion, the strongest first."""
        texts = self.reading.texts([comment_id])
        if self._judge is None or not texts:
            return []
        return [
            Influence(pull.start, pull.end, self._judged_labels[pull.label], round(pull.weight, 4))
            for pull in self._judge.explain(texts[comment_id])
        ]

    def similar(self, comment_id: int, n: int) -> list[Neighbour]:
        """The comments that have most in common with one."""
        texts = self.reading.texts([comment_id])
        among = self.visible_rows()
        if not texts or not len(among):
            return []
        among = among[self.pool.ids[among] != comment_id]
        rows, alike = self.pool.nearest(self.pool.looked_at(list(texts.values())), among, n)
        return [
            Neighbour(comment, round(cosine, 4))
            for comment, cosine in zip(self.pool.ids[rows].tolist(), alike.tolist(), strict=True)
            if cosine > 0
        ]

    def state(self) -> AssistState:
        """What there is to tell."""
        rows = self.open_rows()
        return AssistState(
            label_ids=self.facts.label_ids,
            trained_on=len(self._trained),
            trained_at=self._trained_at,
            ranked=int(self._is_judged[rows].sum()),
            total=self._total(),
            needed=0 if self.classifier is not None else self.needed,
            quality=self._quality,
            source=self._judge.name if self._judge is not None else OWN,
        )

    # ---- between requests ----------------------------------------------------------------------------------

    def work(self) -> bool:
        """A step of at most some 30 ms of what can wait; False when there is nothing to do."""
        if not self._is_warm:
            words("预热")  # the dictionary takes a second, which the first explanation need not wait for
            self._is_warm = True
        elif self.reading.is_behind(self.pool.cache):
            self._hash_more()
        elif self.pool.wants_space:
            if self.pool.find_space():
                self._is_stale = True
        else:
            return self._judge_more()
        return True

    def _hash_more(self) -> None:
        cache = self.pool.cache
        done = self.reading.hash_some(cache, _STEP_HASHED)
        if not done or cache.waiting >= _WRITTEN_AT_ONCE or not self.reading.is_behind(cache):
            cache.write()
            self._extend()

    def _judge_more(self) -> bool:
        if self._judge is None or self._is_stale or self._next >= len(self._order):
            return False
        rows = self._order[self._next : self._next + self._judge.at_once]
        self._next += len(rows)
        self._judge_rows(rows[self._is_open()[rows] & ~self._is_judged[rows]])
        return True

    # ---- learning ------------------------------------------------------------------------------------------

    @property
    def needed(self) -> int:
        """How many labels the first model still lacks."""
        lacking = FEWEST_LABELS - len(self.facts.ids)
        return max(lacking, 1 if len(np.unique(self.facts.classes)) < 2 else 0)

    @property
    def is_stale(self) -> bool:
        """Whether it has to learn anew whatever labels have changed."""
        return self._is_stale or self.pool.is_outdated or self._trained_labels != self.facts.label_ids

    def _changes(self) -> int:
        """How many labels are not those that were learnt from."""
        now = dict(zip(self.facts.ids.tolist(), self.facts.classes.tolist(), strict=True))
        return len({*now.items()} ^ {*self._trained.items()})

    def _learn(self, should_stop: ShouldStop) -> None:
        facts, count = self.facts, len(self.facts.label_ids)
        chosen = np.arange(len(facts.ids))
        if len(chosen) > MOST_LABELS:
            chosen = np.sort(np.random.default_rng(_SEED).choice(chosen, MOST_LABELS, replace=False))
        rows = self.rows_for(facts.ids[chosen])
        classes = facts.classes[chosen]
        self.classifier = learn(rows, classes, count, should_stop=should_stop)
        self._trained = dict(zip(facts.ids.tolist(), facts.classes.tolist(), strict=True))
        self._own_quality = measuring.on_test_set(
            self.classifier, self.rows_for(facts.test_ids), facts.test_classes
        ) or measuring.cross_validated(rows, classes, facts.keys[chosen], count, should_stop)

    def rows_for(self, ids: Ids) -> Rows:
        """Comments as the classifier learns from them, in this order, also those that are in no cache."""
        rows = self.pool.rows_of(ids)
        missing = ids[rows < 0].tolist()
        if not missing:
            return self.pool.looked_up(rows)
        texts = self.reading.texts(missing)
        more = self.pool.looked_at([texts.get(comment_id, "") for comment_id in missing])
        known = self.pool.looked_up(rows[rows >= 0])
        place = np.where(rows >= 0, np.cumsum(rows >= 0) - 1, len(known) + np.cumsum(rows < 0) - 1)
        return known.with_more(more).only(place)

    def _choose_judge(self, should_stop: ShouldStop) -> None:
        if isinstance(self._judge, ModelJudge):
            self._judge = self._judge.for_labels(self.project.labels.list())
            said = self._judge.of_texts(list(self.reading.texts(self.facts.test_ids.tolist()).values()))
            is_enough = len(said) == len(self.facts.test_ids) >= measuring.FEWEST
            self._quality = (
                measuring.measured(said, self.facts.test_classes, "test_set") if is_enough else None
            )
        else:
            self._judge = OwnJudge(self.pool, self.classifier) if self.classifier is not None else None
            self._quality = self._own_quality if self._judge is not None else None
        self._judged_labels = self.facts.label_ids
        self._forget_judgements()
        if self._judge is not None:
            rows = self._order[self._is_open()[self._order]][: self._judge.sample]
            self._of_rows(rows, should_stop)

    def _of_rows(self, rows: npt.NDArray[np.int64], should_stop: ShouldStop) -> Floats:
        """(rows, classes) as the judge says it now."""
        waiting = rows[~self._is_judged[rows]]
        step = self._judge.at_once if self._judge is not None else 1
        for start in range(0, len(waiting), step):
            if should_stop():
                raise UserError("CANCELLED")
            self._judge_rows(waiting[start : start + step])
        return self._said[rows]

    def _judge_rows(self, rows: npt.NDArray[np.int64]) -> None:
        if len(rows) and self._judge is not None:
            self._said[rows] = self._judge.of_rows(rows)
            self._is_judged[rows] = True

    def _forget_judgements(self) -> None:
        self._said = np.zeros((self.pool.rows, len(self.facts.label_ids)), dtype=np.float32)
        self._is_judged = np.zeros(self.pool.rows, dtype=np.bool_)
        self._next = 0

    def _extend(self) -> None:
        """Takes in comments that were hashed."""
        known = self.pool.rows
        self.pool.extend()
        self._is_stale = self._is_stale or self.pool.is_outdated
        more = self.pool.rows - known
        self._said = np.concatenate([self._said, np.zeros((more, self._said.shape[1]), dtype=np.float32)])
        self._is_judged = np.concatenate([self._is_judged, np.zeros(more, dtype=np.bool_)])
        self._order = np.random.default_rng(_SEED).permutation(self.pool.rows)
        self._next = 0

    # ---- which comments ------------------------------------------------------------------------------------

    def visible_rows(self, source_ids: Sequence[int] = ()) -> npt.NDArray[np.int64]:
        """Comments that the project shows, of these sources (none: of all)."""
        wanted = self.facts.source_ids & frozenset(source_ids) if source_ids else self.facts.source_ids
        return np.flatnonzero(np.isin(self.pool.sources, sorted(wanted)))

    def open_rows(self, source_ids: Sequence[int] = ()) -> npt.NDArray[np.int64]:
        """Those of them that are to be labelled: no label, not skipped, not excluded, not in the test set."""
        rows = self.visible_rows(source_ids)
        return rows[self._is_open()[rows]]

    def _is_open(self) -> npt.NDArray[np.bool_]:
        found = np.ones(self.pool.rows, dtype=np.bool_)
        settled = self.pool.rows_of(self.facts.not_open)
        found[settled[settled >= 0]] = False
        return found

    def _labelled_rows(
        self, source_ids: Sequence[int]
    ) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """Labelled comments that may be learnt from, and their classes."""
        rows = self.pool.rows_of(self.facts.ids)
        is_there = (rows >= 0) & np.isin(rows, self.visible_rows(source_ids))
        return rows[is_there], self.facts.classes[is_there]

    def _total(self) -> int:
        """Open comments, those that wait to be hashed included."""
        return len(self.open_rows()) + max(0, self.facts.visible - len(self.visible_rows()))
