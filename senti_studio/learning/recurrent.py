"""The recurrent nets: LSTM, GRU and the plain one with tanh, in one or both directions."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from senti_studio.learning.gru_sequence import can_take, gru_states
from senti_studio.learning.pooling import attention_over, attention_shares, parts_of, pooled
from senti_studio.learning.views import Hiding, View

Cell = type[nn.LSTM] | type[nn.GRU] | type[nn.RNN]


class _Layer(nn.Module):
    """One recurrent layer; the backward cell reads each row turned round within its own length.

    So padding always comes last and cannot reach a real unit, without the cost of packed sequences.
    """

    def __init__(self, cell: Cell, size: int, hidden: int, directions: int) -> None:
        super().__init__()
        self.forward_cell = cell(size, hidden, batch_first=True)
        self.backward_cell = cell(size, hidden, batch_first=True) if directions == 2 else None

    def forward(self, x: Tensor, turned: Tensor) -> Tensor:
        """(rows, longest, size) -> (rows, longest, directions · hidden)."""
        ahead = _states(self.forward_cell, x)
        if self.backward_cell is None:
            return ahead
        turn = _turn_to_learn if self.training and torch.is_grad_enabled() else _turn
        back = _states(self.backward_cell, turn(x, turned))
        return torch.cat([ahead, turn(back, turned)], dim=2)


def _states(cell: nn.RNNBase, x: Tensor) -> Tensor:
    if isinstance(cell, nn.GRU) and cell.training and can_take(x):
        return gru_states(cell, x)
    found: Tensor = cell(x)[0]
    return found


def _turn(x: Tensor, order: Tensor) -> Tensor:
    return x.gather(1, order.unsqueeze(-1).expand(-1, -1, x.shape[2]))


def _turn_to_learn(x: Tensor, order: Tensor) -> Tensor:
    """The same, several times as fast, for whoever needs gradients and is not exported."""
    rows = torch.arange(order.shape[0], device=order.device).unsqueeze(1) * order.shape[1]
    found: Tensor = _Turned.apply(x, (rows + order).flatten())  # type: ignore[no-untyped-call]
    return found


class _Turned(torch.autograd.Function):
    """Units in the order of ``places`` among those of all rows. What is turned round twice is as before, so
    that the gradients are turned by the same order."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, places: Tensor) -> Tensor:
        ctx.save_for_backward(places)
        return x.flatten(0, 1).index_select(0, places).view(x.shape)

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: Any, wanted: Tensor) -> tuple[Tensor, None]:
        (places,) = ctx.saved_tensors
        return wanted.flatten(0, 1).index_select(0, places).view(wanted.shape), None


class RecurrentView(View):
    """Recurrent layers over the units of each row, and a sum of their states (see `learning.pooling`)."""

    def __init__(
        self,
        cell: Cell,
        *,
        vocabulary: int,
        embedding: int,
        hidden: int,
        layers: int,
        directions: int,
        pooling: str,
        hiding: Hiding,
    ) -> None:
        super().__init__(vocabulary, embedding, hiding)
        width = hidden * directions
        sizes = [embedding, *[width] * (layers - 1)]
        self.layers = nn.ModuleList(_Layer(cell, size, hidden, directions) for size in sizes)
        self.parts = parts_of(pooling)
        self.attention = attention_over(width, hidden) if "attention" in self.parts else None
        self.directions = directions
        self.width = len(self.parts) * width

    def read(self, x: Tensor, lengths: Tensor, real: Tensor) -> Tensor:
        """(rows, longest, size) -> (rows, width)."""
        return pooled(self.parts, self._states(x, lengths, real), lengths, self.directions, self.attention)

    def attention_shares(self, x: Tensor, lengths: Tensor, real: Tensor) -> Tensor | None:
        if self.attention is None:
            return None
        return attention_shares(self.attention, self._states(x, lengths, real), real)

    def _states(self, x: Tensor, lengths: Tensor, real: Tensor) -> Tensor:
        """(rows, longest, size) -> (rows, longest, directions · hidden)."""
        position = torch.arange(x.shape[1], device=x.device).unsqueeze(0)
        turned = torch.where(real, lengths.unsqueeze(1) - 1 - position, position)
        for number, layer in enumerate(self.layers):
            x = self.hidden_in_part(x, self.hiding.dropout) if number else x
            x = layer(x, turned)
        return x
