"""Guidelines of a project: reading and storing them, and taking them out of and into Markdown files."""

from __future__ import annotations

from concurrent.futures import Future
from pathlib import Path

from senti_studio.domain.guidelines import MOST_CHARACTERS, Guidelines
from senti_studio.errors import UserError
from senti_studio.storage.errors import disk_error
from senti_studio.storage.project import Project

_SETTING = "guidelines"


def guidelines_of(project: Project) -> Guidelines:
    """The text of the project and the ones before it."""
    return Guidelines.of_values(project.settings.get(_SETTING))


def store_guidelines(project: Project, guidelines: Guidelines) -> Future[None]:
    """Keeps them in the project, for all its windows."""
    return project.settings.set(_SETTING, guidelines.as_values())


def read_guideline_file(path: Path) -> str:
    """The text of a Markdown file, in UTF-8 or GB 18030.

    Raises UserError ``GUIDELINES_NOT_TEXT``, ``GUIDELINES_TOO_LARGE`` or what a disk says.
    """
    try:
        if path.stat().st_size > 4 * MOST_CHARACTERS:
            raise UserError("GUIDELINES_TOO_LARGE", path=str(path), limit=MOST_CHARACTERS)
        data = path.read_bytes()
    except OSError as error:
        raise disk_error(error, path) from error
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            if len(text) > MOST_CHARACTERS:
                raise UserError("GUIDELINES_TOO_LARGE", path=str(path), limit=MOST_CHARACTERS)
            return text.replace("\r\n", "\n").replace("\r", "\n")
    raise UserError("GUIDELINES_NOT_TEXT", path=str(path))


def write_guideline_file(path: Path, text: str) -> None:
    """Writes the text as UTF-8. Raises UserError with what the disk says."""
    try:
        path.write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        raise disk_error(error, path) from error
