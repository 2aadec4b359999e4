"""``NAME.manifest.json``: what an export was made from and what it holds, so that it can be checked later."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from senti_studio import __version__
from senti_studio.jobs.helper_protocol import to_json

VERSION = 1


@dataclass(frozen=True, slots=True)
class WrittenFile:
    """One file of an export."""

    path: Path
    sha256: str
    size: int
    rows: int


def manifest_content(
    *,
    inputs: Sequence[Mapping[str, Any]],
    outputs: Sequence[WrittenFile],
    content: Mapping[str, Any],
) -> bytes:
    """A manifest; ``content`` is what else there is to say, dataclasses included."""
    values = {
        "version": VERSION,
        "program": f"senti-studio {__version__}",
        "written_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "rows": sum(each.rows for each in outputs),
        "inputs": list(inputs),
        "outputs": [
            {"name": each.path.name, "rows": each.rows, "size": each.size, "sha256": each.sha256}
            for each in outputs
        ],
        **to_json(content),
    }
    return (json.dumps(values, ensure_ascii=False, indent=2) + "\n").encode("utf-8")
