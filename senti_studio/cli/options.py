"""Options and argument types that several commands share."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import click

from senti_studio.storage.project import Project

F = TypeVar("F", bound=Callable[..., Any])

PATH = click.Path(path_type=Path)


def project_argument(function: F) -> F:
    """The first argument of nearly every command: a project folder."""
    return click.argument("project_folder", metavar="PROJECT", type=PATH)(function)


def json_option(function: F) -> F:
    return click.option(
        "--json", "as_json", is_flag=True, help="Print one JSON object, for scripts; no progress bars."
    )(function)


def pairs(text: str, option: str) -> dict[str, str]:
    """``1=正面,0=负面`` as a dictionary. Raises click.BadParameter for anything else."""
    found: dict[str, str] = {}
    for item in filter(None, (part.strip() for part in text.replace("，", ",").split(","))):
        left, sign, right = item.partition("=")
        if not sign or not left.strip() or not right.strip():
            raise click.BadParameter(f"“{item}” is not of the form VALUE=NAME", param_hint=option)
        if left.strip() in found:
            raise click.BadParameter(f"“{left.strip()}” is given twice", param_hint=option)
        found[left.strip()] = right.strip()
    return found


@contextmanager
def opened(folder: Path) -> Iterator[Project]:
    """Opens a project for one command and closes it whatever happens."""
    project = Project.open(folder)
    try:
        yield project
    finally:
        project.close()
