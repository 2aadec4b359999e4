"""Which architecture and options a training has, of what was typed, of a preset, and of earlier runs."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from senti_studio.cli.runs_command import find_run
from senti_studio.cli.terminal import Terminal
from senti_studio.domain.architectures import (
    architecture_name,
    default_options,
    has_presets,
    options_of,
    preset_options,
    with_encoder,
    with_other_defaults,
)
from senti_studio.domain.encoders import is_scratch
from senti_studio.domain.training_options import TrainingOptions
from senti_studio.operations.earlier_models import options_to_go_on
from senti_studio.operations.encoders import defaults_like, going_on, usual_encoder
from senti_studio.operations.future_encoders import future_encoder
from senti_studio.operations.models import find_model
from senti_studio.operations.repetition import options_of_run
from senti_studio.storage.project import Project


def chosen_options(
    terminal: Terminal, project: Project, given: Mapping[str, Any]
) -> tuple[str, TrainingOptions]:
    """Architecture and options as typed; what was not is that of the preset, of the run that was named, else
    the default of the architecture. What the architecture makes no use of is told.

    Raises click.UsageError for what contradicts itself.
    """
    source = click.get_current_context().get_parameter_source
    said = {name for name in given if source(name) is ParameterSource.COMMANDLINE}
    _require_no_contradiction(terminal, given, said)
    architecture, taken = _taken(project, given, said)
    if "preset" in said and has_presets(architecture):
        taken = preset_options(taken, given["preset"])
    if given.get("start_from"):
        kind, structure = options_to_go_on(find_model(project, given["start_from"]))
        if "architecture" not in said and kind != architecture:
            like = defaults_like(taken.encoder)
            architecture, taken = kind, with_other_defaults(taken, architecture, kind, like=like)
        changed = going_on(taken, architecture, structure)
        if "preset" in said and has_presets(architecture):
            _say_lost_preset(terminal, given["preset"], changed)
        taken = changed
    if "encoder" in said and "encoder" in options_of(architecture):
        coming = future_encoder(project, given["encoder"])
        like = defaults_like(coming.source if coming is not None else given["encoder"])
        taken = with_encoder(taken, architecture, given["encoder"], like=like)
    names = {field.name for field in dataclasses.fields(TrainingOptions)}
    _say_idle(terminal, architecture, said, names)
    typed = {name: given[name] for name in names & said}
    if "vectors_file" in said:
        typed["vectors"] = "file"
    return architecture, _with_absolute_paths(dataclasses.replace(taken, **typed))


def _require_no_contradiction(terminal: Terminal, given: Mapping[str, Any], said: Collection[str]) -> None:
    """What can only be a mistake; taken silently, one of both would be lost."""
    if {"preset", "mix"} <= set(said) and (given["preset"] == "best") != (given["mix"] != "none"):
        both = f"--preset {given['preset']}", f"--mix {given['mix']}"
        raise click.UsageError(
            terminal.text(
                f"{both[0]} 和 {both[1]} 互相矛盾。", f"{both[0]} and {both[1]} contradict each other"
            )
        )
    if {"vectors", "vectors_file"} <= set(said) and given["vectors"] != "file":
        wanted = f"--vectors {given['vectors']}"
        raise click.UsageError(
            terminal.text(
                f"{wanted} 不读文件：--vectors-file 请与 --vectors file 一起用，或单独用。",
                f"{wanted} reads no file: give --vectors-file alone or with --vectors file",
            )
        )


def _taken(project: Project, given: Mapping[str, Any], said: Collection[str]) -> tuple[str, TrainingOptions]:
    """Those of the run that was named, else the defaults."""
    architecture, wanted = given["architecture"], given.get("options_of")
    if wanted:
        kind, taken = options_of_run(project, find_run(project, wanted).id)
        if "architecture" not in said:
            architecture = kind
        like = defaults_like(taken.encoder)
        return architecture, with_other_defaults(taken, kind, architecture, like=like)
    taken = default_options(architecture)
    if "encoder" in options_of(architecture):
        usual = usual_encoder()
        taken = with_encoder(taken, architecture, usual, like=defaults_like(usual))
    return architecture, taken


def _say_lost_preset(terminal: Terminal, preset: str, changed: TrainingOptions) -> None:
    if preset_options(changed, preset) != changed:
        terminal.say(
            f"! 模型的结构由 --start-from 决定：--preset {preset} 只有一部分起作用",
            f"! --start-from decides what the net is made of: only a part of --preset {preset} is used",
        )


def _say_idle(terminal: Terminal, architecture: str, said: Collection[str], names: Collection[str]) -> None:
    idle = set(said).intersection(names) - set(options_of(architecture))
    if "preset" in said and not has_presets(architecture):
        idle.add("preset")
    if idle:
        flags = ", ".join("--" + name.replace("_", "-") for name in sorted(idle))
        name = architecture_name(architecture)
        terminal.say(f"! {name} 用不到 {flags}", f"! {name} makes no use of {flags}")


def _with_absolute_paths(options: TrainingOptions) -> TrainingOptions:
    """The run reads the file of vectors, or the folder of an encoder, from a folder of its own."""
    if options.vectors_file:
        path = Path(options.vectors_file).expanduser().absolute()
        options = dataclasses.replace(options, vectors_file=str(path))
    folder = Path(options.encoder).expanduser()
    if not is_scratch(options.encoder) and folder.is_dir():
        options = dataclasses.replace(options, encoder=str(folder.absolute()))
    return options
