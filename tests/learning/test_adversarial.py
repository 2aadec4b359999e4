"""The adversarial push: how long it is, where it goes, and that nothing stays of it."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from senti_studio.learning.adversarial import Adversary


def _net() -> nn.Sequential:
    torch.manual_seed(3)
    net = nn.Sequential(nn.Embedding(500, 16, padding_idx=0), nn.Linear(16, 3))
    net(torch.tensor([[7, 9, 9, 0], [480, 7, 3, 0]])).square().sum().backward()
    return net


def test_the_push_goes_along_the_gradient_and_is_taken_back() -> None:
    net, epsilon = _net(), 0.7
    table: torch.Tensor = net[0].weight  # type: ignore[assignment]
    before = table.detach().clone()
    assert table.grad is not None
    with Adversary(net, epsilon).pushed():
        expected = before.add(table.grad / table.grad.norm(), alpha=epsilon)
        assert torch.equal(table, expected)
        moved = (table - before).norm(dim=1).nonzero().squeeze(1).tolist()
        assert moved == [3, 7, 9, 480]
        assert float((table - before).detach().norm()) == pytest.approx(epsilon, rel=1e-4)
    assert torch.equal(table, before)


def test_an_error_on_the_way_leaves_no_push() -> None:
    net = _net()
    before = net[0].weight.detach().clone()  # type: ignore[operator,union-attr]
    with pytest.raises(MemoryError), Adversary(net, 1.0).pushed():
        raise MemoryError
    assert torch.equal(net[0].weight, before)  # type: ignore[arg-type]


def test_without_a_gradient_there_is_no_push() -> None:
    net = _net()
    net.zero_grad(set_to_none=True)
    before = net[0].weight.detach().clone()  # type: ignore[operator,union-attr]
    with Adversary(net, 1.0).pushed():
        assert torch.equal(net[0].weight, before)  # type: ignore[arg-type]
    assert not Adversary(net, 0.0).is_on
