"""Explanations of texts by a model: integrated gradients, brought back to the text as it was written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch

from senti_studio.domain.explaining import Explanation
from senti_studio.errors import UserError
from senti_studio.learning.batches import make_batch
from senti_studio.learning.contract import Batch
from senti_studio.learning.explain.attended import Attended, layers_of
from senti_studio.learning.explain.long_texts import integrate_whole, parts_of
from senti_studio.learning.explain.placing import Floats, Ints, Letters, Placing, as_written, of_words
from senti_studio.learning.model_folder import Model
from senti_studio.learning.trouble import user_errors
from senti_studio.text.encoding import Places
from senti_studio.text.tracing import Traced

TEXTS_AT_ONCE = 32


@dataclass(frozen=True, slots=True)
class Explained:
    """Of one text: an explanation for each class that was asked about, and the calibrated ``probabilities``
    of all classes."""

    explanations: tuple[Explanation, ...]
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

    def attended(self, text: str) -> Attended:
        """Where the net looks in a text as written, in all its layers and heads.

        Raises UserError ``EXPLAIN_NO_ATTENTION``, ``EXPLAIN_ATTENTION_TOO_LONG`` or ``OUT_OF_GPU_MEMORY``.
        """
        trace = self._places.traced(text)
        encoded = self._model.encoder.encode([trace.text])
        batch = make_batch(encoded, np.arange(1), self._device)
        with torch.inference_mode(), user_errors(self._device):
            parts = parts_of(self._net.eval(), batch)
            looked = [self._net.attention(part) for part in parts]
        layers = layers_of(looked, self._places.views, self._places.places(trace.text))
        if not layers:
            raise UserError("EXPLAIN_NO_ATTENTION", architecture=self._model.architecture.key)
        return Attended(trace, self._places.words(trace.text), layers)

    def _logits(self, batch: Batch) -> Floats:
        with torch.inference_mode():
            found: Floats = self._net.eval()(batch).double().cpu().numpy()
        return found

    def _told(self, trace: Traced, places: Places, shares: _Shares, row: int) -> Explained:
        explanations = []
        for target, label in enumerate(shares.targets[row].tolist()):
            letters = shares.of_letters(row, target, places, trace.text)
            score, blank = float(shares.end[row, target]), float(shares.start[row, target])
            explanations.append(
                Explanation(
                    label,
                    score,
                    blank,
                    tuple(as_written(letters.weights, trace).tolist()),
                    of_words(self._places.words(trace.text), letters.weights, trace),
                    letters.rest,
                    score - blank - letters.rest - float(letters.weights.sum()),
                )
            )
        logits = shares.logits[row] / self._model.temperature
        likely = np.exp(logits - logits.max())
        return Explained(tuple(explanations), tuple((likely / likely.sum()).tolist()))

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
        return Explained(tuple(told), tuple(prior))


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

    @classmethod
    def of(cls, model: Model, batch: Batch, targets: Ints, logits: Floats) -> _Shares:
        with torch.no_grad():
            shares = model.net.ngram_shares(batch)
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
        integral = integrate_whole(model.net, batch, targets, beside)
        end = np.take_along_axis(logits, targets, axis=1)
        return cls(targets, integral.shares, ngrams, integral.start, end, logits)

    def of_letters(self, row: int, target: int, places: Places, text: str) -> Letters:
        """The characters of the normalised text; an n-gram has its part in each of its places."""
        letters = Letters(text)
        for view, spans in enumerate(places.units):
            letters.add(spans, self.units[view][row, target, : len(spans)])
        if places.ngrams is not None and self.ngrams[row]:
            ids, start, end = places.ngrams
            known = self.ngrams[row]
            times = np.bincount(ids, minlength=1)
            shares = np.array([known[key][target] for key in ids.tolist()]) / np.maximum(times[ids], 1)
            letters.add(np.stack([start, end], axis=1), shares)
        return letters
