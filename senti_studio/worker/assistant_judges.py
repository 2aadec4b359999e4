"""Who says what a comment is: the assistant's own model, or the model of a run."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np
import numpy.typing as npt

from senti_studio.domain.labels import Label
from senti_studio.errors import UserError
from senti_studio.learning.assistant.classifier import Classifier
from senti_studio.learning.assistant.explaining import Pull, pulls, pulls_by_leaving_out, strongest
from senti_studio.learning.assistant.features import Counts, Floats
from senti_studio.learning.assistant.pool import Pool

if TYPE_CHECKING:
    from senti_studio.learning.predict import Predictor

Texts = Callable[[Sequence[int]], dict[int, str]]
OWN = "assistant"


class Judge(Protocol):
    """Gives (comments, classes) probabilities. ``at_once``: how many take about 30 ms; ``sample``: how many
    are judged at once after learning."""

    name: str
    at_once: int
    sample: int

    def of_rows(self, rows: Counts) -> Floats:
        """Comments by their rows in the pool."""

    def of_texts(self, texts: Sequence[str]) -> Floats:
        """Any texts."""

    def explain(self, text: str) -> list[Pull]:
        """What in a text moved the probabilities."""


class OwnJudge:
    """The assistant's own model."""

    name = OWN
    at_once = 400
    sample = 20_000

    def __init__(self, pool: Pool, classifier: Classifier) -> None:
        self._pool = pool
        self._classifier = classifier
        self._through = pool.through(classifier)

    def of_rows(self, rows: Counts) -> Floats:
        return self._pool.judged(self._classifier, self._through, rows)

    def of_texts(self, texts: Sequence[str]) -> Floats:
        return self._classifier.probabilities(self._pool.looked_at(texts))

    def explain(self, text: str) -> list[Pull]:
        rows = self._pool.looked_at([text])
        return pulls(text, lambda features: self._pool.influence(self._classifier, rows, features))


class ModelJudge:
    """The model of a run, brought to the labels of the project by their keys."""

    at_once = 32
    sample = 1_000

    def __init__(
        self,
        name: str,
        predictor: Predictor,
        labels: Sequence[Label],
        ids: Callable[[], npt.NDArray[np.int64]],
        texts: Texts,
    ) -> None:
        self.name = name
        self._predictor = predictor
        self._ids = ids
        self._texts = texts
        place = {label.key: index for index, label in enumerate(labels)}
        self._places = [place.get(label.key, -1) for label in predictor.labels]
        self._classes = len(labels)

    def for_labels(self, labels: Sequence[Label]) -> ModelJudge:
        """The same model for the labels as they are now."""
        return ModelJudge(self.name, self._predictor, labels, self._ids, self._texts)

    @classmethod
    def load(
        cls,
        name: str,
        folder: Path,
        labels: Sequence[Label],
        ids: Callable[[], npt.NDArray[np.int64]],
        texts: Texts,
    ) -> ModelJudge:
        """On the processor, whatever else there is: the graphics card belongs to trainings. Raises UserError
        as `Predictor.load` does, and ``MODEL_OTHER_LABELS`` when the model knows none of the labels."""
        from senti_studio.learning.predict import Predictor

        judge = cls(name, Predictor.load(folder, device="cpu"), labels, ids, texts)
        if max(judge._places, default=-1) < 0:
            raise UserError("MODEL_OTHER_LABELS", name=name)
        return judge

    def of_rows(self, rows: Counts) -> Floats:
        ids = self._ids()[rows].tolist()
        texts = self._texts(ids)
        return self.of_texts([texts.get(comment_id, "") for comment_id in ids])

    def of_texts(self, texts: Sequence[str]) -> Floats:
        said = self._predictor.probabilities(texts)
        found = np.zeros((len(texts), self._classes), dtype=np.float32)
        for column, place in enumerate(self._places):
            if place >= 0:
                found[:, place] += said[:, column]
        sums = found.sum(axis=1, keepdims=True)
        shares: Floats = np.divide(found, sums, out=np.zeros_like(found), where=sums > 0)
        return shares

    def explain(self, text: str) -> list[Pull]:
        """By integrated gradients, for all classes that the project has."""
        known = [column for column, place in enumerate(self._places) if place >= 0]
        if len(known) < 2:
            return pulls_by_leaving_out(text, self.of_texts)
        (found,) = self._predictor.explain([text], [known])
        words = found.explanations[0].words
        shares = np.zeros((len(words), self._classes), dtype=np.float32)
        for column, told in zip(known, found.explanations, strict=True):
            shares[:, self._places[column]] += [word.weight for word in told.words]
        # A label that the model does not know has no say: it gets what the others have on average.
        missing = [place for place in range(self._classes) if place not in self._places]
        shares[:, missing] = shares[:, [self._places[column] for column in known]].mean(axis=1)[:, None]
        return strongest((word.start, word.end, each) for word, each in zip(words, shares, strict=True))
