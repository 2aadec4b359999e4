"""Files that a command writes beside its real work: a report, a table of errors."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from senti_studio.domain.importing import require_file_name, require_place_for_text
from senti_studio.errors import UserError


def require_free(path: Path, *, overwrite: bool, inputs: Iterable[Path] = ()) -> None:
    """Asked before the work begins: ``path`` can be written, is none of the files that are read, and replaces
    nothing unless that is wanted.

    Raises UserError ``OUTPUT_IS_SOURCE``, ``OUTPUT_EXISTS`` and those of `require_place_for_text`.
    """
    require_file_name(path)
    if any(_is_same(path, each) for each in inputs):
        raise UserError("OUTPUT_IS_SOURCE", path=str(path))
    require_place_for_text(path)
    if os.path.lexists(path) and not overwrite:
        raise UserError("OUTPUT_EXISTS", path=str(path))


def _is_same(one: Path, other: Path) -> bool:
    try:
        return os.path.samefile(one, other)  # noqa: PTH121 - as the sentence above it says: the file, not its name
    except OSError:
        return False  # one of them is not there; reading it will say so
