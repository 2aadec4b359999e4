"""What the shelf notes of an encoder: the file `encoder.json` in its folder."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from senti_studio.shelf.findings import Facts, Finding
from senti_studio.shelf.places import readable
from senti_studio.shelf.small_files import read_object, write_object

NOTE = "encoder.json"
NOTE_VERSION = 1


@dataclass(frozen=True, slots=True)
class Source:
    """Where an encoder came from. ``kind``: `folder` | `zip` | `hub` | `cache` | `shipped` | `adapted`;
    ``place``: path, the id of a hub, or what was adapted; ``revision``: of the hub; ``endpoint``: the hub
    itself."""

    kind: str
    place: str
    revision: str = ""
    endpoint: str = ""


@dataclass(frozen=True, slots=True)
class FileNote:
    """Size in bytes and SHA-256 of a file, as it was put on the shelf."""

    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One encoder of the shelf. ``problem``: why it cannot be used any more, None when it can; ``adapted``:
    what an adaptation says of itself, counts and figures alone, empty for all others; ``formerly``: names
    that it had, the last one first."""

    name: str
    folder: Path
    facts: Facts
    source: Source
    files: Mapping[str, FileNote]
    added_at: str = ""
    problem: Finding | None = None
    adapted: Mapping[str, Any] = field(default_factory=dict)
    formerly: tuple[str, ...] = ()

    @property
    def is_shipped(self) -> bool:
        return self.source.kind == "shipped"


def write_note(
    folder: Path,
    *,
    name: str,
    facts: Facts,
    source: Source,
    files: Mapping[str, FileNote],
    adapted: Mapping[str, Any] | None = None,
) -> None:
    """Writes the note of an encoder whose files lie in ``folder``."""
    values = {
        "version": NOTE_VERSION,
        "name": name,
        **dataclasses.asdict(facts),
        "source": {**dataclasses.asdict(source), "place": readable(source.place)},
        **({"adapted": dict(adapted)} if adapted else {}),
        "added_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "files": {file: dataclasses.asdict(note) for file, note in files.items()},
    }
    (folder / NOTE).write_text(json.dumps(values, ensure_ascii=False, indent=1), encoding="utf-8")


def read_note(folder: Path) -> Entry:
    """The entry of a folder. Raises ValueError for a note that is damaged, and OSError."""
    values = read_object(folder / NOTE)
    try:
        files = {
            str(file): FileNote(int(note["size"]), str(note["sha256"]))
            for file, note in values["files"].items()
        }
        source = Source(**{key: str(value) for key, value in values["source"].items()})
        facts = Facts(**{name: kind(values[name]) for name, kind in _FACTS.items() if name in values})
        adapted = dict(values.get("adapted", {}))
        formerly = tuple(map(str, values.get("formerly", ())))
    except (KeyError, TypeError, AttributeError, ValueError, OverflowError) as error:
        raise ValueError(f"{NOTE}: {error}"[:200]) from error
    added_at = str(values.get("added_at", ""))
    return Entry(folder.name, folder, facts, source, files, added_at, adapted=adapted, formerly=formerly)


def rewrite_name(entry: Entry, name: str) -> None:
    """Notes another name, and the one before it. Raises OSError and ValueError."""
    values = read_object(entry.folder / NOTE)
    values["name"] = name
    values["formerly"] = [each for each in dict.fromkeys((entry.name, *entry.formerly)) if each != name]
    write_object(entry.folder / NOTE, values)


_FACTS: dict[str, type[Any]] = {
    field.name: int if field.type == "int" else str for field in dataclasses.fields(Facts)
}
