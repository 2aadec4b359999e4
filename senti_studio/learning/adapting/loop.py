"""The moving parts of an adaptation: what a step does, what a checkpoint holds."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from senti_studio.domain.adapting import AdaptOptions
from senti_studio.errors import UserError
from senti_studio.jobs.protocol import CheckpointSaved, Event, Warned
from senti_studio.learning.adapting.masking import Masked, Units, masked_batch
from senti_studio.learning.adapting.net import GuessingNet
from senti_studio.learning.adapting.pieces import Pieces, batch_bounds, token_batches
from senti_studio.learning.batches import Rows
from senti_studio.learning.bert.token_encoder import TokenEncoder
from senti_studio.learning.checkpoint import Checkpoint, Checkpoints, TrainingState
from senti_studio.learning.gradients import take_gradients
from senti_studio.learning.memory import give_back, is_shortage
from senti_studio.learning.noise import new_seeds, numbers_of
from senti_studio.learning.optimise import PLAIN, take_notes
from senti_studio.learning.precision import Precision
from senti_studio.learning.schedules import Schedule
from senti_studio.learning.side_by_side import each, parts_of

_LEAST_UNITS_OF_PART = 256
"""Products of less are slow."""
STEPS_PER_EVALUATION = 500
"""Longer epochs are evaluated several times, at equal distances."""
_VALID_TIMES = 4
"""Nothing is kept of a pass through held-out pieces: so many times the units of a step fit at once."""


@dataclass(frozen=True, slots=True)
class Course:
    """How long an adaptation is. ``tokens_per_step``: units without padding, in the mean."""

    per_epoch: int
    total_steps: int
    every: int
    tokens_per_step: float

    @classmethod
    def of(cls, options: AdaptOptions, pieces: Pieces, marks: int) -> Course:
        lengths = pieces.lengths + marks
        per_epoch = len(batch_bounds(np.sort(lengths), options.batch_tokens)) - 1
        a_step = float(lengths.sum()) / max(1, per_epoch)
        total = per_epoch * options.epochs
        if options.tokens:
            total = max(1, math.ceil(options.tokens / a_step))
        times = max(1, math.ceil(per_epoch / STEPS_PER_EVALUATION))
        return cls(per_epoch, total, math.ceil(per_epoch / times), a_step)

    def epoch(self, step: int) -> float:
        return step / max(1, self.per_epoch)

    def is_evaluated_after(self, step: int) -> bool:
        return step % self.every == 0 or step == self.total_steps


@dataclass(frozen=True, slots=True)
class Guesses:
    """How well hidden units of held-out comments are guessed: mean loss, and the share that is right."""

    loss: float
    accuracy: float


class AdaptLoop:
    """Net, optimiser, schedule and position of an adaptation."""

    def __init__(
        self,
        options: AdaptOptions,
        course: Course,
        net: GuessingNet,
        encoder: TokenEncoder,
        pieces: Pieces,
        state: TrainingState,
        device: torch.device,
        checkpoints: Checkpoints,
        precision: torch.dtype,
    ) -> None:
        self.options, self.course, self.state = options, course, state
        self.device, self.checkpoints = device, checkpoints
        self.net = net.to(device)
        self._encoder, self._pieces = encoder, pieces
        self._units = Units.of(encoder)
        self._precision = Precision(device, precision)
        if device.type == "cpu" and not self._precision.is_scaled:
            self.net.learn_in_parts()
        self._in_parts = self.net.divisible
        pulled, free = net.decaying()
        self._learnt = [*pulled, *free]
        self._optimiser = PLAIN["adamw"](
            [
                {"params": pulled, "weight_decay": options.weight_decay},
                {"params": free, "weight_decay": 0.0},
            ],
            lr=options.learning_rate,
            betas=(0.9, 0.98),
            fused=True,
        )
        self._schedule = Schedule(
            self._optimiser,
            total_steps=course.total_steps,
            warmup_share=options.warmup_share,
            kind="linear",
        )
        self.news: list[Event] = []
        self._order: list[Rows] = []
        kind = torch.float32 if device.type == "mps" else torch.float64
        self._loss = torch.tensor(state.train_loss_sum, device=device, dtype=kind)
        self._seen = (state.train_loss_sum, state.train_rows)
        self.tokens = 0
        """Units read since somebody took the number from here."""
        self.comments = 0

    def step(self) -> None:
        """One optimiser step on the next batch; no synchronisation with the device."""
        step = self.state.step
        batch = self._masked(self._pieces, self._rows(step), step)
        loss = self._gathered(batch)
        self._precision.unscale(self._optimiser)
        torch.nn.utils.clip_grad_norm_(self._learnt, self.options.clip_norm)
        self._precision.step(self._optimiser)
        self._schedule.step()
        self._loss += loss * len(batch.places)
        self.state.train_rows += len(batch.places)
        self.state.reading["tokens"] = int(self.state.reading.get("tokens", 0)) + batch.tokens
        self.tokens += batch.tokens
        self.comments += len(batch.ids)
        self.state.step += 1

    def _rows(self, step: int) -> Rows:
        """The pieces of a step, which follow from seed and step."""
        per_epoch = self.course.per_epoch
        if step % per_epoch == 0 or not self._order:
            self._order = token_batches(
                self._pieces.lengths + self._encoder.marks.count,
                batch_tokens=self.options.batch_tokens,
                seed=self.options.seed,
                epoch=step // per_epoch,
            )
        return self._order[step % per_epoch]

    def _gathered(self, batch: Masked) -> Tensor:
        """The gradients of a batch, of all rows at once where the memory bears it, else of halves of it; and
        the mean loss. The random numbers are those of the first attempt."""
        generators = self._generators()
        while True:
            at_once = self.state.rows_at_once or len(batch.ids)
            try:
                return self._gather(batch, at_once)
            except (torch.OutOfMemoryError, MemoryError, RuntimeError) as error:
                halved = min(at_once, len(batch.ids)) // 2
                if not halved or not is_shortage(error):
                    raise
            give_back(self.device)
            self.state.rows_at_once = halved
            params = {"rows": halved, "batch_size": len(batch.ids)}
            self.news.append(Warned(code="BATCH_HALVED", params=params))
            self._set_generators(generators)

    def _gather(self, batch: Masked, at_once: int) -> Tensor:
        self.net.train()
        self._optimiser.zero_grad(set_to_none=True)
        total = torch.zeros((), device=self.device)
        for start in range(0, len(batch.ids), at_once):
            rows = np.arange(start, min(start + at_once, len(batch.ids)))
            parts = [_part(batch, some) for some in self._dealt(rows, batch)]
            for loss in self._pass([part for part in parts if len(part.places)], batch):
                total += loss
        return total

    def _dealt(self, rows: Rows, batch: Masked) -> list[Rows]:
        if not self._in_parts:
            return [rows]
        return parts_of(rows, self.device, max(1, _LEAST_UNITS_OF_PART // batch.ids.shape[1]))

    def _pass(self, parts: list[Masked], whole: Masked) -> list[Tensor]:
        """Adds the gradients of all parts; the loss of the guesses of each."""
        if not parts:
            return []
        if not self._in_parts:
            losses = [self._part_loss(part, whole) for part in parts]
            for loss, _ in losses:
                self._precision.backward(loss)
            return [guessed.detach() for _, guessed in losses]

        def gradients(given: tuple[Masked, int]) -> tuple[Tensor, list[Tensor | None]]:
            part, seed = given
            with numbers_of(seed):
                loss, guessed = self._part_loss(part, whole)
            return guessed.detach(), list(torch.autograd.grad(loss, self._learnt, allow_unused=True))

        found = each(gradients, zip(parts, new_seeds(len(parts)), strict=True))
        take_gradients(self._learnt, [gradient for _, gradient in found])
        return [guessed for guessed, _ in found]

    def _part_loss(self, part: Masked, whole: Masked) -> tuple[Tensor, Tensor]:
        """What some rows of a batch add to its mean loss, and what of that the guesses of hidden units do."""
        ids, real, places, truth = self._moved(part)
        with self._precision.cast():
            logits, beside = self.net.learnt(ids, real, places, truth)
        guessed = functional.cross_entropy(logits.float(), truth, reduction="sum") / len(whole.places)
        return guessed + beside / len(whole.ids), guessed

    def _moved(self, batch: Masked) -> list[Tensor]:
        given = (batch.ids, batch.real, batch.places, batch.truth)
        return [torch.from_numpy(each).to(self.device) for each in given]

    def _logits(self, batch: Masked) -> tuple[Tensor, Tensor]:
        ids, real, places, truth = self._moved(batch)
        with self._precision.cast():
            found: Tensor = self.net(ids, real, places)
        return found.float(), truth

    def _masked(self, pieces: Pieces, rows: Rows, step: int) -> Masked:
        share, seed = self.options.mask_share, self.options.seed
        return masked_batch(pieces, rows, self._encoder, self._units, share=share, seed=seed, step=step)

    def guesses(self, valid: Pieces) -> Iterator[tuple[int, int] | Guesses]:
        """How far it is (pieces done, pieces in all), and at last what came out."""
        self.net.eval()
        lengths = valid.lengths + self._encoder.marks.count
        order = np.argsort(lengths, kind="stable")
        bounds = batch_bounds(lengths[order], _VALID_TIMES * self.options.batch_tokens)
        loss, right, count = 0.0, 0, 0
        for start, end in itertools.pairwise(bounds):
            batch = self._masked(valid, order[start:end], -1)
            with torch.inference_mode():
                logits, truth = self._logits(batch)
                loss += float(functional.cross_entropy(logits, truth, reduction="sum"))
                right += int((logits.argmax(1) == truth).sum())
            count += len(truth)
            yield end, len(valid)
        yield Guesses(loss / max(1, count), right / max(1, count))

    def judge(self, found: Guesses) -> bool:
        """Takes an evaluation into account; True when its loss is the least so far."""
        state = self.state
        is_best = found.loss < state.best_loss
        if is_best:
            state.best_loss, state.best_accuracy = found.loss, found.accuracy
            state.best_step = state.step
        state.without_gain = 0 if is_best else state.without_gain + 1
        state.evaluated_step = state.step
        if state.step == 0:
            state.reading |= {"start_loss": found.loss, "start_accuracy": found.accuracy}
        state.train_loss_sum, state.train_rows, self._seen = 0.0, 0, (0.0, 0)
        self._loss.zero_()
        return is_best

    @property
    def patience_left(self) -> int:
        return self.options.patience - self.state.without_gain

    @property
    def rate(self) -> float:
        return self._schedule.rate

    def collect(self) -> float:
        """Mean loss since the last call. Waits for the device. Raises UserError ``NAN_LOSS``."""
        total, count = float(self._loss), self.state.train_rows
        if not math.isfinite(total):
            raise self._diverged()
        mean = (total - self._seen[0]) / max(1, count - self._seen[1])
        self.state.train_loss_sum, self._seen = total, (total, count)
        return mean

    def _diverged(self) -> UserError:
        return UserError("NAN_LOSS", step=self.state.step, lr=self.options.learning_rate)

    def save(self) -> CheckpointSaved:
        """Writes a checkpoint of this very moment. Raises UserError ``NAN_LOSS`` instead of saving it."""
        self.collect()
        # The loss of a step is known before its update: only the weights tell whether that went well.
        if not all(bool(weight.isfinite().all()) for weight in self.net.parameters()):
            raise self._diverged()
        training = {
            "optimiser": self._optimiser.state_dict(),
            "schedule": self._schedule.state_dict(),
            "precision": self._precision.state_dict(),
            **self._generators(),
        }
        self.checkpoints.save(self.net.own(), training, self.state)
        step = self.state.step
        return CheckpointSaved(epoch=self.course.epoch(step), step=step, is_best=self.state.best_step == step)

    def restore(self, checkpoint: Checkpoint) -> None:
        """Takes optimiser, schedule and generators of a checkpoint. Raises UserError
        ``CHECKPOINT_DAMAGED``."""
        training = checkpoint.training()
        try:
            take_notes(self._optimiser, training["optimiser"])
            self._schedule.load_state_dict(training["schedule"], steps=self.state.step)
            self._precision.load_state_dict(training["precision"])
            self._set_generators(training)
        except (RuntimeError, KeyError, ValueError, TypeError, AttributeError) as error:
            reason = str(error)[:300]
            raise UserError("CHECKPOINT_DAMAGED", path=str(checkpoint.path), reason=reason) from error

    def _generators(self) -> dict[str, Any]:
        found = {"generator": torch.get_rng_state()}
        if self.device.type == "cuda":
            found["cuda_generator"] = torch.cuda.get_rng_state(self.device)
        return found

    def _set_generators(self, values: dict[str, Any]) -> None:
        torch.set_rng_state(values["generator"])
        if self.device.type == "cuda" and "cuda_generator" in values:
            torch.cuda.set_rng_state(values["cuda_generator"], self.device)


def _part(batch: Masked, rows: Rows) -> Masked:
    """Some rows of a batch, with their places."""
    if len(rows) == len(batch.ids):
        return batch
    width = batch.ids.shape[1]
    place = np.full(len(batch.ids), -1)
    place[rows] = np.arange(len(rows))
    at = place[batch.places // width]
    inside = at >= 0
    places = at[inside] * width + batch.places[inside] % width
    return Masked(batch.ids[rows], batch.real[rows], places, batch.truth[inside])
