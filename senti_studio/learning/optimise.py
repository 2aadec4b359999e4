"""The optimiser that an option names, and how its learning rate goes over the steps."""

from __future__ import annotations

import inspect
import math
from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from senti_studio.domain.training_options import TrainingOptions
from senti_studio.learning.contract import Classifier, Pace


def _plain(base: type[Optimizer]) -> Any:
    """The optimiser without what prepares it for ``torch.compile``: the first call of any of these imports
    the whole compiler, which takes longer than all the rest of torch and which nothing here uses."""
    kept = ("add_param_group", "load_state_dict", "state_dict", "zero_grad")
    members: dict[str, Any] = {name: inspect.unwrap(getattr(base, name)) for name in kept}
    members["step"] = torch.no_grad()(inspect.unwrap(base.step))
    return type(f"Plain{base.__name__}", (base,), members)


PLAIN = {
    "adamw": _plain(torch.optim.AdamW),
    "adam": _plain(torch.optim.Adam),
    "adagrad": _plain(torch.optim.Adagrad),
    "rmsprop": _plain(torch.optim.RMSprop),
    "sgd": _plain(torch.optim.SGD),
}


def _paced(net: nn.Module, values: list[nn.Parameter], options: TrainingOptions) -> list[dict[str, object]]:
    """The weights of each pace together; one group where the net has no paces."""
    paces = net.paces(options) if isinstance(net, Classifier) else {}
    names = {id(value): name for name, value in net.named_parameters()}
    alike: dict[Pace, list[nn.Parameter]] = {}
    for value in values:
        alike.setdefault(paces.get(names[id(value)], Pace()), []).append(value)
    return [
        {
            "params": group,
            **({"lr": options.learning_rate * pace.rate} if pace.rate != 1 else {}),
            **({} if pace.decays else {"weight_decay": 0.0}),
        }
        for pace, group in alike.items()
    ]


def build_optimiser(net: nn.Module, options: TrainingOptions) -> Optimizer:
    """The optimiser of the options, in its fused form where torch has one for every device.

    The linear n-grams learn ``ngram_rate`` times as fast as the rest. Only AdamW pulls weights towards zero:
    in the others that pull goes through the gradients, and words that a batch lacks would be forgotten.
    """
    slow = [value for name, value in net.named_parameters() if "ngrams" not in name.split(".")]
    fast = [value for name, value in net.named_parameters() if "ngrams" in name.split(".")]
    groups = _paced(net, slow, options)
    if fast:
        groups.append({"params": fast, "lr": options.learning_rate * options.ngram_rate})
    special: dict[str, dict[str, Any]] = {
        "adamw": {"weight_decay": options.weight_decay, "fused": True},
        "adam": {"fused": True},
        "sgd": {"momentum": options.momentum, "fused": True},
    }
    name = options.optimiser
    optimiser: Optimizer = PLAIN[name](groups, lr=options.learning_rate, **special.get(name, {}))
    return optimiser


_NOTES: dict[type[Optimizer], frozenset[str]] = {
    torch.optim.Adam: frozenset(("step", "exp_avg", "exp_avg_sq")),  # and AdamW
    torch.optim.Adagrad: frozenset(("step", "sum")),
    torch.optim.RMSprop: frozenset(("step", "square_avg")),
    torch.optim.SGD: frozenset(("momentum_buffer",)),
}
"""What each notes of a weight that it has moved."""


def take_notes(optimiser: Optimizer, kept: Mapping[str, Any]) -> None:
    """Gives ``optimiser`` what ``kept``, the state dict of one like it, has noted; rates, decay and the like
    stay as it was made.

    Raises KeyError, TypeError, AttributeError, RuntimeError or ValueError for what none like it can have
    noted: the fused ones would go beyond the memory of such notes.
    """
    own = optimiser.state_dict()["param_groups"]
    if [group["params"] for group in kept["param_groups"]] != [group["params"] for group in own]:
        raise ValueError("optimiser: other groups of weights")
    weights = [weight for group in optimiser.param_groups for weight in group["params"]]
    names = next(names for kind, names in _NOTES.items() if isinstance(optimiser, kind))
    for number, notes in kept["state"].items():
        if not (type(number) is int and 0 <= number < len(weights)) or notes.keys() not in (names, set()):
            raise ValueError(f"optimiser: notes of weight {number}")
        for name, noted in notes.items():
            _require_fit(name, noted, weights[number])
    optimiser.load_state_dict({"state": kept["state"], "param_groups": own})


def _require_fit(name: str, noted: Tensor, weight: Tensor) -> None:
    """Raises ValueError for what cannot have been noted of ``weight``."""
    is_count = name == "step"
    shape = () if is_count else tuple(weight.shape)
    if tuple(noted.shape) != shape:
        raise ValueError(f"{name}: {tuple(noted.shape)} instead of {shape}")
    lies_alike = noted.stride() == weight.stride() or (noted.is_contiguous() and weight.is_contiguous())
    if noted.layout is not torch.strided or not noted.is_floating_point() or not (is_count or lies_alike):
        raise ValueError(f"{name}: {noted.dtype}, {noted.layout}")
    if bool(noted.isnan().any()) or (is_count and not 0 <= float(noted) < math.inf):
        raise ValueError(f"{name}: numbers that are none")
