"""All names that an export will write to, decided before anything is written."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from senti_studio.arriving import through_link
from senti_studio.domain.exporting import manifest_names
from senti_studio.exchange.whole_file import free_target

_LONGEST_MANIFEST = 1 << 20


@dataclass(frozen=True, slots=True)
class OutputNames:
    """``beside``: what belongs to the target for another program; None what is not wanted."""

    target: Path
    beside: Path | None
    manifest: Path | None


def output_names(
    path: Path, existing: str, *, ending: str = "", beside: str = "", manifest: bool, parts: bool = False
) -> OutputNames:
    """The names for an export into ``path``; ``beside``: ending of the file beside it, if there is one;
    ``parts``: it may be continued in ``NAME-2.json``. Raises UserError as `free_target`."""

    def names(target: Path) -> OutputNames:
        return OutputNames(
            target,
            through_link(target.with_name(f"{target.stem}{beside}")) if beside else None,
            manifest_of(target) if manifest else None,
        )

    def others(target: Path) -> Sequence[Path]:
        found = names(target)
        second = part_name(target, 2) if parts and existing == "number" else None
        return [each for each in (found.beside, found.manifest, second) if each is not None]

    return names(free_target(path, existing, ending=ending, beside=others))


def part_name(target: Path, number: int) -> Path:
    """Where a long export goes on: ``NAME-2.json``."""
    return target.with_name(f"{target.stem}-{number}{target.suffix}")


def manifest_of(target: Path) -> Path:
    """The manifest of an output; one with the usual name that tells of another file stays as it is."""
    usual, whole = (target.with_name(name) for name in manifest_names(target.name))
    return through_link(whole if os.path.lexists(usual) and not _tells_of(usual, target.name) else usual)


def _tells_of(manifest: Path, file_name: str) -> bool:
    try:
        if manifest.stat().st_size > _LONGEST_MANIFEST:
            return False
        outputs = json.loads(manifest.read_text("utf-8"))["outputs"]
        return any(each["name"] == file_name for each in outputs)
    except (OSError, ValueError, LookupError, TypeError, RecursionError):
        return False  # no manifest of ours: somebody else's file
