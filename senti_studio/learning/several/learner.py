"""A process beside the one of a training: it learns its share of every batch and writes nothing."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import torch

from senti_studio.learning.memory import give_back
from senti_studio.learning.several.notes import Source, Step, read_packed, unpacked
from senti_studio.learning.several.sharing import Share, join
from senti_studio.learning.steps import Stepper


def learn_beside(source: Source, hear: Callable[[], Iterable[Step]], ready: Callable[[], object]) -> None:
    """Reads its place among the processes and what it learns with, as `learners.Learners` writes them; calls
    ``ready`` before it joins the others, and takes the steps that ``hear`` gives. Raises EOFError where
    nothing is said."""
    given = unpacked(read_packed(source))
    device = torch.device(given["device"])
    if device.type == "cpu":
        torch.set_num_threads(given["threads"])
    else:
        torch.cuda.set_device(device)  # before anything could lie on the first card
    content = read_packed(source)
    steps = hear()
    made = _made(unpacked(content), device)
    ready()
    place, size = given["place"], given["size"]
    group = join(Path(given["store"]), place=place, size=size, device=device)
    share = Share(made, place=place, size=size, group=group)
    del content
    gc.collect()
    for step in steps:
        _take(step, share, made, place)


def _made(given: dict[str, Any], device: torch.device) -> Stepper:
    optimiser, scale = given.pop("optimiser_state"), given.pop("precision_state")
    given["net"].arrive()
    given["net"].to(device)
    stepper = Stepper(device=device, **given)
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
