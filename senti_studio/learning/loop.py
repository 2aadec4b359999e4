"""The moving parts of a training: what a step does, what a checkpoint holds."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from senti_studio.domain.specs import TrainingSpec
from senti_studio.domain.training_options import STOP_FIGURES
from senti_studio.errors import UserError
from senti_studio.jobs.protocol import CheckpointSaved, Event, Warned
from senti_studio.learning.batches import Rows, epoch_order
from senti_studio.learning.best_members import BestMembers
from senti_studio.learning.checkpoint import Checkpoint, Checkpoints, TrainingState
from senti_studio.learning.contract import Classifier
from senti_studio.learning.evaluate import Evaluation
from senti_studio.learning.memory import give_back, is_shortage
from senti_studio.learning.optimise import take_notes
from senti_studio.learning.plan import Plan
from senti_studio.learning.schedules import Schedule
from senti_studio.learning.soft_targets import SoftTargets
from senti_studio.learning.steps import Stepper
from senti_studio.learning.text_net import MixedNet
from senti_studio.learning.trouble import LearnerLostError
from senti_studio.learning.unit_table import learnt_rows, part_tables, tables_of
from senti_studio.text.encoding import EncodedTexts

if TYPE_CHECKING:
    from senti_studio.learning.several.learners import Learners


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
        precision: torch.dtype = torch.float32,
        weights: npt.NDArray[np.float32] | None = None,
        soft: SoftTargets | None = None,
    ) -> None:
        self.spec, self.plan, self.state = spec, plan, state
        self.device, self.checkpoints = device, checkpoints
        # Copied before it moves: on a graphics card the weights of a cell must lie in one piece.
        self.average = copy.deepcopy(net).to(device).eval()
        """The running mean of the weights: what is evaluated, kept and saved as the model."""
        self.members = BestMembers(self.average) if isinstance(self.average, MixedNet) else None
        """Of a mix: the best of each member, which is what is saved as the model."""
        self.net = net.to(device)
        self._texts = texts
        pairs = zip(self.average.parameters(), self.net.parameters(), strict=True)
        learning = [pair for pair in pairs if pair[1].requires_grad]
        self._means: list[Tensor] = [mean for mean, _ in learning]
        self._learning: list[Tensor] = [value for _, value in learning]
        self._stepper = Stepper(
            self.net,
            spec.options,
            texts=texts,
            labels=np.array(labels, dtype=np.int64),
            classes=len(spec.labels),
            device=device,
            precision=precision,
            weights=weights,
            soft=soft,
        )
        self._schedule = Schedule(
            self._stepper.optimiser,
            total_steps=plan.total_steps,
            warmup_share=spec.options.warmup_share,
            kind=spec.options.schedule,
        )
        self._gather: Callable[[Rows, int], list[tuple[Tensor, int]]] = self._stepper.gather
        self._processes = 1
        self.news: list[Event] = []
        """What is to be told of the steps done since somebody took it from here."""
        self._order: list[Rows] = []
        # One sum from evaluation to evaluation: the history must not depend on when somebody looked.
        self._loss = torch.tensor(
            state.train_loss_sum,
            device=device,
            dtype=torch.float32 if device.type == "mps" else torch.float64,
        )
        self._seen = (state.train_loss_sum, state.train_rows)

    def share(self, beside: Sequence[torch.device]) -> Learners:
        """A context in which steps are taken together with a process on each of these devices."""
        # Only here: what several processes need takes its time to load.
        from senti_studio.learning.several.learners import Learners

        learners = Learners(self._stepper, beside)
        self._gather, self._processes = learners.gather, learners.size
        return learners

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
        losses = self._gathered(self._order[place])
        self._stepper.apply()
        self._schedule.step()
        self._take_mean()
        for loss, rows in losses:
            self._loss += loss * rows
            self.state.train_rows += rows
        self.state.step += 1

    def _gathered(self, rows: Rows) -> list[tuple[Tensor, int]]:
        """The gradients of a batch, of all rows at once where the memory bears it, else of halves of it.

        The random numbers are then those of the first attempt, so that the step does not depend on how often
        it was tried.
        """
        generators = self._generators()
        while True:
            at_once = self.state.rows_at_once or self.spec.options.batch_size
            try:
                return self._gather(rows, at_once)
            except LearnerLostError:
                # As if the step had not been tried: it can be saved, and taken later.
                self._set_generators(generators)
                raise
            except (torch.OutOfMemoryError, MemoryError, RuntimeError) as error:
                halved = min(at_once, -(-len(rows) // self._processes)) // 2
                if not halved or not is_shortage(error):
                    raise
            give_back(self.device)
            self.state.rows_at_once = halved
            self.news.append(Warned(code="BATCH_HALVED", params={"rows": halved, "batch_size": len(rows)}))
            self._set_generators(generators)

    def _take_mean(self) -> None:
        """A short memory at first, so that the mean is soon free of the random weights of the beginning."""
        step = self.state.step
        memory = min(self.spec.options.averaging, (1 + step) / (10 + step))
        with torch.no_grad():
            torch._foreach_lerp_(self._means, self._learning, 1 - memory)

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
        return self._schedule.rate

    def save(self) -> CheckpointSaved:
        """Writes a checkpoint of this very moment. Raises UserError ``NAN_LOSS`` instead of saving it."""
        self.collect()
        # The loss of a step is known before its update: only the weights tell whether that went well.
        if not all(bool(weight.isfinite().all()) for weight in self.average.parameters()):
            raise self._diverged()
        kept = self.members.state_dict() if self.members is not None else {}
        state = self.average.state_dict()
        plain = self.members.net.plain() if self.members is not None and kept else self.average.plain()
        frozen = {name for name, value in self.net.named_parameters() if not value.requires_grad}
        own = {**self.net.state_dict(), **learnt_rows(self.net)}
        training = {
            # What does not learn is the same in both, and may be most of an encoder or of the words.
            "net": {name: value for name, value in own.items() if name not in frozen},
            **({"average": state} if kept or state.keys() != plain.keys() else {}),
            **({"members": kept} if kept else {}),
            "optimiser": self._stepper.optimiser.state_dict(),
            "schedule": self._schedule.state_dict(),
            "precision": self._stepper.precision.state_dict(),
            "learnt": [table.learnt for table in tables_of(self.net)],
            **self._generators(),
        }
        self.checkpoints.save(plain, training, self.state)
        return CheckpointSaved(
            epoch=self.plan.epoch(self.state.step),
            step=self.state.step,
            is_best=self.state.best_step == self.state.step,
        )

    def restore(self, checkpoint: Checkpoint, rows: int) -> None:
        """Goes back to a checkpoint of a training with so many validation ``rows``.

        Raises UserError ``CHECKPOINT_DAMAGED``.
        """
        training = checkpoint.training()
        try:
            weights = checkpoint.weights()
            self._part(training.get("learnt", ()))
            means = training.get("average") or weights
            if self.members is not None and self.state.evaluated_step:
                means = training["average"]
                self.members.load_state_dict(weights, training["members"], rows)
            self.average.load_state_dict(means)
            self._take_weights(means, training["net"])
            take_notes(self._stepper.optimiser, training["optimiser"])
            self._schedule.load_state_dict(training["schedule"], steps=self.state.step)
            self._stepper.precision.load_state_dict(training.get("precision", {}))
            self._set_generators(training)
        except (RuntimeError, LookupError, ValueError, TypeError, AttributeError) as error:
            raise checkpoint.damaged(error) from error

    def _take_weights(self, means: Mapping[str, Tensor], own: Mapping[str, Tensor]) -> None:
        """Raises as `restore`; what does not learn is not among the net's ``own``."""
        missing = [
            name for name, value in self.net.named_parameters() if value.requires_grad and name not in own
        ]
        if missing:
            raise ValueError(f"{missing[0]}: not there")
        self.net.load_state_dict(means)
        self.net.load_state_dict({**means, **own})
        for net in (self.net, self.average):
            if not all(bool(value.isfinite().all()) for value in net.state_dict().values()):
                raise ValueError("numbers that are none")

    def _part(self, learnt: Sequence[Tensor | None]) -> None:
        """As they were when the checkpoint was written, whatever the texts are cut into today."""
        for net in (self.net, self.average, *([self.members.net] if self.members is not None else [])):
            part_tables(net, learnt)

    def _generators(self) -> dict[str, Any]:
        """Where the random numbers stand."""
        found = {"generator": torch.get_rng_state()}
        if self.device.type == "cuda":
            found["cuda_generator"] = torch.cuda.get_rng_state(self.device)
        return found

    def _set_generators(self, values: dict[str, Any]) -> None:
        torch.set_rng_state(values["generator"])
        if self.device.type == "cuda" and "cuda_generator" in values:
            torch.cuda.set_rng_state(values["cuda_generator"], self.device)

    @property
    def patience_left(self) -> int:
        return self.spec.options.patience * len(self.plan.evaluated_at) - self.state.without_gain

    def judge(self, found: Evaluation) -> bool:
        """Takes an evaluation into account; True when best so far, by the figure that ``stop_on`` names."""
        best = (self.state.best_f1, self.state.best_accuracy, self.state.best_loss)
        return self._judged(found, is_best=self._is_better(found.gain, best))

    def judge_members(self, found: Sequence[Evaluation], labels: Sequence[int]) -> tuple[Evaluation, bool]:
        """Takes what each member of a mix is worth into account: what they are worth together, each at its
        best, and whether any of them has gained."""
        assert self.members is not None
        best = self.members.gained or [(-1.0, -1.0, math.inf)] * len(found)
        gains = [self._is_better(new.gain, old) for new, old in zip(found, best, strict=True)]
        self.members.take(found, gains)
        for told, gain in zip(self.state.reading.get("members", ()), gains, strict=False):
            if gain:
                told["epoch"] = self.plan.epoch(self.state.step)
        together = self.members.together(labels)
        return together, self._judged(together, is_best=any(gains))

    def _judged(self, found: Evaluation, *, is_best: bool) -> bool:
        state = self.state
        macro_f1, accuracy, _ = found.gain
        if is_best:
            state.best_f1, state.best_accuracy, state.best_loss = macro_f1, accuracy, found.loss
            state.best_step = state.step
        state.without_gain = 0 if is_best else state.without_gain + 1
        state.evaluated_step = state.step
        self.collect()
        state.history.append(
            {
                "step": state.step,
                "epoch": self.plan.epoch(state.step),
                "train_loss": state.train_loss_sum / max(1, state.train_rows),
                "valid_loss": found.loss,
                "accuracy": accuracy,
                "macro_f1": macro_f1,
            }
        )
        state.train_loss_sum, state.train_rows, self._seen = 0.0, 0, (0.0, 0)
        self._loss.zero_()
        return is_best

    def _is_better(self, new: tuple[float, float, float], old: tuple[float, float, float]) -> bool:
        """Compares (macro F1, accuracy, loss): one that is as high must be surer, that is of less loss."""
        figure = self.spec.options.stop_on
        if figure == "loss":
            return new[2] < old[2]
        place = STOP_FIGURES.index(figure)
        return (new[place], -new[2]) > (old[place], -old[2])
