"""Opens a comment file as bytes, unpacks gzip, and refuses what is no text table with its real type."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from senti_studio.errors import UserError
from senti_studio.exchange.json_shapes import records_within

BLOCK = 1 << 20
"""Bytes read at once."""

_GZIP = b"\x1f\x8b"
_SIGNATURES: tuple[tuple[bytes, str, str], ...] = (
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "FILE_IS_WORKBOOK", "xls (Excel 97–2003)"),
    (b"%PDF", "FILE_IS_BINARY", "PDF"),
    (b"SQLite format 3\x00", "FILE_IS_BINARY", "SQLite"),
    (b"\x89PNG", "FILE_IS_BINARY", "PNG"),
    (b"\xff\xd8\xff", "FILE_IS_BINARY", "JPEG"),
    (b"GIF8", "FILE_IS_BINARY", "GIF"),
    (b"{\\rtf", "FILE_IS_BINARY", "RTF"),
    (b"Rar!\x1a\x07", "FILE_IS_ARCHIVE", "RAR"),
    (b"7z\xbc\xaf\x27\x1c", "FILE_IS_ARCHIVE", "7z"),
    (b"BZh", "FILE_IS_ARCHIVE", "bzip2"),
    (b"\xfd7zXZ\x00", "FILE_IS_ARCHIVE", "xz"),
    (b"\x28\xb5\x2f\xfd", "FILE_IS_ARCHIVE", "zstd"),
)
_CUT_WORKBOOK = "cut xlsx"
_WORKBOOKS = (".xlsx", ".xlsm")
_MOST_UNPACKED = 64 << 20
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
"""In the directory of a workbook with a password, which is no zip."""
_BOMS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")
UTF32_BOMS = (b"\xff\xfe\x00\x00", b"\x00\x00\xfe\xff")
_HTML = re.compile(
    rb"\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html|table|meta|head|body)\b", re.I | re.S
)
_XML = re.compile(rb"\s*<\?xml\b", re.I)
_JSON = re.compile(rb"\s*(?:\[\s*)?\{\s*(?:\"(?:[^\"\\]|\\.)*\"\s*:|\}\s*[,\]\r\n])")
_JSON_STRINGS = re.compile(rb"\s*\[\s*\"(?:[^\"\\]|\\.)*\"\s*[,\]]")
_JSON_ENDINGS = (".json", ".jsonl", ".ndjson")
_CONTROL = bytes(code for code in range(32) if code not in (9, 10, 11, 12, 13, 27)) + b"\x7f"


@contextmanager
def opened(path: Path) -> Iterator[IO[bytes]]:
    """The (unpacked) bytes of a file.

    Raises UserError ``FILE_NOT_FOUND``, ``NO_PERMISSION``, ``CANNOT_READ``, ``ARCHIVE_DAMAGED`` — also
    for what happens while the block inside reads.
    """
    name = str(path)
    _refuse_endless(path)
    try:
        with path.open("rb") as file:
            if file.read(2) == _GZIP:
                file.seek(0)
                with gzip.open(file, "rb") as unpacked:
                    yield unpacked  # type: ignore[misc]
            else:
                file.seek(0)
                yield file
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise UserError("ARCHIVE_DAMAGED", path=name) from error
    except FileNotFoundError as error:
        raise UserError("FILE_NOT_FOUND", path=name) from error
    except PermissionError as error:
        raise UserError("NO_PERMISSION", path=name) from error
    except OSError as error:
        raise UserError("CANNOT_READ", path=name, reason=error.strerror or str(error)) from error


def _refuse_endless(path: Path) -> None:
    # A pipe or a device may never end, and none of them can be read twice.
    if path.exists() and not path.is_file() and not path.is_dir():
        raise UserError("CANNOT_READ", path=str(path), reason="not a regular file")


def unpacked_size(path: Path) -> int:
    """Bytes of the file as it is read, 0 where nobody knows."""
    return path.stat().st_size if path.is_file() and not is_packed(path) else 0


def is_packed(path: Path) -> bool:
    """Whether the file is gzip."""
    if not path.is_file():
        return False
    try:
        with path.open("rb") as file:
            return file.read(2) == _GZIP
    except OSError:
        return False


def refuse_other_formats(path: Path) -> None:
    """Raises a UserError that names the real type when ``path`` is no CSV/TSV/text file, or is empty."""
    format_name = format_of(path)
    if format_name in ("json", "jsonl"):
        raise UserError("FILE_IS_JSON", path=str(path))
    if format_name != "csv":
        code, kind = {"xlsx": ("FILE_IS_WORKBOOK", "xlsx"), "parquet": ("FILE_IS_BINARY", "Parquet")}[
            format_name
        ]
        raise UserError(code, path=str(path), kind=kind)


def format_of(path: Path) -> str:
    """By its content: ``csv`` (any text table) | ``xlsx`` | ``parquet`` | ``json`` (one list) | ``jsonl``.

    Raises a UserError that names the real type when it is none of them, or is empty.
    """
    with opened(path) as file:
        head = file.read(65536)
    name = str(path)
    known = _known_signature(path, head)
    if known:
        if is_packed(path):
            raise UserError("FILE_IS_PACKED_TABLE", path=name, kind=known)
        return known
    if head.startswith(UTF32_BOMS):
        raise UserError("FILE_IS_UTF32", path=name)
    bom = next((mark for mark in _BOMS if head.startswith(mark)), b"")
    if not head[len(bom) :].strip(b" \t\r\n\x0b\x0c\x00") and _is_blank(path):
        raise UserError("FILE_EMPTY", path=name)
    if _HTML.match(head, len(bom)):
        raise UserError("FILE_IS_HTML", path=name)
    if _XML.match(head, len(bom)):
        raise UserError("FILE_IS_BINARY", path=name, kind="XML")
    ending = next((one.lower() for one in reversed(path.suffixes) if one.lower() != ".gz"), "")
    as_json = _json_format(head[len(bom) :], ending)
    if as_json:
        return as_json
    if _is_full_of_nuls(head) if len(bom) == 2 else not bom and _looks_binary(head):
        raise UserError("FILE_NOT_TEXT", path=name)
    return "csv"


def _known_signature(path: Path, head: bytes) -> str:
    """``xlsx`` | ``parquet`` | nothing; raises the UserError of what is known and not read."""
    if head.startswith(b"PAR1"):
        return "parquet"
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        kind = _kind_of_zip(path, head)
        if kind == "xlsx":
            return kind
        code = {"ZIP": "FILE_IS_ARCHIVE", "docx": "FILE_IS_BINARY"}.get(kind, "FILE_IS_WORKBOOK")
        if kind == _CUT_WORKBOOK:
            raise UserError("FILE_DAMAGED", path=str(path), kind="Excel xlsx")
        raise UserError(code, path=str(path), kind=kind)
    for signature, code, kind in _SIGNATURES:
        if head.startswith(signature):
            if _ENCRYPTED in head:
                raise UserError("WORKBOOK_ENCRYPTED", path=str(path))
            raise UserError(code, path=str(path), kind=kind)
    return ""


def _kind_of_zip(path: Path, head: bytes) -> str:
    try:
        with opened(path) as file:
            # Whatever is packed twice is looked at no further than its list of parts.
            names = zipfile.ZipFile(
                io.BytesIO(file.read(_MOST_UNPACKED)) if is_packed(path) else file
            ).namelist()
    except (zipfile.BadZipFile, UserError, OSError):
        is_workbook = b"xl/" in head or b"[Content_Types].xml" in head or path.suffix.lower() in _WORKBOOKS
        return _CUT_WORKBOOK if is_workbook else "ZIP"
    if any(name.startswith("xl/") for name in names):
        return "xlsx"
    if any(name.startswith("word/") for name in names):
        return "docx"
    if "content.xml" in names:
        return "ods"
    return "ZIP"


def _json_format(head: bytes, ending: str) -> str:
    """``json`` | ``jsonl`` | nothing. The ending decides only what the first line leaves open."""
    first = head.lstrip().split(b"\n", 1)[0].strip()
    is_named = ending in _JSON_ENDINGS
    if first.startswith(b"["):
        is_list = _JSON.match(head) or (is_named and _JSON_STRINGS.match(head))
        return "json" if is_list or ending == ".json" else "jsonl" if is_named else ""
    if not first.startswith(b"{") or not (is_named or _JSON.match(head)):
        return ""
    if ending not in (".jsonl", ".ndjson") and head.strip() == first and _is_table(first):
        return "json"
    if _is_object(first) or (is_named and ending != ".json"):
        return "jsonl"
    # One object over many lines, or longer than what was read.
    is_json = is_named or first == b"{" or first.endswith(b",")
    return "json" if is_json else "jsonl" if len(first) > 60000 else ""


def _is_object(line: bytes) -> bool:
    try:
        return isinstance(json.loads(line), dict)
    except (ValueError, RecursionError):
        return False


def _is_table(content: bytes) -> bool:
    """Whether the one object of a file holds many records."""
    try:
        return records_within(json.loads(content)) is not None
    except (ValueError, RecursionError):
        return False


def _looks_binary(head: bytes) -> bool:
    """Many control characters that are not NUL; or NULs that do not stand as UTF-16 puts them."""
    controls = len(head) - len(head.translate(None, _CONTROL))
    nuls = head.count(0)
    if nuls > len(head) * 0.02:
        return utf16_without_bom(head) is None
    return controls - nuls > max(8, len(head) * 0.01)


def _is_full_of_nuls(head: bytes) -> bool:
    """UTF-16 of which many characters are NUL is something else."""
    units = memoryview(head[: len(head) // 2 * 2]).cast("H")
    return units.tolist().count(0) > 0.02 * len(units) + 8


def utf16_without_bom(head: bytes) -> str | None:
    """``utf-16-le`` or ``utf-16-be`` when the NUL bytes stand at one parity, as ASCII in UTF-16 has
    them."""
    odd, even = head[1::2].count(0), head[0::2].count(0)
    if odd + even < len(head) * 0.02 or min(odd, even) > (odd + even) * 0.02:
        return None
    name = "utf-16-le" if odd > even else "utf-16-be"
    try:
        text = head[: len(head) // 2 * 2].decode(name, "ignore")
    except UnicodeDecodeError:
        return None
    readable = sum(char.isprintable() or char in "\r\n\t" for char in text)
    return name if readable > len(text) * 0.97 else None


def _is_blank(path: Path) -> bool:
    with opened(path) as file:
        while block := file.read(BLOCK):
            if block.strip(b" \t\r\n\x0b\x0c\x00\xef\xbb\xbf\xff\xfe"):
                return False
    return True


def sha256_of(path: Path, *, on_block: Callable[[int], None] | None = None) -> str:
    """SHA-256 of the file as it is stored; raises the errors of `opened`."""
    digest = hashlib.sha256()
    name = str(path)
    _refuse_endless(path)
    try:
        with path.open("rb") as file:
            while block := file.read(BLOCK):
                digest.update(block)
                if on_block is not None:
                    on_block(len(block))
    except FileNotFoundError as error:
        raise UserError("FILE_NOT_FOUND", path=name) from error
    except PermissionError as error:
        raise UserError("NO_PERMISSION", path=name) from error
    except OSError as error:
        raise UserError("CANNOT_READ", path=name, reason=error.strerror or str(error)) from error
    return digest.hexdigest()
