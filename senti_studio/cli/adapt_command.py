"""``senti-studio adapt``: an encoder reads the comments of a project before it is trained on."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import click
from click.core import ParameterSource

from senti_studio.cli.adapt_report import finish_adapting, plan_values, say_plan
from senti_studio.cli.options import json_option, opened, project_argument
from senti_studio.cli.terminal import Terminal
from senti_studio.cli.watching import follow
from senti_studio.domain.adapting import CHOICES, RANGES, AdaptOptions, default_adapt_options, option_names
from senti_studio.domain.encoders import is_scratch
from senti_studio.operations import adapting, training
from senti_studio.operations.adapting import AdaptRequest
from senti_studio.operations.encoders import usual_encoder

F = TypeVar("F", bound=Callable[..., Any])

HELP = {
    "encoder": "What to begin with: an encoder on the shelf (`encoders list`), a folder, or a new scratch-tiny, scratch-mini, scratch-small.",
    "epochs": "How often all comments are read, at most; patience may end it earlier. Default: 3; from scratch 20.",
    "tokens": "How many tokens are read in all, whatever --epochs says: 6M, 0.3B, 3000万. Default: --epochs decides.",
    "batch_tokens": "Tokens of a step, padding included.",
    "learning_rate": "Size of a step. Default: 5e-05; from scratch 0.001.",
    "warmup_share": "Share of all steps in which the learning rate rises from zero.",
    "weight_decay": "Pull of all weights towards zero.",
    "clip_norm": "Longest gradient that is followed.",
    "dropout": "Share of the features hidden at random while learning. Default: 0.1; from scratch 0.",
    "mask_share": "Share of the tokens of a comment that have to be guessed, by whole words.",
    "max_length": "Tokens that are read at once; longer comments are read in several pieces, nothing is lost.",
    "patience": "Evaluations without gain before it ends.",
    "valid_share": "Share of the comments held back to see whether it gains (2,000 at most).",
    "min_frequency": "From scratch: rarer characters count as unknown.",
    "vectors": "From scratch: characters begin at random (none) or with the vectors in the box (general), which learnt more slowly where it was measured.",
    "precision": "Numbers to compute in; auto: halves on graphics cards, else fp32.",
    "seed": "Start of the random numbers; the same seed gives the same encoder on a CPU.",
}
_UNITS = {"": 1, "k": 10**3, "m": 10**6, "b": 10**9, "g": 10**9, "万": 10**4, "百万": 10**6, "亿": 10**8}
_NUMBER = re.compile(r"([\d_,]*\.?\d+)\s*(k|m|b|g|万|百万|亿)?", re.IGNORECASE)


def _tokens(_: click.Context, param: click.Parameter, value: str) -> int:
    """``30M``, ``0.3B``, ``3000万`` or a plain number."""
    found = _NUMBER.fullmatch(value.strip())
    if found is None:
        raise click.BadParameter(f"{value!r}: 6M, 0.3B, 3000万 …", param=param)
    number = float(found[1].replace(",", "").replace("_", ""))
    return round(number * _UNITS[(found[2] or "").lower()])


def adapt_options(function: F) -> F:
    """One option for each field of `AdaptOptions`."""
    usual, scratch = AdaptOptions(), default_adapt_options("scratch-mini")
    for field in reversed(dataclasses.fields(AdaptOptions)):
        value = getattr(usual, field.name)
        low, high = RANGES.get(field.name, (None, None))
        span = f" {low:g} to {high:g}." if low is not None and high is not None else ""
        kind: Any = click.Choice(CHOICES[field.name]) if field.name in CHOICES else type(value)
        told = {"type": kind, "default": value, "help": HELP[field.name] + span}
        shown: bool | str = getattr(scratch, field.name) == value
        if field.name == "tokens":
            told = {"type": str, "default": "0", "help": HELP[field.name], "callback": _tokens}
            shown = False
        elif field.name == "encoder":
            shown = usual_encoder()
        flag = "--" + field.name.replace("_", "-")
        function = click.option(flag, field.name, show_default=shown, **told)(function)
    return function


@click.command(name="adapt")
@project_argument
@adapt_options
@click.option("--as", "target", default="", help="Name of the new encoder. Default: OLD-PROJECT.")
@click.option(
    "--valid-source", metavar="SOURCE", help="Source that later trainings are validated on: not read."
)
@click.option("--test-source", metavar="SOURCE", help="Source that later trainings are tested on: not read.")
@click.option("--device", default="auto", show_default=True, help="auto, cpu, cuda, cuda:1, mps.")
@click.option("--name", default="", help="Name of the run.")
@click.option(
    "--detach", is_flag=True, help="Start the run and return; `runs PROJECT last --watch` follows it."
)
@json_option
@click.pass_obj
def command(terminal: Terminal, /, project_folder: Path, as_json: bool, **given: Any) -> None:
    """Have an encoder guess hidden words of PROJECT's comments, labelled or not (labels are never looked at), and
    put it on the shelf; `train --encoder` trains on it.

    The test set and the validation part of a training with default options are not read, nor are texts that are the
    same or nearly the same; how many is said. The run is a process of its own: it goes on when this terminal closes.
    Ctrl-C pauses it, `runs --resume` goes on; `runs --stop` ends it and keeps the best state, `--cancel` gives it up.

    \b
      senti-studio adapt 门店.senti --encoder chinese-macbert-base
      senti-studio adapt 门店.senti --encoder rbt3 --epochs 5 --as rbt3-门店
      senti-studio adapt 门店.senti --encoder scratch-mini --tokens 30M
      senti-studio runs 门店.senti last --resume
      senti-studio train 门店.senti --architecture bert --encoder rbt3-门店
    """
    with opened(project_folder) as project:
        request = AdaptRequest(
            options=_options(given),
            device=given["device"],
            name=given["name"],
            target=given["target"],
            valid_source=given["valid_source"],
            test_source=given["test_source"],
        )
        plan = adapting.plan(project, request)
        if not as_json:
            say_plan(terminal, plan, request.options)
        folder = adapting.create_run(project, request)
        training.start(project, folder.id)
        run = training.refresh(project, folder.id)
        if given["detach"]:
            if as_json:
                known = {"id": run.id, "number": run.number, "name": run.name}
                terminal.result({"run": known, "folder": str(folder.path), "plan": plan_values(plan)})
            terminal.tell(f"✓ {run.name} 已在后台开始：{folder.path}", f"✓ {run.name} started: {folder.path}")
            return
        status = follow(folder, terminal, title=run.name, quiet=as_json)
        finish_adapting(terminal, project, folder.id, status, as_json=as_json, plan=plan)


def _options(given: Mapping[str, Any]) -> AdaptOptions:
    """As typed; what was not typed is the default of that encoder."""
    source = click.get_current_context().get_parameter_source
    said = {name for name in option_names() if source(name) is ParameterSource.COMMANDLINE}
    encoder = given["encoder"] if "encoder" in said else usual_encoder()
    folder = Path(encoder).expanduser()
    if not is_scratch(encoder) and folder.is_dir():
        encoder = str(folder.absolute())  # the run looks for it from a folder of its own
    values = {name: given[name] for name in said - {"encoder"}}
    return dataclasses.replace(default_adapt_options(encoder), **values)
