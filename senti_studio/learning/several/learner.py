"""A process beside the one of a training: it learns its share of every batch and writes nothing."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import torch

from senti_studio.learning.memory import give_back
from senti_studio.learning.several.notes import Step, unpacked
from senti_studio.learning.several.sharing import Share, join
from senti_studio.learning.steps import Stepper


def learn_beside(content: bytes, steps: Iterable[Step], ready: Callable[[], object]) -> None:
    """Takes ``steps`` with what ``content`` holds (`learners.Learners` packs it); calls ``ready`` before it
    joins the others."""
    given = unpacked(content)
    device = torch.device(given["device"])
    if device.type == "cpu":
        torch.set_num_threads(given["threads"])
    else:
        torch.cuda.set_device(device)  # before anything could lie on the first card
    stepper = _stepper(given, device)
    ready()
    place, size = given["place"], given["size"]
    group = join(Path(given["store"]), place=place, size=size, device=device)
    share = Share(stepper, place=place, size=size, group=group)
    del given
    gc.collect()
    for step in steps:
        _take(step, share, stepper, place)


def _stepper(given: dict[str, Any], device: torch.device) -> Stepper:
    made = given["stepper"]
    optimiser, scale = made.pop("optimiser_state"), made.pop("precision_state")
    made["net"].arrive()
    made["net"].to(device)
    stepper = Stepper(device=device, **made)
    stepper.optimiser.load_state_dict(optimiser)
    stepper.precision.load_state_dict(scale)
    return stepper


def _take(step: Step, share: Share, stepper: Stepper, place: int) -> None:
    torch.manual_seed(step.seed + place)
    try:
        share.gather(step.rows, step.rows_at_once)
    except (torch.OutOfMemoryError, MemoryError):
        is_short = True
    else:
        is_short = False
    if is_short:  # the process of the training says how to go on
        give_back(stepper.device)
        return
    for group, rate in zip(stepper.optimiser.param_groups, step.rates, strict=True):
        group["lr"] = rate
    stepper.apply()
