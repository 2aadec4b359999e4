"""What was dropped or chosen: the files that can be read, and what of the folders stays out."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from senti_studio.domain.importing import comment_files

_MOST = 10_000


def left_out(paths: Sequence[Path]) -> list[Path]:
    """The files in the folders of ``paths`` that are no comment files; hidden ones do not count."""
    taken = set(comment_files(paths))
    found: list[Path] = []
    for folder in (path for path in paths if path.is_dir()):
        for place, folders, names in os.walk(folder):
            folders[:] = sorted(
                name for name in folders if not name.startswith(".") and not name.endswith(".senti")
            )
            files = (Path(place, name) for name in sorted(names) if not name.startswith((".", "~$")))
            found += [file for file in files if file not in taken]
            if len(found) >= _MOST:
                break
    return list(dict.fromkeys(found))
