"""The moving parts of a training: what a step does, what a checkpoint holds."""

from __future__ import annotations

import copy
import math
from collections.abc import Sequence

import numpy as np
import torch
from torch.nn import functional

from senti_studio.domain.specs import TrainingSpec
from senti_studio.errors import UserError
from senti_studio.jobs.protocol import CheckpointSaved
from senti_studio.learning.batches import Rows, epoch_order, make_batch
from senti_studio.learning.checkpoint import Checkpoint, Checkpoints, TrainingState
from senti_studio.learning.contract import Classifier
from senti_studio.learning.evaluate import Evaluation
from senti_studio.learning.optimise import build_optimiser, build_schedule
from senti_studio.learning.plan import Plan
from senti_studio.text.encoding import EncodedTexts


class Loop:
    """Net, optimiser, schedule and position of a training: what a step does and a checkpoint holds."""

    def __init__(
        self,
        spec: TrainingSpec,
        plan: Plan,
        net: Classifier,
        texts: EncodedTexts,
        labels: Sequence[int],
        state: TrainingState,
        device: torch.device,
        checkpoints: Checkpoints,
    ) -> None:
        self.spec, self.plan, self.state = spec, plan, state
        self.device, self.checkpoints = device, checkpoints
        # Copied before it moves: on a graphics card the weights of a cell must lie in one piece.
        self.average = copy.deepcopy(net).to(device).eval()
        """The running mean of the weights: what is evaluated, kept and saved as the model."""
        self.net = net.to(device)
        self._texts = texts
        self._labels = np.array(labels, dtype=np.int64)
        self._optimiser = build_optimiser(self.net, spec.options)
        self._schedule = build_schedule(
            self._optimiser, total_steps=plan.total_steps, warmup_share=spec.options.warmup_share
        )
        self._order: list[Rows] = []
        # One sum from evaluation to evaluation: the history must not depend on when somebody looked.
        self._loss = torch.tensor(
            state.train_loss_sum,
            device=device,
            dtype=torch.float32 if device.type == "mps" else torch.float64,
        )
        self._seen = (state.train_loss_sum, state.train_rows)

    def step(self) -> None:
        """One optimiser step on the next batch; no synchronisation with the device."""
        place = self.state.step % self.plan.per_epoch
        if place == 0 or not self._order:
            self._order = epoch_order(
                self._texts.lengths,
                batch_size=self.plan.batch_size,
                seed=self.spec.options.seed,
                epoch=self.state.step // self.plan.per_epoch,
            )
        rows = self._order[place]
        self.net.train()
        self._optimiser.zero_grad(set_to_none=True)
        labels = torch.from_numpy(self._labels[rows]).to(self.device)
        loss = functional.cross_entropy(
            self.net(make_batch(self._texts, rows, self.device)),
            labels,
            label_smoothing=self.spec.options.label_smoothing,
        )
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(self.net.parameters(), self.spec.options.clip_norm)
        self._optimiser.step()
        self._schedule.step()
        self._take_mean()
        self._loss += loss.detach() * len(rows)
        self.state.train_rows += len(rows)
        self.state.step += 1

    def _take_mean(self) -> None:
        """A short memory at first, so that the mean is soon free of the random weights of the beginning."""
        step = self.state.step
        memory = min(self.spec.options.averaging, (1 + step) / (10 + step))
        with torch.no_grad():
            torch._foreach_lerp_(list(self.average.parameters()), list(self.net.parameters()), 1 - memory)

    def collect(self) -> tuple[float, int]:
        """Mean loss and number of rows since the last call. Waits for the device.

        Raises UserError ``NAN_LOSS``: no checkpoint is ever written of numbers that are none.
        """
        total, count = float(self._loss), self.state.train_rows
        if not math.isfinite(total):
            raise self._diverged()
        rows = count - self._seen[1]
        mean = (total - self._seen[0]) / max(1, rows)
        self.state.train_loss_sum, self._seen = total, (total, count)
        return mean, rows

    def _diverged(self) -> UserError:
        return UserError("NAN_LOSS", step=self.state.step, lr=self.spec.options.learning_rate)

    @property
    def rate(self) -> float:
        return float(self._schedule.get_last_lr()[0])

    def save(self) -> CheckpointSaved:
        """Writes a checkpoint of this very moment. Raises UserError ``NAN_LOSS`` instead of saving it."""
        self.collect()
        # The loss of a step is known before its update: only the weights tell whether that went well.
        if not all(bool(weight.isfinite().all()) for weight in self.average.parameters()):
            raise self._diverged()
        training = {
            "net": self.net.state_dict(),
            "optimiser": self._optimiser.state_dict(),
            "schedule": self._schedule.state_dict(),
            "generator": torch.get_rng_state(),
        }
        if self.device.type == "cuda":
            training["cuda_generator"] = torch.cuda.get_rng_state(self.device)
        self.checkpoints.save(self.average, training, self.state)
        return CheckpointSaved(
            epoch=self.plan.epoch(self.state.step),
            step=self.state.step,
            is_best=self.state.best_step == self.state.step,
        )

    def restore(self, checkpoint: Checkpoint) -> None:
        """Goes back to a checkpoint. Raises UserError ``CHECKPOINT_DAMAGED``."""
        training = checkpoint.training()
        try:
            self.average.load_state_dict(checkpoint.weights())
            self.net.load_state_dict(training["net"])
            self._optimiser.load_state_dict(training["optimiser"])
            self._schedule.load_state_dict(training["schedule"])
            torch.set_rng_state(training["generator"])
            if self.device.type == "cuda" and "cuda_generator" in training:
                torch.cuda.set_rng_state(training["cuda_generator"], self.device)
        except (RuntimeError, KeyError, ValueError, TypeError) as error:
            raise UserError(
                "CHECKPOINT_DAMAGED", path=str(checkpoint.path), reason=str(error)[:300]
            ) from error

    @property
    def patience_left(self) -> int:
        return self.spec.options.patience * len(self.plan.evaluated_at) - self.state.without_gain

    def judge(self, found: Evaluation) -> bool:
        """Takes an evaluation into account; True when best so far (higher macro F1, or as high and surer)."""
        state = self.state
        score = found.figures.macro_f1
        is_best = score > state.best_f1 or (score == state.best_f1 and found.loss < state.best_loss)
        if is_best:
            state.best_f1, state.best_loss, state.best_step = score, found.loss, state.step
        state.without_gain = 0 if is_best else state.without_gain + 1
        state.evaluated_step = state.step
        self.collect()
        state.history.append(
            {
                "step": state.step,
                "epoch": self.plan.epoch(state.step),
                "train_loss": state.train_loss_sum / max(1, state.train_rows),
                "valid_loss": found.loss,
                "accuracy": found.figures.accuracy,
                "macro_f1": score,
            }
        )
        state.train_loss_sum, state.train_rows, self._seen = 0.0, 0, (0.0, 0)
        self._loss.zero_()
        return is_best
