"""Where encoders lie on this machine, and what they may be called."""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path

from senti_studio.errors import UserError
from senti_studio.paths import encoders_folder
from senti_studio.resources import resources_folder

TRASH = ".trash"
DOWNLOADS = ".downloads"

_NOT_IN_NAMES = re.compile(r'[\\/:*?"<>|\x00-\x1f\x7f\ud800-\udfff]+')
_LONGEST_NAME = 80
_RESERVED = re.compile(r"(?i)(con|prn|aux|nul|com\d|lpt\d)(\..*)?")


def shelf_folder() -> Path:
    """The shelf of this user."""
    return encoders_folder()


def shipped_folder() -> Path:
    """Encoders that came with the program; it need not be there."""
    return resources_folder() / "encoders"


def trash_folder() -> Path:
    """Where removed encoders wait to be brought back, or deleted."""
    return shelf_folder() / TRASH


def readable(path: str) -> str:
    """A path for files and sentences: bytes in it that are no text, as unpacking names in GBK leaves them,
    become question marks."""
    return path.encode("utf-8", "replace").decode("utf-8")


def name_for(wanted: str) -> str:
    """A name that every system can give to a folder, as near to ``wanted`` as can be.

    Raises UserError ``ENCODER_BAD_NAME`` where nothing is left of it.
    """
    name = unicodedata.normalize("NFC", wanted).rstrip("/\\").rpartition("/")[2].rpartition("\\")[2]
    name = _NOT_IN_NAMES.sub("-", name).strip(" .")[:_LONGEST_NAME].rstrip(" .")
    if not name or _RESERVED.fullmatch(name):
        raise UserError("ENCODER_BAD_NAME", name=readable(wanted[:200]))
    return name
