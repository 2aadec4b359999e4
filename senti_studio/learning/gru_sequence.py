"""A GRU over whole texts for learning on the processor, by hand: torch has a fast LSTM there, but no GRU.

The same function of the same weights as ``nn.GRU``. What makes it fast: the inputs of all places in one
product; a step back is three operations, since the gradients of all gates are the gradient of the state times
numbers that the way forth knows (`_factors`); the gradients of the weights are one product over all places.
``tanh(a)`` is computed as ``2 · sigmoid(2a) - 1``, several times as fast in torch.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

_ONE_LESS = torch.tensor(-1.0)


def can_take(x: Tensor) -> bool:
    """Whether `gru_states` is made for ``x``: learning, on the processor, in 32 bits."""
    return (
        torch.is_grad_enabled()
        and x.device.type == "cpu"
        and x.dtype is torch.float32
        and not torch.is_autocast_enabled("cpu")
    )


def gru_states(cell: nn.GRU, x: Tensor) -> Tensor:
    """(rows, longest, size) -> (rows, longest, hidden), as the first result of ``cell``: one layer and
    direction, rows first."""
    weights = (cell.weight_ih_l0, cell.weight_hh_l0, cell.bias_ih_l0, cell.bias_hh_l0)
    found: Tensor = _Sequence.apply(x, *weights)  # type: ignore[no-untyped-call]
    return found


class _Sequence(torch.autograd.Function):
    """Inside, places come first. Gates stand in the order of torch: reset, update, new."""

    @staticmethod
    def forward(
        ctx: Any, x: Tensor, into: Tensor, over: Tensor, bias_into: Tensor, bias_over: Tensor
    ) -> Tensor:
        rows, longest, size = x.shape
        hidden = over.shape[1]
        inputs = x.transpose(0, 1).reshape(longest * rows, size)
        bias = bias_into.clone()
        bias[: 2 * hidden] += bias_over[: 2 * hidden]
        gates = torch.addmm(_new_twice(bias), inputs, _new_twice(into).t()).view(longest, rows, 3 * hidden)
        # What the state says to the new one, before the reset gate; twice, like the whole of it.
        said = torch.empty(longest, rows, hidden)
        states = torch.empty(longest + 1, rows, hidden)
        states[0].zero_()
        _go_forth(states, gates, said, _new_twice(over).t().contiguous(), 2 * bias_over[2 * hidden :])
        ctx.save_for_backward(inputs, into, over, gates, said, states)
        return states[1:].transpose(0, 1)

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: Any, wanted: Tensor) -> tuple[Tensor, ...]:
        inputs, into, over, gates, said, states = ctx.saved_tensors
        longest, rows, hidden = said.shape
        factors = _factors(gates, said, states)
        turned = torch.cat([over[2 * hidden :], over[: 2 * hidden]])
        _go_back(wanted, factors, gates[:, :, hidden : 2 * hidden], turned)
        of_all = factors.view(longest * rows, 4 * hidden)
        of_inputs, of_states = of_all[:, hidden:], of_all[:, : 3 * hidden]
        to_x = torch.mm(of_inputs, into).view(longest, rows, -1).transpose(0, 1)
        to_over = of_states.t() @ states[:-1].view(longest * rows, hidden)
        to_bias = of_all.sum(0)
        return (
            to_x,
            of_inputs.t() @ inputs,
            torch.cat([to_over[hidden:], to_over[:hidden]]),
            to_bias[hidden:],
            torch.cat([to_bias[hidden : 3 * hidden], to_bias[:hidden]]),
        )


def _new_twice(values: Tensor) -> Tensor:
    """A copy with the last third, that of the new state, doubled."""
    found = values.clone()
    found[2 * len(values) // 3 :] *= 2
    return found


def _go_forth(states: Tensor, gates: Tensor, said: Tensor, over: Tensor, bias: Tensor) -> None:
    """Fills ``states`` from the second on; ``gates`` become what their names say, ``said`` is filled."""
    hidden = said.shape[2]
    product = torch.empty(said.shape[1], 3 * hidden)
    to_both, to_new = product[:, : 2 * hidden], product[:, 2 * hidden :]
    state, *later = states.unbind(0)
    steps = zip(
        gates[:, :, : 2 * hidden].unbind(0),
        gates[:, :, :hidden].unbind(0),
        gates[:, :, hidden : 2 * hidden].unbind(0),
        gates[:, :, 2 * hidden :].unbind(0),
        said.unbind(0),
        later,
        strict=True,
    )
    for both, reset, update, new, heard, following in steps:
        torch.mm(state, over, out=product)
        both.add_(to_both).sigmoid_()
        torch.add(to_new, bias, out=heard)
        new.addcmul_(reset, heard).sigmoid_()
        torch.add(_ONE_LESS, new, alpha=2, out=new)
        torch.lerp(new, state, update, out=following)
        state = following


def _factors(gates: Tensor, said: Tensor, states: Tensor) -> Tensor:
    """(longest, rows, 4, hidden): by what the gradient of a state is multiplied to give that of ``said``, and
    of the reset gate, the update gate and the new state before their curves."""
    longest, rows, hidden = said.shape
    reset, update, new = gates.view(longest, rows, 3, hidden).unbind(2)
    found = torch.empty(longest, rows, 4, hidden)
    of_said, of_reset, of_update, of_new = found.unbind(2)
    work = of_said
    torch.ops.aten.tanh_backward.grad_input(torch.sub(1, update, out=work), new, grad_input=of_new)
    torch.sub(states[:-1], new, out=work)
    torch.ops.aten.sigmoid_backward.grad_input(work, update, grad_input=of_update)
    torch.mul(of_new, said, out=work).mul_(0.5)
    torch.ops.aten.sigmoid_backward.grad_input(work, reset, grad_input=of_reset)
    torch.mul(of_new, reset, out=of_said)
    return found


def _go_back(wanted: Tensor, factors: Tensor, update: Tensor, over: Tensor) -> None:
    """``factors`` become gradients; ``wanted``: those of the states from outside, rows first."""
    longest, rows, _, hidden = factors.shape
    gradients = torch.empty(longest, rows, hidden).copy_(wanted.transpose(0, 1)).unbind(0)
    of_states = factors.view(longest, rows, 4 * hidden)[:, :, : 3 * hidden].unbind(0)
    of_gates, kept = factors.unbind(0), update.unbind(0)
    for place in range(longest - 1, -1, -1):
        gradient = gradients[place]
        of_gates[place].mul_(gradient.unsqueeze(1))
        if place:
            gradients[place - 1].addcmul_(gradient, kept[place]).addmm_(of_states[place], over)
