"""Options and argument types that several commands share."""

from __future__ import annotations

import os
import shlex
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import click

from senti_studio.errors import UserError
from senti_studio.operations.projects import project_folder
from senti_studio.storage.project import FILE_NAME, SUFFIX, Project

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


def existing_project(given: Path) -> Path:
    """The project folder that was meant: as typed, or with the ending ``.senti`` that was left out.

    Raises UserError ``PROJECT_NOT_FOUND`` or ``NOT_A_PROJECT`` with the path as it was typed.
    """
    path = given.expanduser()
    if path.name == FILE_NAME or (path / FILE_NAME).exists():
        return path
    if path.suffix != SUFFIX and path.name not in ("", ".."):
        whole = path.with_name(path.name + SUFFIX)
        if (whole / FILE_NAME).exists():
            return whole
    raise UserError("NOT_A_PROJECT" if path.exists() else "PROJECT_NOT_FOUND", path=str(given))


def wanted_folder(given: Path) -> Path:
    """The folder of a new project, with its ending. Raises UserError ``FILE_NOT_FOUND`` for a parent that is not
    there (a slip of the pen must not put a project somewhere unexpected) and ``NO_PERMISSION``."""
    path = project_folder(given)
    if not path.parent.is_dir():
        raise UserError("FILE_NOT_FOUND", path=str(path.parent))
    if not os.access(path.parent, os.W_OK):
        raise UserError("NO_PERMISSION", path=str(path))
    return path


def quoted(path: Path | str) -> str:
    """A path as it can be pasted into a command line of this system."""
    text = str(path)
    return subprocess.list2cmdline([text]) if os.name == "nt" else shlex.quote(text)


@contextmanager
def opened(given: Path, *, to_read: bool = False) -> Iterator[Project]:
    """Opens a project for one command and closes it whatever happens; ``to_read`` as in `Project.open`."""
    project = Project.open(existing_project(given), to_read=to_read)
    try:
        yield project
    finally:
        project.close()
