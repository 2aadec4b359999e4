"""Explanations of texts by a model: integrated gradients, brought back to the text as it was written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt
import torch

from senti_studio.domain.explaining import AttentionShare, Explanation, WordWeight
from senti_studio.errors import UserError
from senti_studio.learning.batches import make_batch
from senti_studio.learning.contract import Batch
from senti_studio.learning.explain.integration import integrate
from senti_studio.learning.model_folder import Model
from senti_studio.learning.trouble import user_errors
from senti_studio.text.encoding import Places
from senti_studio.text.tracing import Traced

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

TEXTS_AT_ONCE = 32


@runtime_checkable
class Placing(Protocol):
    """What an encoder must know for explanations: where in a text its units stand."""

    def traced(self, text: str) -> Traced:
        """As `Encoder.normalise`, with the places in the text as written."""

    def places(self, text: str) -> Places:
        """Where the units and n-grams of a normalised text stand."""

    def words(self, text: str) -> list[tuple[int, int]]:
        """Where the words of a normalised text start and end."""


@dataclass(frozen=True, slots=True)
class Explained:
    """Of one text: an explanation for each class that was asked about, the attention of each view that has
    some, and the calibrated ``probabilities`` of all classes."""

    explanations: tuple[Explanation, ...]
    attention: tuple[tuple[AttentionShare, ...], ...]
    probabilities: tuple[float, ...]


class Explainer:
    """A model on its device, ready to explain. Weights are of logits before calibration: dividing them by the
    temperature would change all alike."""

    def __init__(self, model: Model, device: torch.device) -> None:
        if not isinstance(model.encoder, Placing):
            raise UserError("EXPLAIN_NOT_POSSIBLE", architecture=model.architecture.key)
        self._model, self._device = model, device
        self._places: Placing = model.encoder
        self._net = model.net.to(device)

    def explain(self, texts: Sequence[str], labels: Sequence[Sequence[int]] | None = None) -> list[Explained]:
        """Explanations of texts as written, for the classes ``labels[i]`` of text *i* (as many for each
        text); without ``labels`` for the likeliest class of each. A text that is blank has no weights.

        Raises UserError ``OUT_OF_GPU_MEMORY``.
        """
        found: list[Explained] = []
        at_once = 1 if self._net.pads_left else TEXTS_AT_ONCE
        for first in range(0, len(texts), at_once):
            part = slice(first, first + at_once)
            with user_errors(self._device):
                found += self._explained(texts[part], labels[part] if labels is not None else None)
        return found

    def _explained(self, texts: Sequence[str], labels: Sequence[Sequence[int]] | None) -> list[Explained]:
        traces = [self._places.traced(text) for text in texts]
        filled = [number for number, trace in enumerate(traces) if trace.text]
        found: dict[int, Explained] = {}
        if filled:
            encoded = self._model.encoder.encode([traces[number].text for number in filled])
            batch = make_batch(encoded, np.arange(len(filled)), self._device)
            logits = self._logits(batch)
            targets = logits.argmax(axis=1)[:, None]
            if labels is not None:
                targets = np.array([labels[number] for number in filled], dtype=np.int64)
            places = [self._places.places(traces[number].text) for number in filled]
            shares = _Shares.of(self._model, batch, targets, logits)
            for row, number in enumerate(filled):
                found[number] = self._told(traces[number], places[row], shares, row)
        for number in range(len(texts)):
            if number not in found:
                found[number] = self._of_blank(traces[number], labels[number] if labels else None)
        return [found[number] for number in range(len(texts))]

    def _logits(self, batch: Batch) -> Floats:
        with torch.inference_mode():
            found: Floats = self._net.eval()(batch).double().cpu().numpy()
        return found

    def _told(self, trace: Traced, places: Places, shares: _Shares, row: int) -> Explained:
        explanations = []
        for target, label in enumerate(shares.targets[row].tolist()):
            letters, rest = shares.of_letters(row, target, places, trace.text)
            score, blank = float(shares.end[row, target]), float(shares.start[row, target])
            explanations.append(
                Explanation(
                    label,
                    score,
                    blank,
                    tuple(_as_written(letters, trace).tolist()),
                    self._words(letters, trace),
                    rest,
                    score - blank - rest - float(letters.sum()),
                )
            )
        attention = tuple(
            _attention(each[row], places.units[view], trace)
            for view, each in enumerate(shares.attention)
            if each is not None
        )
        logits = shares.logits[row] / self._model.temperature
        likely = np.exp(logits - logits.max())
        return Explained(tuple(explanations), attention, tuple((likely / likely.sum()).tolist()))

    def _of_blank(self, trace: Traced, labels: Sequence[int] | None) -> Explained:
        """Nothing was read: the answer is what is frequent."""
        prior = self._model.prior
        wanted = labels if labels is not None else [int(np.argmax(prior))]
        nothing = (0.0,) * trace.written
        scores = np.log(np.maximum(np.array(prior), 1e-12))
        told = [
            Explanation(label, float(scores[label]), float(scores[label]), nothing, (), 0.0, 0.0)
            for label in wanted
        ]
        return Explained(tuple(told), (), tuple(prior))

    def _words(self, letters: Floats, trace: Traced) -> tuple[WordWeight, ...]:
        """The words of a text; each letter that has a weight belongs to one."""
        found = []
        for start, end in self._places.words(trace.text):
            if start >= 0:
                first, last = int(trace.start[start:end].min()), int(trace.end[start:end].max())
                found.append(WordWeight(first, last, float(letters[start:end].sum())))
        return tuple(found)


@dataclass(frozen=True, slots=True)
class _Shares:
    """Of a batch: what each unit (``units[v]``: rows, targets, longest) and n-gram (``ngrams``: one
    dictionary for each row, id -> (targets,)) adds, between the scores ``start`` and ``end`` (rows,
    targets)."""

    targets: Ints
    units: tuple[Floats, ...]
    ngrams: list[dict[int, Floats]]
    start: Floats
    end: Floats
    logits: Floats
    attention: tuple[Floats | None, ...]

    @classmethod
    def of(cls, model: Model, batch: Batch, targets: Ints, logits: Floats) -> _Shares:
        with torch.no_grad():
            shares = model.net.ngram_shares(batch)
            vectors = model.net.vectors(batch)
            attention = model.net.attention(vectors, batch)
        ngrams: list[dict[int, Floats]] = [{} for _ in targets]
        if shares is not None and batch.ngram_ids is not None:
            found, ids = shares.double().cpu().numpy(), batch.ngram_ids.cpu().numpy()
            for row, wanted in enumerate(targets):
                there = np.flatnonzero(ids[row])
                chosen = found[row][np.ix_(there, wanted)]
                ngrams[row] = dict(zip(ids[row][there].tolist(), chosen, strict=True))
        beside = np.array(
            [np.sum(list(each.values()), axis=0) if each else np.zeros(targets.shape[1]) for each in ngrams]
        )
        integral = integrate(model.net, batch, targets, beside)
        seen = tuple(each.double().cpu().numpy() if each is not None else None for each in attention)
        end = np.take_along_axis(logits, targets, axis=1)
        return cls(targets, integral.shares, ngrams, integral.start, end, logits, seen)

    def of_letters(self, row: int, target: int, places: Places, text: str) -> tuple[Floats, float]:
        """(characters of the normalised text,), and what has no place in it. What a unit has is spread evenly
        over its characters; an n-gram has its part in each of its places."""
        letters = np.zeros(len(text) + 1)
        is_blank = np.array([letter == " " for letter in text] + [False])
        rest = 0.0
        for view, spans in enumerate(places.units):
            shares = self.units[view][row, target, : len(spans)]
            there = spans[:, 0] >= 0
            rest += float(shares[~there].sum())
            rest += _spread(letters, is_blank, spans[there, 0], spans[there, 1], shares[there])
        if places.ngrams is not None and self.ngrams[row]:
            ids, start, end = places.ngrams
            known = self.ngrams[row]
            times = np.bincount(ids, minlength=1)
            shares = np.array([known[key][target] for key in ids.tolist()]) / np.maximum(times[ids], 1)
            rest += _spread(letters, is_blank, start, end, shares)
        return letters[:-1], rest


def _spread(
    letters: Floats, is_blank: npt.NDArray[np.bool_], start: Ints, end: Ints, shares: Floats
) -> float:
    """Adds shares to the letters [start, end) but blanks; what stands on blanks alone is returned."""
    before = np.concatenate([[0], np.cumsum(~is_blank)])
    count = before[end] - before[start]
    each = np.divide(shares, count, out=np.zeros(len(shares)), where=count > 0)
    steps = np.zeros(len(letters) + 1)
    np.add.at(steps, start, each)
    np.add.at(steps, end, -each)
    letters += np.where(is_blank, 0.0, np.cumsum(steps)[:-1])
    return float(shares[count == 0].sum())


def _as_written(letters: Floats, trace: Traced) -> Floats:
    """(characters of the text as written,): each letter's share, spread over where it comes from."""
    found = np.zeros(trace.written)
    sizes = trace.end - trace.start
    for letter, (first, size) in enumerate(zip(trace.start.tolist(), sizes.tolist(), strict=True)):
        if size:
            found[first : first + size] += letters[letter] / size
    return found


def _attention(shares: Floats, spans: npt.NDArray[np.int64], trace: Traced) -> tuple[AttentionShare, ...]:
    return tuple(
        AttentionShare(int(trace.start[start:end].min()), int(trace.end[start:end].max()), float(share))
        for (start, end), share in zip(spans.tolist(), shares.tolist(), strict=False)
        if start >= 0
    )
