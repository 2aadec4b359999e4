"""A model for programs: `senti_studio.load` gives one, a call classifies texts; no project, no window."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import Any, Literal, overload

import numpy as np
import numpy.typing as npt

from senti_studio.domain.explaining import Attention
from senti_studio.domain.model_card import CARD_ERRORS, card_text
from senti_studio.errors import UserError
from senti_studio.learning.evaluate import BATCH_SIZE
from senti_studio.learning.model_zip import is_zip, unpacked
from senti_studio.learning.predict import Predictor
from senti_studio.messages import message

CHUNK = 4096
"""Texts that `Classifier.stream` takes at a time: enough that rows of about the same length meet."""


@dataclass(frozen=True, slots=True)
class Result:
    """What a model says about one text: name and key of the likeliest label, its probability, and the
    probability of each label by name, in the order of the model's labels."""

    label: str
    key: str
    probability: float
    probabilities: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Reasons:
    """Why a model gives the class ``label`` a text, in logits before calibration: the weights of
    ``characters`` (one for each code point of the text) and ``rest`` (what has no place in it) add up to
    ``score - blank``, and so do those of ``words`` and ``rest``. ``blank``: the score of a text of the same
    length that says nothing."""

    label: str
    key: str
    score: float
    blank: float
    words: tuple[tuple[str, float], ...]
    characters: tuple[float, ...]
    rest: float


class Classifier:
    """A loaded model. Calls from several threads at once are not meant; load it once for each, before any of
    them classifies: a thread that begins meanwhile may get a part of the cores only."""

    def __init__(self, predictor: Predictor) -> None:
        self._predictor = predictor
        self._names = tuple(label.name for label in predictor.labels)

    def __call__(self, texts: str | Iterable[str], *, batch_size: int = BATCH_SIZE) -> list[Result]:
        """One result a text, in their order; a single text is a list of one.

        Raises TypeError for what is no text, and UserError ``OUT_OF_GPU_MEMORY``: use a smaller batch then.
        """
        return list(self.stream(texts, batch_size=batch_size))

    def stream(
        self, texts: str | Iterable[str], *, batch_size: int = BATCH_SIZE, chunk: int = CHUNK
    ) -> Iterator[Result]:
        """As a call, for more texts than fit into memory: takes ``chunk`` of them and gives their results,
        then takes the next."""
        rest = iter((texts,) if isinstance(texts, str) else texts)
        for first in rest:
            part = list(chain((first,), islice(rest, chunk - 1)))
            yield from map(self._result, self.probabilities(part, batch_size=batch_size))

    def probabilities(self, texts: Iterable[str], *, batch_size: int = BATCH_SIZE) -> npt.NDArray[np.float32]:
        """(texts, labels) probabilities alone: what a program that counts wants."""
        given = list(texts)
        for number, text in enumerate(given):
            if not isinstance(text, str):
                raise TypeError(f"texts[{number}] is {type(text).__name__}, not str")
        return self._predictor.probabilities(given, batch_size=batch_size)

    @overload
    def explain(self, text: str, label: str | None = None) -> Reasons: ...

    @overload
    def explain(
        self, text: str, *, how: Literal["attention"], layer: str | int = "", head: int = 0
    ) -> Attention: ...

    def explain(
        self,
        text: str,
        label: str | None = None,
        *,
        how: Literal["gradients", "attention"] = "gradients",
        layer: str | int = "",
        head: int = 0,
    ) -> Reasons | Attention:
        """What in a text speaks for a class and against it (weights below 0); ``label``: the name or key of
        any class, None for the likeliest. With ``how="attention"`` where the net looks: in the layer of that
        number, without one in all of them (``"rollout"``), and in one of its heads, 0 for their mean.

        Raises ValueError for a class that the model has not, and UserError ``EXPLAIN_…``.
        """
        if not isinstance(text, str):
            raise TypeError(f"text is {type(text).__name__}, not str")
        if how == "attention":
            return self._predictor.attended(text).of(str(layer), head)
        wanted = None
        if label is not None:
            named = [*self.labels, *self.keys]
            if label not in named:
                raise ValueError(f"no class {label!r}: {', '.join(self.labels)}")
            wanted = [[named.index(label) % len(self.labels)]]
        (found,) = self._predictor.explain([text], wanted)[0].explanations
        return Reasons(
            self._names[found.label],
            self.keys[found.label],
            found.score,
            found.blank,
            tuple((text[word.start : word.end], word.weight) for word in found.words),
            found.characters,
            found.rest,
        )

    @property
    def labels(self) -> tuple[str, ...]:
        """Names of the labels."""
        return self._names

    @property
    def keys(self) -> tuple[str, ...]:
        """Keys of the labels, in the order of `labels`: what files of a project call them."""
        return tuple(label.key for label in self._predictor.labels)

    @property
    def card(self) -> Mapping[str, Any]:
        """What the training wrote about the model: data, options, figures, versions."""
        return self._predictor.card

    def card_text(self, language: str = "en") -> str:
        """The card as Markdown, in ``zh`` or ``en``. Raises ValueError for one that no training wrote."""
        try:
            return card_text(self.card, language)
        except CARD_ERRORS as error:
            raise ValueError(f"card.json: {error}") from error

    @property
    def device(self) -> str:
        """``cpu``, ``cuda`` …"""
        return self._predictor.device

    def __repr__(self) -> str:
        return f"<Classifier {self.card.get('name', '')!r}: {', '.join(self._names)} on {self.device}>"

    def _result(self, shares: npt.NDArray[np.float32]) -> Result:
        best = int(shares.argmax())
        values = shares.tolist()
        return Result(
            self._names[best],
            self._predictor.labels[best].key,
            values[best],
            dict(zip(self._names, values, strict=True)),
        )


def load(path: str | os.PathLike[str], *, device: str = "auto") -> Classifier:
    """Reads a model folder, that of a run with its ``model/`` inside, or a zip of a model folder.

    Raises UserError ``MODEL_…``, ``ZIP_…`` or ``DEVICE_MISSING``: as text it says what that means and what to
    do, its ``code`` is for programs.
    """
    folder = Path(path).expanduser()
    if not (folder / "config.json").exists() and (folder / "model").is_dir():
        folder /= "model"
    try:
        if is_zip(folder):
            with unpacked(folder) as place:
                return Classifier(Predictor.load(place, device))
        return Classifier(Predictor.load(folder, device))
    except UserError as error:
        # Who reads it need not have the language of the computer.
        said = str(error)
        for text in (str(message(error.code, error.params, language)) for language in ("zh", "en")):
            if text not in said:
                error.add_note(text)
        raise
