"""Finds the files of ``resources/``: in a checkout, inside an installed wheel, and in a frozen build."""

from __future__ import annotations

import sys
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def resources_folder() -> Path:
    """The folder that holds ``icons/``, ``i18n/``, ``samples/`` and ``themes/``.

    Raises FileNotFoundError when the installation is incomplete.
    """
    frozen = getattr(sys, "_MEIPASS", None)
    candidates = [Path(frozen) / "resources"] if frozen else []
    candidates += [_PACKAGE.parent / "resources", _PACKAGE / "_resources"]
    for folder in candidates:
        if (folder / "themes").is_dir():
            return folder
    raise FileNotFoundError("resources are missing; looked in " + ", ".join(map(str, candidates)))


def resource(*parts: str) -> Path:
    """The path of one resource; raises FileNotFoundError if there is none."""
    path = resources_folder().joinpath(*parts)
    if not path.exists():
        raise FileNotFoundError(path)
    return path
