"""The best state of a mix: that of each member for itself, since they learn at different paces.

Nets that know nothing of each other have no epoch in common at which all of them are best: one that has
n-grams is soon there, one that reads characters needs long.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from senti_studio.jobs.protocol import Preparing
from senti_studio.learning.contract import Classifier
from senti_studio.learning.evaluate import Evaluation, Gain, evaluate, evaluation
from senti_studio.learning.text_net import MixedNet
from senti_studio.text.encoding import EncodedTexts


class BestMembers:
    """The members of a mix, and its pupil, each as it was when it was right most often."""

    def __init__(self, learning: MixedNet) -> None:
        """``learning``: the mix whose weights change from step to step; it is only read."""
        self.net = copy.deepcopy(learning)
        """The members at their best."""
        self.gained: list[Gain] = []
        """What each reached; empty before the first evaluation."""
        self._said: list[npt.NDArray[np.float32]] = []
        self._learning = _apart(learning)
        self._best = _apart(self.net)
        self._voices = len(learning.members)

    def judge(
        self, texts: EncodedTexts, labels: Sequence[int], device: torch.device
    ) -> Iterator[Preparing | list[Evaluation]]:
        """Progress, and as the last item what each of them says now."""
        found = []
        for number, net in enumerate(self._learning):
            for each in evaluate(net, texts, labels, device):
                if isinstance(each, Evaluation):
                    found.append(each)
                else:
                    done = number * each.total + each.done
                    yield Preparing(stage=each.stage, done=done, total=len(self._learning) * each.total)
        yield found

    def take(self, found: Sequence[Evaluation], gains: Sequence[bool]) -> None:
        """Keeps the present state of those that gain."""
        first = not self.gained
        for number, (each, gain) in enumerate(zip(found, gains, strict=True)):
            if first:
                self.gained.append(each.gain)
                self._said.append(each.probabilities)
            elif gain:
                self.gained[number], self._said[number] = each.gain, each.probabilities
            if first or gain:
                self._best[number].load_state_dict(self._learning[number].state_dict())

    def together(self, labels: Sequence[int]) -> Evaluation:
        """What the members say together, each in its best state; the pupil has no say."""
        logs = np.log(np.maximum(np.stack(self._said[: self._voices]), 1e-12)).mean(axis=0)
        shares = np.exp(logs - logs.max(axis=1, keepdims=True))
        return evaluation((shares / shares.sum(axis=1, keepdims=True)).astype(np.float32), labels)

    def state_dict(self) -> dict[str, Any]:
        """What a checkpoint holds beside the weights of `net`."""
        return {"gained": self.gained, "said": torch.from_numpy(np.stack(self._said))} if self.gained else {}

    def load_state_dict(self, weights: Mapping[str, Tensor], values: Mapping[str, Any], rows: int) -> None:
        """Raises AttributeError, KeyError, RuntimeError, TypeError or ValueError for what `state_dict` cannot
        have given in a training with so many validation ``rows``."""
        self.net.load_state_dict(weights)
        said = values["said"].numpy()
        self.gained = [(float(f1), float(accuracy), float(loss)) for f1, accuracy, loss in values["gained"]]
        if not len(said) == len(self.gained) == len(self._learning):
            raise ValueError(f"{len(self.gained)} members")
        if said.shape[1:] != (rows, self.net.classes) or not np.isfinite(said).all():
            raise ValueError(f"probabilities of {said.shape[1:]} rows and classes")
        if not np.isfinite(self.gained).all():
            raise ValueError(f"figures {self.gained}")
        self._said = list(said)


def _apart(net: MixedNet) -> list[Classifier]:
    """Each member alone, with the same weights; the pupil comes last."""
    alone: list[Classifier] = [MixedNet([member], [at]) for member, at in net.pairs]
    return [*alone, MixedNet([net.pupil], [0])] if net.pupil is not None else alone
