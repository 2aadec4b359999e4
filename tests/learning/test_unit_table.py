"""Units that nothing is learnt about stay out of the way of learning, and nobody else sees it."""

from __future__ import annotations

import copy
import io

import numpy as np
import pytest
import torch
from torch import nn

from senti_studio.learning.unit_table import UnitTable, learnt_rows, part_tables, tables_of, units_learnt

LEARNT = torch.tensor([0, 1, 3, 6])


def tables(count: int = 8) -> tuple[UnitTable, UnitTable]:
    """One as it was made, and the same one parted."""
    torch.manual_seed(3)
    whole = UnitTable(count, 5, padding_idx=0)
    parted = copy.deepcopy(whole)
    parted.part(LEARNT)
    return whole, parted


def test_what_it_gives_and_keeps_is_the_same() -> None:
    whole, parted = tables()
    units = torch.tensor([[7, 1, 0, 6], [2, 3, 3, 5]])
    assert parted.weight.shape == (4, 5)
    assert torch.equal(parted(units), whole(units))
    assert torch.equal(parted(LEARNT), whole(LEARNT))
    assert parted.state_dict().keys() == whole.state_dict().keys() == {"weight"}
    assert torch.equal(parted.state_dict()["weight"], whole.weight)
    parted.join()
    assert torch.equal(parted.weight, whole.weight)
    assert parted.learnt is None


def test_a_step_moves_the_same_rows_as_ever() -> None:
    whole, parted = tables()
    units = torch.tensor([[1, 3, 6, 6, 0]])
    for table in (whole, parted):
        optimiser = torch.optim.AdamW(table.parameters(), lr=0.1, weight_decay=0.0, fused=True)
        for _ in range(3):
            optimiser.zero_grad()
            (table(units) ** 2).sum().backward()
            optimiser.step()
        kept = next(iter(optimiser.state.values()))["exp_avg"]
        assert kept.shape == table.weight.shape
    assert torch.equal(parted.whole(), whole.weight)


def test_units_that_are_not_learnt_pass_no_gradient_on() -> None:
    _, parted = tables()
    before = parted.whole().clone()
    (parted(torch.tensor([2, 3, 7])) ** 2).sum().backward()
    assert parted.weight.grad is not None
    assert parted.weight.grad.abs().sum(dim=1).bool().tolist() == [False, False, True, False]
    assert torch.equal(parted.whole(), before)


def test_weights_of_all_units_are_taken_in_and_others_refused() -> None:
    whole, parted = tables()
    torch.manual_seed(4)
    new = torch.randn(8, 5)
    parted.load_state_dict({"weight": new})
    assert torch.equal(parted.whole(), new)
    assert torch.equal(parted(torch.arange(1, 8)), new[1:])
    for wrong in (torch.zeros(7, 5), torch.zeros(8, 4)):
        with pytest.raises((ValueError, RuntimeError)):
            parted.load_state_dict({"weight": wrong})
    assert torch.equal(whole.weight, tables()[0].weight)


def test_what_is_learnt_is_kept_and_taken_in_alone() -> None:
    _, parted = tables()
    net = nn.ModuleDict({"词": parted, "全": tables()[0]})
    before = parted.whole().clone()
    kept = {name: value.clone() for name, value in learnt_rows(net).items()}
    assert {name: tuple(value.shape) for name, value in kept.items()} == {"词.weight": (4, 5)}
    with torch.no_grad():
        parted.weight += 1
    net.load_state_dict({**net.state_dict(), **kept})
    assert torch.equal(parted.whole(), before)


def test_copies_and_other_processes_get_all_of_it() -> None:
    whole, parted = tables()
    buffer = io.BytesIO()
    torch.save(parted, buffer)
    buffer.seek(0)
    for table in (copy.deepcopy(parted), torch.load(buffer, weights_only=False)):
        assert torch.equal(table.whole(), whole.weight)
        assert table.weight.shape == (4, 5)


def test_parting_again_goes_by_the_new_units() -> None:
    whole, parted = tables()
    parted.part(torch.tensor([0, 1, 7]))
    assert parted.learnt is not None
    assert parted.learnt.tolist() == [0, 1, 7]
    assert torch.equal(parted.whole(), whole.weight)


@pytest.mark.parametrize(
    "ids", [[], [0], [1, 2], [0, 2, 2], [0, 1, 2, 2], [0, 3, 1], [0, 1, 8], [0, -1], [0, 1, -1], [0.0, 1.0]]
)
def test_ids_of_no_table_are_refused(ids: list[float]) -> None:
    whole, parted = tables()
    with pytest.raises(ValueError, match="ids"):
        parted.part(torch.tensor(ids, dtype=None if ids else torch.int64))
    assert torch.equal(parted.whole(), whole.weight)


def test_tables_of_a_net_are_parted_and_joined_together() -> None:
    net = nn.ModuleList([tables()[0], nn.Embedding(3, 2), tables()[0]])
    part_tables(net, [LEARNT, None])
    assert [table.learnt is None for table in tables_of(net)] == [False, True]
    with pytest.raises(ValueError, match="zip"):
        part_tables(net, [LEARNT])
    part_tables(net, ())
    assert all(table.learnt is None for table in tables_of(net))


def test_only_what_texts_have_is_learnt() -> None:
    read = np.array([5, 5, 3], dtype=np.int32)
    found = units_learnt(read, 20)
    assert found is not None
    assert found.tolist() == [0, 1, 3, 5]
    assert units_learnt(np.arange(2, 20, dtype=np.int32), 20) is None
