"""The small files of an encoder: JSON objects, and the pointers of git-lfs that stand where a file should
be."""

from __future__ import annotations

import json
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


def begins_as_pointer(path: Path) -> bool:
    """Whether a file is what git keeps in place of a large one. Raises OSError."""
    with path.open("rb") as file:
        return is_pointer(file.read(64))


def is_pointer(content: bytes) -> bool:
    """The same of the begin of its content."""
    return content.startswith(b"version https://git-lfs.github.com/spec/")
