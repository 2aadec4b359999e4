"""Looks at the parts of a workbook before a library does: bombs, ranges, formulas without a result."""

from __future__ import annotations

import re
import zipfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from senti_studio.errors import UserError

_LARGEST = {"xl/worksheets/": 4 << 30, "xl/sharedStrings": 512 << 20}
_LARGEST_OTHER = 64 << 20
_MOST_PARTS = 10_000
_SUSPICIOUS = 32 << 20
"""Unpacked bytes from which the ratio is looked at."""
_MOST_TIMES = 200
"""Sheets of numbered rows are packed 10 to 30 times; a bomb up to 1,000 times."""
_LONGEST_ROW = 64 << 20
_BLOCK = 1 << 20
_ENDS = (b"<c ", b"<row ", b"<mergeCell ", b":c ", b":row ", b":mergeCell ")
_MERGED = re.compile(rb'<(?:\w+:)?mergeCell [^>]*?ref="([A-Z]+\d+:[A-Z]+\d+)"')
_NO_RESULT = re.compile(
    rb'<(?:\w+:)?c [^>]*?\br="([A-Z]+\d+)"[^>]*><(?:\w+:)?f\b(?:[^>]*/>|[^>]*>[^<]*</(?:\w+:)?f>)'
    rb"(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v></(?:\w+:)?v>)?</(?:\w+:)?c>"
)
_TOO_FAR = re.compile(rb'<(?:\w+:)?(?:row [^>]*?\br="\d{8,}"|c [^>]*?\br="(?:[A-Z]{4,}|[A-Z]+\d{8,}))')


@dataclass(slots=True)
class SheetScan:
    """Ranges of merged cells, and cells with a formula whose result was never stored."""

    merged: list[str] = field(default_factory=list)
    without_result: list[str] = field(default_factory=list)


def require_sane(path: Path) -> None:
    """Raises UserError ``FILE_DAMAGED`` when the archive cannot be read, ``FILE_IS_BOMB`` when what it
    unpacks to is out of all proportion."""
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
            texts = [part for part in parts if part.filename.endswith((".xml", ".rels"))]
            for part in texts:
                with archive.open(part) as stream:
                    head = stream.read(4096)
                if b"<!DOCTYPE" in head or b"<!ENTITY" in head:
                    raise _bomb(path)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, ValueError) as error:
        raise UserError("FILE_DAMAGED", path=str(path), kind="Excel xlsx") from error
    if len(parts) > _MOST_PARTS:
        raise _bomb(path)
    for part in texts:
        most = next((size for start, size in _LARGEST.items() if part.filename.startswith(start)), None)
        is_packed_hard = part.file_size > _MOST_TIMES * max(1, part.compress_size)
        if part.file_size > (most or _LARGEST_OTHER) or (part.file_size > _SUSPICIOUS and is_packed_hard):
            raise _bomb(path)


def _bomb(path: Path) -> UserError:
    return UserError("FILE_IS_BOMB", path=str(path), kind="Excel xlsx")


def scan_sheet(stream: IO[bytes], path: Path) -> SheetScan:
    """Reads the XML of a sheet once, in little memory. Raises UserError ``FILE_IS_BOMB`` for a row that
    never ends and for places that no sheet has."""
    found = SheetScan()
    rest = b""
    while block := stream.read(_BLOCK):
        rest += block
        cut = max(map(rest.rfind, _ENDS))
        if cut <= 0:
            if len(rest) > _LONGEST_ROW:
                raise _bomb(path)
            continue
        _look_at(rest[:cut], found, path)
        rest = rest[cut:] if rest[cut : cut + 1] == b"<" else rest[rest.rfind(b"<", 0, cut) :]
    _look_at(rest, found, path)
    return found


def _look_at(xml: bytes, found: SheetScan, path: Path) -> None:
    if _TOO_FAR.search(xml):
        raise _bomb(path)
    if b"mergeCell " in xml:
        found.merged += [name.decode() for name in _MERGED.findall(xml)]
    if b"<f" in xml or b":f" in xml:
        found.without_result += [name.decode() for name in _NO_RESULT.findall(xml)]
