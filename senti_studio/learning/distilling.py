"""A mix that teaches one net on the way, and whether that one may take its place.

The pupil learns from the labels and from what the mix says of the same rows at the same moment (Anil et al.
2018, "Large scale distributed neural network training through online distillation").
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import replace

from torch import Tensor
from torch.nn import functional

from senti_studio.jobs.protocol import Event
from senti_studio.learning.checkpoint import TrainingState
from senti_studio.learning.contract import Chosen, Classifier, Encoder, Judges
from senti_studio.learning.evaluate import Evaluation, evaluate
from senti_studio.learning.text_net import MixedNet
from senti_studio.text.encoding import TextEncoder

LOST_F1 = 0.002
LOST_LOSS = 0.02
"""As right as the mix: no more than this is lost of the validation rows' macro F1, and of their loss as a
share."""


def distance(pupil: Tensor, teachers: Tensor) -> Tensor:
    """How far the (rows, classes) logits of the pupil are from the mean of the (members, rows, classes)
    logits of those it learns from, which learn nothing of it: the Kullback-Leibler divergence."""
    wanted = teachers.detach().mean(dim=0).log_softmax(dim=1)
    return functional.kl_div(pupil.log_softmax(dim=1), wanted, reduction="batchmean", log_target=True)


def best_of_mix(net: Classifier, encoder: Encoder, judges: Judges, state: TrainingState) -> Chosen:
    """The pupil where it is as right on the validation rows as the mix, else the mix without it.

    What was found stands in the facts of the training (``distilled``), and so in the model's card. The
    pupil is then a net like any other, whose encoder knows the units that it reads.
    """
    if not isinstance(net, MixedNet) or net.pupil is None:
        return net, encoder
    mix = MixedNet([member for member, _ in net.pairs], net.reads)
    mix.told = {"members": "views"}
    of_mix = yield from _judged(mix, judges)
    of_pupil = yield from _judged(MixedNet([net.pupil], [0]), judges)
    is_as_right = (
        of_pupil.figures.macro_f1 >= of_mix.figures.macro_f1 - LOST_F1
        and of_pupil.loss <= of_mix.loss * (1 + LOST_LOSS)
    )
    state.reading["distilled"] = {
        "kept": "pupil" if is_as_right else "mix",
        "mix_macro_f1": of_mix.figures.macro_f1,
        "mix_loss": of_mix.loss,
        "pupil_macro_f1": of_pupil.figures.macro_f1,
        "pupil_loss": of_pupil.loss,
    }
    if not is_as_right:
        return mix, encoder
    if isinstance(encoder, TextEncoder):
        encoder = replace(encoder, views=encoder.views[:1], vocabularies=encoder.vocabularies[:1])
    net.pupil.told = {"members": "one"}
    return net.pupil, encoder


def _judged(net: Classifier, judges: Judges) -> Generator[Event, None, Evaluation]:
    for found in evaluate(net, judges.texts, judges.labels, judges.device):
        if isinstance(found, Evaluation):
            return found
        yield found
    raise AssertionError("evaluate() ends with an evaluation")
