"""Whether a project has read a file already; the window may ask too."""

from __future__ import annotations

import hashlib
from pathlib import Path

from senti_studio.domain.comments import Source
from senti_studio.storage.project import Project


def same_content(project: Project, path: Path) -> list[Source]:
    """The visible sources that were read from a file with the very bytes of ``path``, oldest first.

    Reads the whole file unless the project is empty: not for the GUI thread. Raises OSError.
    """
    known = project.sources.list()
    if not known:
        return []
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return [source for source in known if source.sha256 == digest]
