"""The optimiser that an option names, and how its learning rate goes over the steps."""

from __future__ import annotations

import inspect
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


def require_fit(optimiser: Optimizer) -> None:
    """Raises ValueError where what an optimiser has noted of weights is of another shape than they are: its
    fused form would go beyond their memory."""
    for group in optimiser.param_groups:
        for weight in group["params"]:
            for name, noted in optimiser.state.get(weight, {}).items():
                if isinstance(noted, Tensor) and noted.dim() and noted.shape != weight.shape:
                    raise ValueError(f"{name}: {tuple(noted.shape)} instead of {tuple(weight.shape)}")
