"""The optimisers are torch's own to the last bit, without torch's compiler; rates go as they should."""

from __future__ import annotations

import itertools
import math
import subprocess
import sys
from collections.abc import Callable, Iterable

import pytest
import torch
from torch import Tensor

from senti_studio.domain.training_options import OPTIMISERS, TrainingOptions
from senti_studio.learning.optimise import build_optimiser, take_notes
from senti_studio.learning.schedules import Schedule

STEPS = """
import sys, torch
from senti_studio.domain.training_options import TrainingOptions
from senti_studio.domain.training_options import OPTIMISERS
from senti_studio.learning.optimise import build_optimiser

net = torch.nn.Linear(4, 2)
for name in OPTIMISERS:
    optimiser = build_optimiser(net, TrainingOptions(optimiser=name))
    net(torch.ones(3, 4)).sum().backward()
    optimiser.step()
    optimiser.zero_grad(set_to_none=True)
    optimiser.load_state_dict(optimiser.state_dict())
print(sorted({name for name in sys.modules if name.startswith("torch._dynamo")}))
"""


def trained(net: torch.nn.Module, optimiser: torch.optim.Optimizer) -> list[torch.Tensor]:
    """The weights after some steps, saved and loaded once in between."""
    generator = torch.Generator().manual_seed(5)
    for number in range(8):
        optimiser.zero_grad(set_to_none=True)
        net(torch.randn(6, 4, generator=generator)).square().sum().backward()
        optimiser.step()
        if number == 4:
            optimiser.load_state_dict(optimiser.state_dict())
    return [value.detach().clone() for value in net.parameters()]


PEERS: dict[str, Callable[[Iterable[torch.nn.Parameter]], torch.optim.Optimizer]] = {
    "adamw": lambda weights: torch.optim.AdamW(weights, lr=0.05, weight_decay=0.1, fused=True),
    "adam": lambda weights: torch.optim.Adam(weights, lr=0.05, fused=True),
    "adagrad": lambda weights: torch.optim.Adagrad(weights, lr=0.05),
    "rmsprop": lambda weights: torch.optim.RMSprop(weights, lr=0.05),
    "sgd": lambda weights: torch.optim.SGD(weights, lr=0.05, momentum=0.7, fused=True),
}


@pytest.mark.parametrize("name", OPTIMISERS)
def test_steps_are_those_of_torch(name: str) -> None:
    options = TrainingOptions(optimiser=name, learning_rate=0.05, weight_decay=0.1, momentum=0.7)
    nets = []
    for _ in range(2):
        torch.manual_seed(3)
        nets.append(torch.nn.Sequential(torch.nn.Linear(4, 5), torch.nn.Tanh(), torch.nn.Linear(5, 2)))
    ours = trained(nets[0], build_optimiser(nets[0], options))
    theirs = trained(nets[1], PEERS[name](nets[1].parameters()))
    for mine, other in zip(ours, theirs, strict=True):
        assert torch.equal(mine, other)


@pytest.mark.parametrize(
    ("kind", "middle", "end"),
    [("cosine", 0.5, 0.0), ("linear", 0.5, 0.0), ("exponential", 0.1, 0.01), ("constant", 1.0, 1.0)],
)
def test_the_rate_climbs_and_then_goes_its_way(kind: str, middle: float, end: float) -> None:
    net = torch.nn.Linear(2, 2)
    optimiser = torch.optim.SGD([{"params": [net.weight]}, {"params": [net.bias], "lr": 5.0}], lr=0.5)
    schedule = Schedule(optimiser, total_steps=100, warmup_share=0.2, kind=kind)
    rates = []
    for _ in range(101):
        rates.append(schedule.rate)
        assert optimiser.param_groups[1]["lr"] == pytest.approx(10 * schedule.rate)
        schedule.step()
    assert rates[:20] == pytest.approx([0.5 * (step + 1) / 20 for step in range(20)])
    assert rates[60] == pytest.approx(0.5 * middle)
    assert rates[100] == pytest.approx(0.5 * end, abs=1e-12)
    assert all(one >= other for one, other in itertools.pairwise(rates[20:]))


def test_the_cosine_is_that_of_torch() -> None:
    """Runs that an older version began go on with the very same rates."""
    net = torch.nn.Linear(2, 2)
    ours, theirs = (torch.optim.SGD(net.parameters(), lr=0.002) for _ in range(2))
    schedule = Schedule(ours, total_steps=37, warmup_share=0.1)
    peer = torch.optim.lr_scheduler.LambdaLR(theirs, schedule.factor)
    for step in range(37):
        assert schedule.rate == peer.get_last_lr()[0]
        theirs.step()
        peer.step()
        if step == 20:
            schedule.load_state_dict(peer.state_dict(), steps=21)
        else:
            schedule.step()


def test_the_compiler_is_not_imported() -> None:
    done = subprocess.run([sys.executable, "-c", STEPS], capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "[]", done.stderr[-2000:]


@pytest.mark.parametrize("done", [-50, 20, 22, 21.0, math.inf, None, "21", torch.ones(3)])
def test_a_schedule_of_other_steps_is_refused(done: object) -> None:
    optimiser = torch.optim.SGD(torch.nn.Linear(2, 2).parameters(), lr=0.002)
    schedule = Schedule(optimiser, total_steps=37, warmup_share=0.1)
    with pytest.raises(ValueError, match="instead of 21"):
        schedule.load_state_dict({"last_epoch": done}, steps=21)


@pytest.mark.parametrize("name", OPTIMISERS)
def test_notes_are_taken_and_those_on_other_weights_refused(name: str) -> None:
    options = TrainingOptions(optimiser=name)
    small, large = torch.nn.Linear(4, 2), torch.nn.Linear(300, 2)
    optimiser, other = build_optimiser(small, options), build_optimiser(large, options)
    trained(small, optimiser)
    alike = build_optimiser(small, options)
    take_notes(alike, optimiser.state_dict())
    assert str(alike.state_dict()) == str(optimiser.state_dict())
    with pytest.raises(ValueError, match=r"\(2, 4\) instead of \(2, 300\)"):
        take_notes(other, optimiser.state_dict())


NO_NOTES: dict[str, Callable[[Tensor], object]] = {
    "one number for all": lambda noted: noted.sum(),
    "one place for all": lambda noted: torch.zeros(1).expand(noted.shape),
    "another order": lambda noted: noted.t().contiguous().t(),
    "whole numbers": lambda noted: noted.int(),
    "complex": lambda noted: noted.to(torch.complex64),
    "sparse": lambda noted: noted.to_sparse(),
    "no numbers": lambda noted: noted * math.nan,
    "none": lambda noted: None,
    "no tensor": lambda noted: 0.5,
}


@pytest.mark.parametrize("kind", NO_NOTES)
def test_notes_that_would_be_read_beyond_their_memory_are_refused(kind: str) -> None:
    """Or that nobody can have taken. The fused step does not look at them."""
    net = torch.nn.Linear(4, 2)
    optimiser = build_optimiser(net, TrainingOptions())
    trained(net, optimiser)
    kept = optimiser.state_dict()
    notes = kept["state"][0]
    with pytest.raises((ValueError, TypeError, AttributeError, RuntimeError)):
        take_notes(optimiser, {**kept, "state": {0: {**notes, "exp_avg": NO_NOTES[kind](notes["exp_avg"])}}})
    for step in (torch.tensor(-1.0), torch.tensor(math.inf), torch.ones(2, 4), torch.tensor(True), 3):
        with pytest.raises((ValueError, AttributeError)):
            take_notes(optimiser, {**kept, "state": {0: {**notes, "step": step}}})
    notes.pop("exp_avg_sq")
    with pytest.raises(ValueError, match="notes of weight 0"):
        take_notes(optimiser, kept)


def test_rates_and_the_like_are_those_of_the_training() -> None:
    net = torch.nn.Linear(4, 2)
    optimiser = build_optimiser(net, TrainingOptions())
    trained(net, optimiser)
    kept = optimiser.state_dict()
    (group,) = kept["param_groups"]
    other = {**group, "maximize": True, "betas": (2.0, 3.0), "amsgrad": True, "differentiable": True}
    take_notes(optimiser, {**kept, "param_groups": [other]})
    assert optimiser.state_dict()["param_groups"] == [group]
    with pytest.raises(ValueError, match="other groups"):
        take_notes(optimiser, {**kept, "param_groups": [{**group, "params": [1, 0]}]})
