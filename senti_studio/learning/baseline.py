"""The baseline: TF-IDF of runs of one to three characters, and a linear model of them.

It trains in seconds, so every other model is compared with it.
"""

from __future__ import annotations

import time
from collections.abc import Generator, Mapping, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from senti_studio.domain.metrics import confusion_matrix, figures
from senti_studio.domain.training_options import TrainingOptions
from senti_studio.jobs.protocol import CheckpointSaved, Event, Preparing, Progress
from senti_studio.learning.checkpoint import Checkpoint
from senti_studio.learning.contract import Architecture, Batch, Classifier, Encoder, Lesson
from senti_studio.learning.evaluate import EVENT_INTERVAL_S, Evaluation
from senti_studio.learning.linear import Floats, Rows, Solver, fitting_scale, matrix, scores, softmax
from senti_studio.learning.pace import Clock
from senti_studio.learning.plan import Plan
from senti_studio.learning.reading_nets import VOCABULARY, encoder_contents, read_encoder
from senti_studio.learning.warm_start import take_over
from senti_studio.text.encoding import CHARACTERS_PER_UNIT, EncodedTexts, TextEncoder, bearable
from senti_studio.text.ngrams import Ngrams
from senti_studio.text.normalise import Normalisation
from senti_studio.text.segment import segmenter_name
from senti_studio.text.vocabulary import PADDING

MOST_CHARACTERS = 4096
"""What lies behind them in a comment is not read."""


class LinearNet(Classifier):
    """The linear model as a net, so that it is evaluated, saved and used like any other."""

    def __init__(self, features: int, classes: int) -> None:
        super().__init__()
        self.classes = classes
        self.weights = nn.Embedding(features, classes, padding_idx=PADDING)
        self.bias = nn.Parameter(torch.zeros(classes))

    def forward(self, batch: Batch) -> Tensor:
        """(rows, classes) logits."""
        if batch.ngram_ids is None or batch.ngram_weights is None:
            raise TypeError("a batch without n-grams")
        found = torch.bmm(batch.ngram_weights.unsqueeze(1), self.weights(batch.ngram_ids))
        return found.squeeze(1) + self.bias

    def vectors(self, batch: Batch) -> tuple[Tensor, ...]:
        return ()

    def features(self, batch: Batch) -> Tensor:
        return self.bias.new_zeros(_rows_of(batch), 0)

    def scored(self, vectors: Sequence[Tensor], batch: Batch) -> Tensor:
        return self.bias.expand(_rows_of(batch), -1)

    def ngram_shares(self, batch: Batch) -> Tensor | None:
        if batch.ngram_ids is None or batch.ngram_weights is None:
            return None
        found: Tensor = batch.ngram_weights.unsqueeze(-1) * self.weights(batch.ngram_ids)
        return found

    @torch.no_grad()
    def take(self, weights: Floats) -> None:
        """Takes (features, classes) ``weights`` of `learning.linear`, whose last row is the bias."""
        self.weights.weight[PADDING].zero_()
        self.weights.weight[PADDING + 1 :] = torch.from_numpy(weights[:-1]).float()
        self.bias.copy_(torch.from_numpy(weights[-1]).float())


def _rows_of(batch: Batch) -> int:
    return len(batch.ngram_ids) if batch.ngram_ids is not None else 0


def learn_encoder(texts: Sequence[str], options: TrainingOptions) -> tuple[TextEncoder, EncodedTexts]:
    """The n-grams that occur in at least ``min_frequency`` of the normalised texts."""
    rows = bearable(options.min_frequency, len(texts))
    found = Ngrams.build(texts, min_rows=rows, most_characters=MOST_CHARACTERS)
    encoder = TextEncoder(
        (),
        (),
        found,
        MOST_CHARACTERS // CHARACTERS_PER_UNIT,
        segmenter_name(),
        normalisation=Normalisation.of(options),
    )
    return encoder, EncodedTexts((), found.weigh(texts))


def plan(options: TrainingOptions, rows: int) -> Plan:
    """A step looks at all rows, so it is an epoch; how many there will be shows only on the way."""
    return Plan(rows, rows, 1, options.epochs, frozenset({1}))


def rebuild(config: Mapping[str, Any], encoder: Encoder, classes: int) -> LinearNet:
    """A net to which the weights of a model fit."""
    if not isinstance(encoder, TextEncoder) or encoder.ngrams is None:
        raise TypeError("the baseline reads n-grams")
    return LinearNet(len(encoder.ngrams), classes)


def train(lesson: Lesson) -> Generator[Event, None, tuple[Classifier, str]]:
    """Steps until nothing can be gained; a checkpoint behind each."""
    state, clock = lesson.state, Clock(lesson.state.elapsed)
    work = _Work(lesson)
    while not work.solver.is_done and state.step < lesson.plan.total_steps:
        started = said = time.monotonic()
        for _ in work.solver.step():
            if state.step and time.monotonic() - said >= EVENT_INTERVAL_S:
                said = time.monotonic()
                yield work.progress(clock, started)
            elif not state.step:
                yield Preparing(stage="building")
        state.step += 1
        found = work.judge()
        state.elapsed = clock.elapsed
        work.save()
        yield work.progress(clock, started)
        yield found.event(
            "valid",
            epoch=lesson.plan.epoch(state.step),
            step=state.step,
            is_best=True,
            patience_left=lesson.spec.options.patience,
        )
        yield CheckpointSaved(epoch=lesson.plan.epoch(state.step), step=state.step, is_best=True)
    return work.net.to(lesson.device), "converged" if work.solver.is_done else "epochs"


class _Work:
    """The solver, and the net that is made of its weights."""

    def __init__(self, lesson: Lesson) -> None:
        self.lesson = lesson
        ngrams, valid = lesson.train.ngrams, lesson.valid.ngrams
        if ngrams is None or valid is None:
            raise TypeError("the baseline reads n-grams")
        self.net = rebuild({}, lesson.encoder, len(lesson.spec.labels))
        features = self.net.weights.num_embeddings
        self._rows = Rows.of(ngrams, features, lesson.train_labels, lesson.weights)
        self._valid = matrix(valid, features)
        self._loss = 0.0
        self.solver = self._solver(lesson.resume)

    def judge(self) -> Evaluation:
        """Figures of the validation rows; the net takes the weights of the moment."""
        lesson, state = self.lesson, self.lesson.state
        found = scores(self._valid, self.solver.weights)
        scale = self._scale(found)
        self.net.take(scale * self.solver.weights)
        shares = softmax(scale * found)
        guesses = shares.argmax(axis=1).tolist()
        table = confusion_matrix(zip(lesson.valid_labels, guesses, strict=True), self.net.classes)
        loss = _loss(shares, lesson.valid_labels)
        judged = Evaluation(loss, figures(table), shares.astype(np.float32))
        trained = softmax(scale * scores(self._rows.grams, self.solver.weights))
        self._loss = _loss(trained, self._rows.truth)
        # The newest weights are the nearest to the solution, which is what people compare with.
        state.best_step = state.evaluated_step = state.step
        state.best_loss, state.best_f1 = judged.loss, judged.figures.macro_f1
        state.history.append(
            {
                "step": state.step,
                "epoch": lesson.plan.epoch(state.step),
                "train_loss": self._loss,
                "valid_loss": judged.loss,
                "accuracy": judged.figures.accuracy,
                "macro_f1": judged.figures.macro_f1,
            }
        )
        return judged

    def _scale(self, found: Floats) -> float:
        """Scores that are no logarithms of shares are made ones on the validation rows."""
        if self.lesson.spec.options.linear_model == "logistic":
            return 1.0
        return fitting_scale(found, self.lesson.valid_labels)

    def save(self) -> None:
        training = {"weights": torch.from_numpy(self.solver.weights), "done": self.solver.is_done}
        self.lesson.checkpoints.save(self.net.plain(), training, self.lesson.state)

    def _solver(self, resume: Checkpoint | None) -> Solver:
        """A new one, or that of a checkpoint. Raises UserError ``CHECKPOINT_DAMAGED``."""
        kind = self.lesson.spec.options.linear_model
        around = self._earlier()
        if resume is None:
            return Solver(kind, self._rows, self.net.classes, around=around)
        training = resume.training()
        try:
            weights = training["weights"].numpy()
            if weights.shape != (self._rows.grams.shape[1] + 1, self.net.classes):
                raise ValueError(f"weights {weights.shape}")
            found = Solver(kind, self._rows, self.net.classes, weights, around=around)
            found.is_done = bool(training["done"])
            self.net.load_state_dict(resume.weights())
        except (RuntimeError, KeyError, ValueError, TypeError, AttributeError) as error:
            raise resume.damaged(error) from error
        self._loss = float(self.lesson.state.history[-1]["train_loss"]) if self.lesson.state.history else 0.0
        return found

    def _earlier(self) -> Floats | None:
        """The weights of the model to begin with: away from these every step has to pay, not from zero."""
        if self.lesson.start is None:
            return None
        net = rebuild({}, self.lesson.encoder, self.net.classes)
        torch.nn.init.zeros_(net.weights.weight)
        take_over(net, self.lesson)
        parts = (net.weights.weight[PADDING + 1 :], net.bias[None])
        return np.concatenate([part.detach().double().numpy() for part in parts])

    def progress(self, clock: Clock, started: float) -> Progress:
        state = self.lesson.state
        rows = len(self._rows.truth)
        return Progress(
            step=state.step,
            epoch=self.lesson.plan.epoch(state.step),
            loss=self._loss,
            rows_per_s=rows / max(1e-3, time.monotonic() - started),
            elapsed=clock.elapsed,
        )


def _loss(shares: Floats, truth: Sequence[int] | np.ndarray[Any, np.dtype[np.int64]]) -> float:
    """Mean cross-entropy."""
    right = shares[np.arange(len(shares)), np.asarray(truth, dtype=np.int64)]
    return float(-np.log(np.maximum(right, 1e-12)).mean())


BASELINE = Architecture(
    key="baseline",
    encoder_files=(VOCABULARY,),
    learn_encoder=learn_encoder,
    encoder_contents=encoder_contents,
    read_encoder=read_encoder,
    config=lambda options: {"linear_model": options.linear_model},
    rebuild=rebuild,
    plan=plan,
    train=train,
)
