"""The optimiser is torch's AdamW to the last bit, without torch's compiler."""

from __future__ import annotations

import subprocess
import sys

import torch

from senti_studio.domain.training_options import TrainingOptions
from senti_studio.learning.optimise import build_optimiser

STEPS = """
import sys, torch
from senti_studio.domain.training_options import TrainingOptions
from senti_studio.learning.optimise import build_optimiser

net = torch.nn.Linear(4, 2)
optimiser = build_optimiser(net, TrainingOptions())
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


def test_steps_are_those_of_adamw() -> None:
    options = TrainingOptions(learning_rate=0.05, weight_decay=0.1)
    nets = []
    for _ in range(2):
        torch.manual_seed(3)
        nets.append(torch.nn.Sequential(torch.nn.Linear(4, 5), torch.nn.Tanh(), torch.nn.Linear(5, 2)))
    ours = trained(nets[0], build_optimiser(nets[0], options))
    theirs = trained(nets[1], torch.optim.AdamW(nets[1].parameters(), lr=0.05, weight_decay=0.1, fused=True))
    for mine, other in zip(ours, theirs, strict=True):
        assert torch.equal(mine, other)


def test_the_compiler_is_not_imported() -> None:
    done = subprocess.run([sys.executable, "-c", STEPS], capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "[]", done.stderr[-2000:]
