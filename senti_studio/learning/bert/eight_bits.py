"""The layers of an encoder with products of eight-bit integers, for classification on a processor.

Weights have a scale for each number that comes out. What goes into a layer has one scale for all texts, found
by looking at some: so a row says the same whatever stands beside it, and nothing has to be measured on the
way. Columns that are far larger than others are made smaller and their weights larger, half and half (after
Xiao et al. 2023, SmoothQuant). Between the two layers behind the attention numbers stay in eight bits.
Attention, norms and heads stay in 32.
"""

from __future__ import annotations

import copy
import functools
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from senti_studio.errors import UserError
from senti_studio.learning.bert.net import EncoderNet
from senti_studio.learning.bert.transfer import layers_of
from senti_studio.learning.contract import Classifier

_MIDDLE = 128
"""What stands for zero: the products of most processors want one side without a sign."""
_LARGEST = 127
_LARGEST_OF_SEVEN = 63
_MOST = 255
_TINY = 1e-6
_LOWEST_OF_GELU = -0.17
_HALF_ABOVE = torch.tensor(_MIDDLE + 0.5)
"""What is cut off is the fraction: with the half, that rounds."""


@dataclass(frozen=True, slots=True)
class _Scale:
    """A number ``n`` of eight bits means ``(n - middle) * step``."""

    step: float
    middle: int


class _Products(nn.Module):
    """Weights (out, in) of eight bits, each row with its scale; bias and outcome have 32."""

    def __init__(self, weight: Tensor, bias: Tensor | None) -> None:
        super().__init__()
        self._scales = weight.abs().amax(dim=1).clamp_min(_TINY) / largest_weight()
        self._weight = _packed((weight / self._scales.unsqueeze(1)).round().to(torch.int8))
        self._zeros = torch.zeros(len(weight), dtype=torch.int32)
        self._bias = None if bias is None else bias.detach()

    def _multiplied(self, given: Tensor, by: _Scale, more: str = "none", to: _Scale | None = None) -> Tensor:
        """``given``: numbers of eight bits that mean what ``by`` says; ``to``: what those of the outcome
        mean, None: it has 32 bits."""
        of_result = (1.0, 0, torch.float32) if to is None else (to.step, to.middle, torch.uint8)
        found: Tensor = torch.ops.onednn.qlinear_pointwise(
            given, by.step, by.middle, self._weight, self._scales, self._zeros, self._bias,
            *of_result, more, [], "none",
        )  # fmt: skip
        return found


class EightBitLinear(_Products):
    """As `nn.Linear`; ``columns``: (in,) the largest magnitude of each column of what it is given."""

    def __init__(self, whole: nn.Linear, columns: Tensor) -> None:
        weight = whole.weight.detach()
        columns = columns.clamp_min(_TINY)
        smaller = (columns / weight.abs().amax(dim=0).clamp_min(_TINY)).sqrt()
        super().__init__(weight * smaller, whole.bias)
        self._scale = _Scale(float((columns / smaller).max()) / _LARGEST, _MIDDLE)
        self._pace = 1 / (smaller * self._scale.step)

    def forward(self, given: Tensor) -> Tensor:
        """(…, in) -> (…, out)."""
        return self._multiplied(self._rounded(given), self._scale)

    def _rounded(self, given: Tensor) -> Tensor:
        return torch.addcmul(_HALF_ABOVE, given, self._pace).clamp_(0, _MOST).to(torch.uint8)


class _Lower(EightBitLinear):
    """The layer behind which GELU stands: both in one, and the outcome in eight bits for ``upper``."""

    def __init__(self, whole: nn.Linear, columns: Tensor, upper: _Upper) -> None:
        super().__init__(whole, columns)
        self._to = upper.scale

    def forward(self, given: Tensor) -> Tensor:
        """(…, in) -> (…, out) of eight bits."""
        return self._multiplied(self._rounded(given), self._scale, "gelu", self._to)


class _Upper(_Products):
    """The layer that is given what `_Lower` says."""

    def __init__(self, whole: nn.Linear, columns: Tensor) -> None:
        super().__init__(whole.weight.detach(), whole.bias)
        step = (max(float(columns.max()), _TINY) - _LOWEST_OF_GELU) / _MOST
        self.scale = _Scale(step, round(-_LOWEST_OF_GELU / step))

    def forward(self, given: Tensor) -> Tensor:
        """(…, in) of eight bits -> (…, out)."""
        return self._multiplied(given, self.scale)


def _packed(weight: Tensor) -> Tensor:
    found: Tensor = torch.ops.onednn.qlinear_prepack(weight, None)
    return found


@functools.cache
def largest_weight() -> int:
    """Processors without products of eight bits (VNNI) add two of them in 16 bits, which cuts what is too
    large: weights of seven bits keep the sums below. Found by a product that would be cut."""
    count = 256
    weight = torch.full((count, count), _LARGEST, dtype=torch.int8)
    given = torch.full((64, count), _MOST, dtype=torch.uint8)
    found = torch.ops.onednn.qlinear_pointwise(
        given, 1.0, 0, _packed(weight), torch.ones(count), torch.zeros(count, dtype=torch.int32), None,
        1.0, 0, torch.float32, "none", [], "none",
    )  # fmt: skip
    return _LARGEST if bool((found == _LARGEST * _MOST * count).all()) else _LARGEST_OF_SEVEN


@functools.cache
def _multiplies_here() -> bool:
    """Whether the products are products of the processor: where it has none that torch knows to use, they are
    worked out number by number, a thousand times as slow."""
    given, whole = torch.ones(64, 256), nn.Linear(256, 256)
    try:
        with torch.inference_mode():
            eight = EightBitLinear(whole, torch.ones(256))
            quickest = min(_seconds(eight, given) for _ in range(3))
            return quickest < 20 * max(1e-4, *(_seconds(whole, given) for _ in range(3)))
    except (RuntimeError, AttributeError, NotImplementedError):
        return False


def _seconds(layer: nn.Module, given: Tensor) -> float:
    began = time.perf_counter()
    layer(given)
    return time.perf_counter() - began


def in_eight_bits(net: Classifier, read: Callable[[], object]) -> Classifier:
    """A net that shares all other weights with this one; ``read`` has it read the texts by which the scales
    are found. Raises UserError ``INT8_CANNOT``."""
    if not isinstance(net, EncoderNet) or not _multiplies_here():
        raise UserError("INT8_CANNOT", reason=torch.backends.cpu.get_cpu_capability())
    places = {id(child): name for name, child in net.named_modules() if type(child) is nn.Linear}
    layers = [module for layer in layers_of(net.model) for module in layer.modules()]
    wanted = {places[id(each)]: each for each in layers if id(each) in places}
    if not wanted:
        raise UserError("INT8_CANNOT", reason=str(net.model.config.model_type))
    columns = _columns(wanted, read)
    shared = {id(value): value for value in (*net.parameters(), *net.buffers())}
    found = copy.deepcopy(net, shared)
    for layer in layers_of(found.model):
        _fuse(found, layer, columns)
    for name, column in columns.items():
        whole = found.get_submodule(name)
        if type(whole) is nn.Linear:
            found.set_submodule(name, EightBitLinear(whole, column))
    return found.eval()


def _columns(layers: Mapping[str, nn.Module], read: Callable[[], object]) -> dict[str, Tensor]:
    """The largest magnitude of each column that layers are given, by their names."""
    found: dict[str, Tensor] = {}
    lock = threading.Lock()  # parts of a batch are read at the same time

    def look(name: str, given: tuple[Tensor, ...]) -> None:
        largest = given[0].detach().abs().flatten(0, -2).amax(dim=0)
        with lock:
            found[name] = torch.maximum(found[name], largest) if name in found else largest

    handles = [
        layer.register_forward_pre_hook(lambda _, given, name=name: look(name, given))
        for name, layer in layers.items()
    ]
    try:
        read()
    finally:
        for handle in handles:
            handle.remove()
    return {name: _on_a_grid(value) for name, value in found.items()}


def _on_a_grid(values: Tensor) -> Tensor:
    """The next larger of sixteen numbers between a power of two and the next: the last bits, which other
    threads or batches might change, decide nothing."""
    return torch.exp2((values.clamp_min(_TINY).log2() * 16).ceil() / 16).clone()


def _fuse(net: nn.Module, layer: nn.Module, columns: Mapping[str, Tensor]) -> None:
    """Puts GELU into the layer before it where the family is built like BERT."""
    names = {id(module): name for name, module in net.named_modules()}
    lower, upper = getattr(layer, "intermediate", None), getattr(layer, "output", None)
    activation = getattr(lower, "intermediate_act_fn", None)
    if not isinstance(lower, nn.Module) or not isinstance(upper, nn.Module) or not _is_gelu(activation):
        return
    one, other = getattr(lower, "dense", None), getattr(upper, "dense", None)
    if type(one) is not nn.Linear or type(other) is not nn.Linear:
        return
    given = columns.get(names[id(one)]), columns.get(names[id(other)])
    if given[0] is None or given[1] is None:
        return
    second = _Upper(other, given[1])
    lower.dense, upper.dense = _Lower(one, given[0], second), second
    lower.intermediate_act_fn = nn.Identity()


def _is_gelu(activation: object) -> bool:
    if not isinstance(activation, nn.Module):
        return False
    some = torch.linspace(-4, 4, 65)
    return torch.allclose(activation(some), nn.functional.gelu(some), atol=1e-6)
