"""The helper that says why: weights of words and characters, and the training comments that are nearest."""

from __future__ import annotations

import functools
from collections import OrderedDict
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from senti_studio.domain.explaining import Attention, EvidenceFound, Reasons
from senti_studio.errors import UserError
from senti_studio.learning.data import LabelledTexts, read_part
from senti_studio.learning.explain.attended import Attended
from senti_studio.learning.explain.evidence import Nearest
from senti_studio.learning.predict import Predictor
from senti_studio.worker.helper import Handler
from senti_studio.worker.progress import Emit, Pace, ShouldStop

MODELS = 2
"""So many stay in memory."""
MOST_NEAREST = 50
TEXTS = 4
"""Of so many the attention in all layers and heads is kept: who goes through the heads waits once."""


class Desk:
    """Keeps the models of the last questions."""

    def __init__(self) -> None:
        self._models: OrderedDict[Path, _Loaded] = OrderedDict()

    def explain(self, params: Mapping[str, Any], emit: Emit, should_stop: ShouldStop) -> Reasons:
        """Of ``text``, for the classes ``labels`` (indices; none: the likeliest), by the model in
        ``model``."""
        loaded = self._loaded(Path(params["model"]))
        labels = [int(label) for label in params.get("labels") or ()]
        if any(not 0 <= label < len(loaded.predictor.labels) for label in labels):
            raise UserError("BAD_REQUEST", reason=f"labels: {labels}")
        return reasons(loaded.predictor, str(params["text"]), labels)

    def attention(self, params: Mapping[str, Any], emit: Emit, should_stop: ShouldStop) -> Attention:
        """Where the model in ``model`` looks in ``text``: ``layer`` ("": the usual one), ``head`` (0: their
        mean)."""
        attended = self._loaded(Path(params["model"])).attended(str(params["text"]))
        return attended.of(str(params.get("layer") or ""), int(params.get("head") or 0))

    def evidence(self, params: Mapping[str, Any], emit: Emit, should_stop: ShouldStop) -> EvidenceFound:
        """The ``n`` training comments nearest to ``text``. Raises UserError ``CANCELLED``; what was looked at
        until then is not looked at again."""
        loaded = self._loaded(Path(params["model"]))
        cache = Path(params["cache"]) if params.get("cache") else None
        nearest = loaded.nearest(cache)
        pace = Pace(emit, "reading", nearest.total)
        while nearest.step():
            pace.at(nearest.done)
            if should_stop():
                raise UserError("CANCELLED")
        comment = params.get("comment")
        found = nearest.of(
            str(params["text"]),
            min(MOST_NEAREST, max(0, int(params["n"]))),
            without=int(comment) if comment is not None else None,
        )
        return EvidenceFound(loaded.classes, tuple(found), nearest.total)

    def _loaded(self, folder: Path) -> _Loaded:
        if folder not in self._models:
            self._models[folder] = _Loaded(folder)
            while len(self._models) > MODELS:
                self._models.popitem(last=False)
        self._models.move_to_end(folder)
        return self._models[folder]


class _Loaded:
    """A model on the processor: the graphics card belongs to trainings."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.predictor = Predictor.load(folder, "cpu")
        self.classes = tuple(label.key for label in self.predictor.labels)
        self._found: Nearest | None = None
        self._attended: OrderedDict[str, Attended] = OrderedDict()

    def attended(self, text: str) -> Attended:
        if text not in self._attended:
            self._attended[text] = self.predictor.attended(text)
            while len(self._attended) > TEXTS:
                self._attended.popitem(last=False)
        self._attended.move_to_end(text)
        return self._attended[text]

    @functools.cached_property
    def _rows(self) -> LabelledTexts:
        return training_rows(self._folder, len(self.classes))

    def nearest(self, cache: Path | None) -> Nearest:
        if self._found is None:
            self._found = self.predictor.nearest(self._rows, cache)
        return self._found


def reasons(predictor: Predictor, text: str, labels: list[int]) -> Reasons:
    """Why a model says what it says of a text, rounded to what anybody can see."""
    (found,) = predictor.explain([text], [labels] if labels else None)
    return Reasons(
        tuple(label.key for label in predictor.labels),
        tuple(round(share, 6) for share in found.probabilities),
        found.explanations,
    )


def training_rows(model: Path, classes: int) -> LabelledTexts:
    """What the model of a run has learnt from; nothing for one that lies elsewhere. Raises UserError
    ``RUN_DAMAGED``."""
    return read_part(model.parent / "data" / "train.jsonl", classes)


def handlers() -> Mapping[str, Handler]:
    """What the helper answers to."""
    desk = Desk()
    return {"explain": desk.explain, "attention": desk.attention, "evidence": desk.evidence}
