"""The small files of an encoder: JSON objects, and the pointers of git-lfs that stand where a file should
be."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

_LARGEST_JSON = 8 << 20


def read_object(path: Path) -> dict[str, Any]:
    """A JSON object of moderate size. Raises ValueError and OSError."""
    if path.stat().st_size > _LARGEST_JSON:
        raise ValueError(f"{path.name}: {path.stat().st_size} bytes")
    content = path.read_bytes()
    if is_pointer(content):
        raise ValueError(f"{path.name}: git-lfs")
    try:
        values = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{path.name}: {error}") from error
    if not isinstance(values, dict):
        raise ValueError(f"{path.name}: {type(values).__name__}")
    return values


def write_object(path: Path, values: Mapping[str, Any]) -> None:
    """Puts a JSON object in the place of another one: whoever reads it, also after a kill, finds the old or
    the new one whole. Raises OSError."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with temporary.open("w", encoding="utf-8") as file:
            json.dump(values, file, ensure_ascii=False, indent=1)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
    for left in path.parent.glob(f".{path.name}.*.tmp"):  # by programs that were killed
        with contextlib.suppress(OSError):
            left.unlink()


def begins_as_pointer(path: Path) -> bool:
    """Whether a file is what git keeps in place of a large one. Raises OSError."""
    with path.open("rb") as file:
        return is_pointer(file.read(64))


def is_pointer(content: bytes) -> bool:
    """The same of the begin of its content."""
    return content.startswith(b"version https://git-lfs.github.com/spec/")
