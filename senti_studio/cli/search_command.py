"""``senti-studio search``: tries other options of a training and keeps the best."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from senti_studio.cli.options import json_option, project_argument
from senti_studio.cli.terminal import Terminal
from senti_studio.cli.train_command import begin, data_options, hyper_parameters
from senti_studio.domain.repetition import COUNTS, DEFAULT_COUNTS, Repetition


@click.command(name="search")
@project_argument
@click.option(
    "--trials",
    type=click.IntRange(*COUNTS["search"]),
    default=DEFAULT_COUNTS["search"],
    show_default=True,
    help="How many trainings at most.",
)
@data_options
@hyper_parameters
@json_option
@click.pass_obj
def command(terminal: Terminal, /, project_folder: Path, trials: int, as_json: bool, **given: Any) -> None:
    """Search for better options: train PROJECT's comments several times, with other options each time.

    Varied are learning rate, batch size, hidden size, dropout, label smoothing and units; all else stays as given here.
    The first trial is what is given. Trials that fall behind the others are given up early. The options are compared on the
    validation part; the best trial's model becomes the model of the run. Ctrl-C stops and keeps the best so far.

    \b
      senti-studio search 门店.senti --trials 20
      senti-studio search 门店.senti -a gru --epochs 5 --trials 30 --detach
      senti-studio runs 门店.senti last --watch
      senti-studio train 门店.senti --options-of last
    """
    begin(terminal, project_folder, Repetition("search", trials), given, as_json=as_json)
