"""How much of an encoder learns: frozen parts, slower layers, layers drawn anew, low-rank weights beside."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils.checkpoint import checkpoint

from senti_studio.domain.training_options import TrainingOptions
from senti_studio.learning.contract import Pace

_ADAPTER = "default"


def layers_of(model: Any) -> list[nn.Module]:
    """The layers of the encoder, lowest first; a family that shares one among all has one."""
    lists: list[nn.ModuleList] = [
        each for each in model.base_model.modules() if isinstance(each, nn.ModuleList)
    ]
    count = int(model.config.num_hidden_layers)
    longest = max(lists, key=len)
    whole = [each for each in lists if len(each) == count]
    return list(whole[0] if whole else longest)


def depths_of(model: Any) -> dict[str, int]:
    """Name of a weight -> 0 in the embeddings, 1 in the lowest layer, and one more than the highest layer in
    all that comes behind."""
    layers = layers_of(model)
    of_layer = {id(value): n for n, layer in enumerate(layers, 1) for value in layer.parameters()}
    of_body = {id(value) for value in model.base_model.parameters()}

    def depth(name: str, value: Tensor) -> int:
        if id(value) in of_layer:
            return of_layer[id(value)]
        return 0 if id(value) in of_body and "embed" in name else len(layers) + 1

    return {name: depth(name, value) for name, value in model.named_parameters()}


def freeze(model: Any, options: TrainingOptions) -> None:
    """Keeps from learning what the options say: nothing, the embeddings, also the lowest layers, or all but
    the head."""
    if options.freeze == "none":
        return
    depths, top = depths_of(model), len(layers_of(model))
    highest = {"embeddings": 0, "layers": min(options.frozen_layers, top), "body": top}[options.freeze]
    body = {id(value) for value in model.base_model.parameters()}
    for name, value in model.named_parameters():
        of_head = ".pooler." in name or id(value) not in body
        if depths[name] <= highest or (options.freeze == "body" and not of_head):
            value.requires_grad_(False)


@torch.no_grad()
def draw_anew(model: Any, count: int) -> None:
    """Gives the ``count`` highest layers random weights, as before any learning."""
    spread = float(getattr(model.config, "initializer_range", 0.02))
    for layer in layers_of(model)[-count:] if count else ():
        for part in layer.modules():
            is_norm = "norm" in type(part).__name__.lower()
            for name, value in part.named_parameters(recurse=False):
                if is_norm and name == "weight":
                    value.fill_(1.0)
                elif value.dim() < 2:
                    value.zero_()
                else:
                    value.normal_(0.0, spread)


def pace_of(depth: int, layers: int, value: Tensor, options: TrainingOptions) -> Pace:
    """A layer learns ``layer_decay`` times as fast as the one above it; biases and norms are not pulled
    towards zero."""
    return Pace(options.layer_decay ** (layers + 1 - depth), value.dim() > 1)


def add_low_rank(model: Any, rank: int) -> None:
    """Low-rank weights beside every linear layer of the encoder (LoRA, Hu et al. 2021); they and the head
    learn, the rest does not."""
    from peft import LoraConfig, inject_adapter_in_model

    names = {id(part): name for name, part in model.named_modules()}
    linear = [
        names[id(part)]
        for layer in layers_of(model)
        for part in layer.modules()
        if isinstance(part, nn.Linear)
    ]
    body = {id(value) for value in model.base_model.parameters()}
    of_head = [
        value
        for name, value in model.named_parameters()
        if (id(value) not in body or ".pooler." in name) and value.requires_grad
    ]
    config = LoraConfig(r=rank, lora_alpha=2 * rank, lora_dropout=0.05, target_modules=linear, bias="none")
    inject_adapter_in_model(config, model, adapter_name=_ADAPTER)
    for value in of_head:
        value.requires_grad_(True)


def work_out_again(model: Any) -> None:
    """Layers keep nothing for the way back but what they were given (gradient checkpointing)."""
    if not model.supports_gradient_checkpointing:
        for layer in layers_of(model):
            layer.forward = _Again(layer)
        return
    enable = getattr(model, "activation_checkpointing_enable", None) or model.gradient_checkpointing_enable
    enable({"use_reentrant": False})


class _Again:
    """The pass of a layer of the families for which transformers does not do it. An object and no function:
    it is copied and sent to other processes together with its layer."""

    def __init__(self, layer: nn.Module) -> None:
        self._layer = layer

    def __call__(self, *given: Any, **named: Any) -> Any:
        forward = type(self._layer).forward
        if self._layer.training and torch.is_grad_enabled():
            return checkpoint(forward, self._layer, *given, use_reentrant=False, **named)
        return forward(self._layer, *given, **named)


def adapted(model: nn.Module) -> dict[str, Any]:
    """The linear layers with low-rank weights beside, by name."""
    return {name: part for name, part in model.named_modules() if hasattr(part, "get_delta_weight")}


@torch.no_grad()
def merged_weights(net: nn.Module) -> Mapping[str, Tensor]:
    """The weights of ``net`` as if it had never had low-rank ones: these are added to what they stand by."""
    parts = adapted(net)
    if not parts:
        return net.state_dict()
    found = {
        name.replace(".base_layer.", "."): value
        for name, value in net.state_dict().items()
        if ".lora_" not in name
    }
    for name, part in parts.items():
        found[f"{name}.weight"] = found[f"{name}.weight"] + part.get_delta_weight(_ADAPTER)
    return found


def without_low_rank(net: nn.Module) -> None:
    """Takes the low-rank weights away."""
    for name, part in adapted(net).items():
        above, _, last = name.rpartition(".")
        setattr(net.get_submodule(above), last, part.base_layer)
