"""How fast encoders have learnt on this machine: a line for each training and adaptation that is over, of the
last ones; nothing of what they learnt from."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import math
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from senti_studio.domain.encoder_size import EncoderSize, PastRun
from senti_studio.domain.encoders import SCRATCH, is_scratch
from senti_studio.errors import UserError
from senti_studio.paths import cache_folder
from senti_studio.shelf.check import check_folder
from senti_studio.shelf.findings import Facts
from senti_studio.shelf.store import find

FILE = "encoder-speeds.jsonl"
_LARGEST = 64 << 10
_KEPT = 200
_UNITS_OF_NEW = 6000
"""About how many units the vocabulary of a new encoder has."""


def past_runs() -> tuple[PastRun, ...]:
    """Those of this machine, the oldest first; lines that say nothing are left out."""
    try:
        file = _file()
    except OSError:
        return ()  # no place for a cache, and so none in it
    return tuple(_read(file))


def keep(run: PastRun) -> None:
    """Notes one more. Raises OSError."""
    file = _file()
    line = json.dumps(dataclasses.asdict(run)) + "\n"
    with file.open("a", encoding="utf-8") as target:
        target.write(line)
    if file.stat().st_size > _LARGEST:
        last = file.read_text("utf-8", "replace").splitlines(keepends=True)[-_KEPT:]
        temporary = file.with_name(f".{FILE}.{os.getpid()}.tmp")
        temporary.write_text("".join(last), "utf-8")
        temporary.replace(file)


def size_of(facts: Facts) -> EncoderSize:
    """How large an encoder is, as forecasts take it."""
    return EncoderSize(
        facts.layers, facts.width, facts.heads, facts.inner, facts.parameters, facts.table, facts.longest
    )


def size_for_adapting(encoder: str) -> EncoderSize:
    """Of what an adaptation begins with; the vocabulary of a new one is guessed. Raises as `find` does."""
    if not is_scratch(encoder):
        return size_of(check_folder(find(encoder)).facts)
    size = SCRATCH[encoder]
    layer = 4 * size.width**2 + 2 * size.width * size.inner
    parameters = _UNITS_OF_NEW * size.width + size.layers * layer
    return EncoderSize(size.layers, size.width, size.heads, size.inner, parameters, _UNITS_OF_NEW)


def known_size(encoder: str) -> EncoderSize | None:
    """As `size_for_adapting`; None where none can be found."""
    with contextlib.suppress(UserError):
        found = size_for_adapting(encoder)
        return found if found.layers else None
    return None


def _file() -> Path:
    return cache_folder() / FILE


def _read(file: Path) -> Iterator[PastRun]:
    try:
        lines = file.read_text("utf-8", "replace").splitlines()
    except OSError:
        return
    for line in lines[-_KEPT:]:
        run = _run_of(line)
        if run is not None:
            yield run


def _run_of(line: str) -> PastRun | None:
    try:
        values: dict[str, Any] = json.loads(line)
        run = PastRun(
            str(values["kind"]),
            str(values["device"]),
            *(int(values[name]) for name in ("layers", "width", "inner")),
            *(float(values[name]) for name in ("length", "operations")),
        )
    except (ValueError, TypeError, KeyError, OverflowError):
        return None
    return run if all(math.isfinite(each) and each > 0 for each in (run.length, run.operations)) else None
