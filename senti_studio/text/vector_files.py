"""Word vectors in files: word2vec (text, binary), GloVe and npz, read as a stream; nothing is ever unpickled.

Only vectors that are asked for are kept, so the memory needed does not depend on the size of the file.
Formats: word2vec as its own program writes it (https://code.google.com/archive/p/word2vec: a first line
``words size``, then a line a word, or in binary the word, a blank and ``size`` float32), GloVe (https://nlp.stanford.edu/projects/glove:
the same without the first line), and npz with one matrix and its words (in an array, or beside it as JSON
or text)."""

from __future__ import annotations

import bz2
import gzip
import io
import itertools
import json
import lzma
import re
import tokenize
import zipfile
import zlib
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, TypeVar, cast

import numpy as np
import numpy.typing as npt

from senti_studio.errors import UserError

Vector = npt.NDArray[np.float32]
Item = TypeVar("Item")

LONGEST_LINE = 1 << 20
LARGEST_SIZE = 10_000
LARGEST_NUMBER = 1e4
"""Vectors that were learnt stay far below it; larger numbers come from damage and would drown all others."""
LONGEST_WORD = 4096
LARGEST_LIST = 1 << 29
"""Bytes of a file of words that lies beside a matrix."""
MOST_ROWS = 10**9
LONGEST_HEADER = 1 << 16
_BUFFER = 1 << 20
_PICKLED = {".pkl", ".pickle", ".model", ".kv", ".joblib", ".pt", ".pth", ".dill"}
_HEAD = re.compile(rb"\s*(\d+)[ \t]+(\d+)[ \t]*\r?\n")
_NPY = b"\x93NUMPY"
_FASTTEXT = (793_712_314).to_bytes(4, "little")
_ROWS_AT_ONCE = 4096
_DAMAGE = (
    OSError, EOFError, ValueError, KeyError, TypeError, lzma.LZMAError, zlib.error, zipfile.BadZipFile,
    # Of archives with a password, or packed in a way of which Python knows nothing.
    RuntimeError, NotImplementedError,
    tokenize.TokenError,
)  # fmt: skip
"""What reading damaged files raises."""


@dataclass(slots=True)
class VectorFile:
    """What was found. ``rows``: vectors in the file; ``skipped``: lines that are none; ``missing``: rows
    that the first line announces and the file lacks."""

    size: int = 0
    vectors: dict[str, Vector] = field(default_factory=dict)
    rows: int = 0
    skipped: int = 0
    missing: int = 0


Watch = Callable[[int, int], None]


def untold(done: int, total: int) -> None:
    """Nobody watches."""


def read_vectors(path: Path, wanted: Collection[str], *, watch: Watch = untold) -> VectorFile:
    """The vectors of the ``wanted`` units; the first of a unit that comes twice.

    ``watch`` is told how many rows of how many (0: nobody knows) were read; what it raises ends the reading.
    Raises UserError ``VECTORS_NOT_FOUND``, ``VECTORS_PICKLED`` (a format that could run code),
    ``VECTORS_DAMAGED`` or ``VECTORS_WITHOUT_WORDS``.
    """
    if not path.is_file():
        raise UserError("VECTORS_NOT_FOUND", path=str(path))
    if path.suffix.lower() in _PICKLED:
        raise UserError("VECTORS_PICKLED", path=str(path))
    try:
        if path.suffix.lower() == ".npz":
            return _read_arrays(path, wanted, watch)
        with _opened(path) as file:
            return _read_stream(path, file, wanted, watch)
    except _DAMAGE as error:
        raise _damaged(path, str(error) or type(error).__name__) from error


def _opened(path: Path) -> io.BufferedReader:
    packed: dict[str, Callable[[Path], object]] = {".gz": gzip.open, ".bz2": bz2.open, ".xz": lzma.open}
    opener = packed.get(path.suffix.lower())
    if opener is None:
        return io.BufferedReader(io.FileIO(path), _BUFFER)
    return io.BufferedReader(cast(io.RawIOBase, opener(path)), _BUFFER)


def _damaged(path: Path, reason: str) -> UserError:
    """The reason may quote the file: what is there must not command a terminal."""
    legible = "".join(each if each.isprintable() else "·" for each in reason.strip()[:300])
    return UserError("VECTORS_DAMAGED", path=str(path), reason=legible)


def _read_stream(path: Path, file: io.BufferedReader, wanted: Collection[str], watch: Watch) -> VectorFile:
    start = file.peek(8)[:8]
    if start[:1] == b"\x80" or start[:4] in (_FASTTEXT, b"PK\x03\x04"):
        raise UserError("VECTORS_PICKLED", path=str(path))
    if start[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise _damaged(path, "UTF-16")
    if start[:6] == _NPY:
        raise _damaged(path, "npy; npz: numpy.savez(path, words=…, vectors=…)")
    first = file.readline(LONGEST_LINE).removeprefix(b"\xef\xbb\xbf")
    head = _HEAD.fullmatch(first)
    found = VectorFile()
    if head is None:
        lines = itertools.chain([first], _lines(path, file))
        return _read_lines(path, _watched(lines, 0, watch), wanted, found)
    announced, found.size = int(head[1]), int(head[2])
    if not 0 < found.size <= LARGEST_SIZE or announced > MOST_ROWS:
        raise _damaged(path, f"{announced} × {found.size}")
    begin = file.peek(LONGEST_LINE)[:LONGEST_LINE]
    if _is_text(begin.split(b"\n", 1)[0], found.size):
        _read_lines(path, _watched(_lines(path, file), announced, watch), wanted, found)
        found.missing = max(0, announced - found.rows - found.skipped)
        return found
    return _read_binary(path, file, announced, wanted, found, watch)


def _watched(items: Iterator[Item], total: int, watch: Watch) -> Iterator[Item]:
    for number, item in enumerate(items):
        if number % _ROWS_AT_ONCE == 0:
            watch(number, total)
        yield item


def _is_text(line: bytes, size: int) -> bool:
    """Also where the number of fields is another one: such a file is damaged, but no binary one."""
    candidates = (line.split()[1:], line.rsplit(None, size)[1:])
    return any(fields and _numbers(fields) is not None for fields in candidates)


def _lines(path: Path, file: io.BufferedReader) -> Iterator[bytes]:
    """Raises UserError ``VECTORS_DAMAGED`` at one that is longer than any vector."""
    while line := file.readline(LONGEST_LINE):
        if len(line) == LONGEST_LINE:
            raise _damaged(path, f"> {LONGEST_LINE:,} B")
        yield line


def _read_lines(path: Path, lines: Iterator[bytes], wanted: Collection[str], found: VectorFile) -> VectorFile:
    encodings = _Encodings()
    for line in lines:
        if not line.strip():
            continue
        if not found.size:
            found.size = _size_of(path, line)
        # From the right: words of some files hold blanks.
        word, *fields = line.removesuffix(b"\n").removesuffix(b"\r").rstrip(b" \t").rsplit(None, found.size)
        unit = encodings.decode(word)
        if len(fields) < found.size or unit is None:
            found.skipped += 1
        elif unit not in wanted or unit in found.vectors:
            found.rows += 1
        elif (vector := _numbers(fields)) is None:
            found.skipped += 1
        else:
            found.rows += 1
            found.vectors[unit] = vector
    if not found.rows or found.skipped > found.rows:
        raise _damaged(path, f"{found.skipped:,} / {found.rows + found.skipped:,}")
    return found


class _Encodings:
    """Decodes words in UTF-8, or all of them in GB 18030 from the first on that is no UTF-8."""

    def __init__(self) -> None:
        self._other = False

    def decode(self, word: bytes) -> str | None:
        """None for bytes that are neither."""
        for encoding in ("gb18030",) if self._other else ("utf-8", "gb18030"):
            try:
                unit = word.decode(encoding)
            except UnicodeDecodeError:
                continue
            self._other = encoding != "utf-8"
            return unit
        return None


def _size_of(path: Path, line: bytes) -> int:
    """Of the first line of a file without a head; its word may be a blank, but hold none."""
    fields = line.split()[0 if line[:1].isspace() else 1 :]
    if not 0 < len(fields) <= LARGEST_SIZE or _numbers(fields) is None:
        raise _damaged(path, line[:80].decode("utf-8", "replace"))
    return len(fields)


def _numbers(fields: list[bytes]) -> Vector | None:
    try:
        vector = np.array(fields, dtype=np.float32)
    except ValueError:
        return None
    return vector if _is_sound(vector) else None


def _is_sound(vector: npt.NDArray[np.floating[Any]]) -> bool:
    """Whether all are numbers that learning can bear."""
    return bool((np.abs(vector) <= LARGEST_NUMBER).all())


def _read_binary(
    path: Path, file: io.BufferedReader, rows: int, wanted: Collection[str], found: VectorFile, watch: Watch
) -> VectorFile:
    encodings = _Encodings()
    width = found.size * 4
    for row in _watched(iter(range(rows)), rows, watch):
        word = bytearray()
        while (byte := file.read(1)) not in (b" ", b""):
            word += byte
            if len(word) > LONGEST_WORD:
                raise _damaged(path, f"{row + 1:,} / {rows:,}")
        content = file.read(width)
        if len(content) < width:
            raise _damaged(path, f"{row:,} / {rows:,}")
        found.rows += 1
        unit = encodings.decode(bytes(word).lstrip(b"\n"))
        if unit is None or unit in found.vectors or unit not in wanted:
            continue
        vector = np.frombuffer(content, dtype="<f4").astype(np.float32)
        if _is_sound(vector):
            found.vectors[unit] = vector
        else:
            found.skipped += 1
    return found


def _read_arrays(path: Path, wanted: Collection[str], watch: Watch) -> VectorFile:
    """A matrix (words, size) of floats, block by block; the words: an array of texts, or a file beside it."""
    with zipfile.ZipFile(path) as archive:
        heads = {}
        for name in archive.namelist():
            with archive.open(name) as member:
                heads[name] = _array_head(path, cast(BinaryIO, member))
        matrices = [name for name, (shape, kind) in heads.items() if len(shape) == 2 and kind.kind == "f"]
        texts = [name for name, (shape, kind) in heads.items() if len(shape) == 1 and kind.kind == "U"]
        if len(matrices) != 1:
            raise _damaged(path, ", ".join(heads))
        rows = heads[matrices[0]][0][0]
        with archive.open(matrices[0]) as member:
            if not texts:
                words = _words_beside(path, rows)
                return _read_matrix(path, cast(BinaryIO, member), words, len(words), wanted, watch)
            with archive.open(texts[0]) as other:
                count = heads[texts[0]][0][0]
                return _read_matrix(
                    path, cast(BinaryIO, member), _words_in(path, cast(BinaryIO, other)), count, wanted, watch
                )


def _words_in(path: Path, file: BinaryIO) -> Iterator[str]:
    (rows,), kind = _array_head(path, file)
    if kind.itemsize > 4 * LONGEST_WORD:
        raise _damaged(path, str(kind))
    for start in range(0, rows, _ROWS_AT_ONCE):
        content = file.read(min(_ROWS_AT_ONCE, rows - start) * kind.itemsize)
        yield from map(str, np.frombuffer(content, dtype=kind))


def _array_head(path: Path, file: BinaryIO) -> tuple[tuple[int, ...], np.dtype[np.generic]]:
    version = np.lib.format.read_magic(file)
    read = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
    count = file.read(2 if version == (1, 0) else 4)
    if (length := int.from_bytes(count, "little")) > LONGEST_HEADER:
        raise _damaged(path, f"{length:,}")
    shape, by_columns, kind = read(io.BytesIO(count + file.read(length)))
    if kind.hasobject:
        raise UserError("VECTORS_PICKLED", path=str(path))
    if by_columns and len(shape) > 1:
        raise _damaged(path, "Fortran order")
    return shape, kind


def _read_matrix(
    path: Path, file: BinaryIO, words: Iterable[str], count: int, wanted: Collection[str], watch: Watch
) -> VectorFile:
    (rows, size), kind = _array_head(path, file)
    if not 0 < size <= LARGEST_SIZE:
        raise _damaged(path, f"{rows} × {size}")
    if count != rows:
        raise UserError("VECTORS_WITHOUT_WORDS", path=str(path), rows=rows, words=count)
    found = VectorFile(size=size)
    width = size * kind.itemsize
    units = iter(words)
    for start in range(0, rows, _ROWS_AT_ONCE):
        watch(start, rows)
        content = file.read(min(_ROWS_AT_ONCE, rows - start) * width)
        if len(content) < min(_ROWS_AT_ONCE, rows - start) * width:
            raise _damaged(path, f"{start:,} / {rows:,}")
        for row, unit in zip(np.frombuffer(content, dtype=kind).reshape(-1, size), units, strict=False):
            found.rows += 1
            if unit not in wanted or unit in found.vectors:
                continue
            if _is_sound(row):
                found.vectors[unit] = row.astype(np.float32)
            else:
                found.skipped += 1
    return found


def _words_beside(path: Path, rows: int) -> list[str]:
    """The words of a matrix that lie in the same folder: ``NAME.json`` or ``NAME.txt``, else the one list of
    words (``…vocab….json`` or ``.txt``) there that is as long as the matrix."""
    named = [path.with_suffix(ending) for ending in (".json", ".txt")]
    others = sorted(
        each for each in path.parent.glob("*vocab*") if each.suffix in (".json", ".txt") and each.is_file()
    )
    lists = [words for each in named if each.is_file() for words in [_word_list(each)]]
    if lists:
        return lists[0]
    fitting = [words for each in others if len(words := _readable_list(each)) == rows]
    if len(fitting) == 1:
        return fitting[0]
    raise UserError("VECTORS_WITHOUT_WORDS", path=str(path), rows=rows, words=0)


def _readable_list(path: Path) -> list[str]:
    """Nothing of a file that is no list of words: it may have nothing to do with the matrix."""
    try:
        return _word_list(path)
    except (OSError, ValueError, TypeError, RecursionError, UserError):
        return []


def _word_list(path: Path) -> list[str]:
    if path.stat().st_size > LARGEST_LIST:
        raise _damaged(path, f"{path.stat().st_size:,} B")
    text = path.read_text("utf-8-sig")
    if path.suffix == ".txt":
        return text.removesuffix("\n").split("\n")
    values = json.loads(text)
    if isinstance(values, dict):
        values = sorted(values, key=values.__getitem__)
    return [str(word) for word in values] if isinstance(values, list) else []
