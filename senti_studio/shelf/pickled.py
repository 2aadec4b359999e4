"""Looks into weights that `torch.save` wrote, without unpickling them.

Such a file is a zip with a pickle in it (an older one several pickles and the weights behind them), and a
pickle is a program: it can call any function by name. Here its instructions are read one by one
(`pickletools`), on a stack that knows shapes and names and calls nothing; the first instruction or name
that weights have no need of is the end of it.
"""

from __future__ import annotations

import io
import pickletools
import re
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, BinaryIO

from senti_studio.shelf.tensors import BYTES, MOST_SIDES, ShortFileError, Tensor
from senti_studio.shelf.unpacking import BROKEN_ZIP

_KINDS = {
    "FloatStorage": "F32", "HalfStorage": "F16", "BFloat16Storage": "BF16", "DoubleStorage": "F64",
    "LongStorage": "I64", "IntStorage": "I32", "ShortStorage": "I16", "CharStorage": "I8",
    "ByteStorage": "U8", "BoolStorage": "BOOL",
}  # fmt: skip
_REBUILD = "torch._utils _rebuild_tensor_v2"
_PARAMETER = "torch._utils _rebuild_parameter"
_DICTIONARY = "collections OrderedDict"
ALLOWED = frozenset({_REBUILD, _PARAMETER, _DICTIONARY, *(f"torch {name}" for name in _KINDS)})
"""What a table of weights needs to name; `torch.load(weights_only=True)` allows these, too."""

_TABLE = re.compile(r"[^/]+/data\.pkl")
_LARGEST_PICKLE = 64 << 20
_LONGEST_LINE = 10_000
_OLD_MAGIC, _OLD_VERSION = 0x1950A86A20F9469CFC6C, 1001
_MOST_ENTRIES = 100_000


class UnsafePickleError(ValueError):
    """A pickle that does more than to list weights; ``name``: what it asks for."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


class OldPickleError(ValueError):
    """Some other pickle, or none at all: nothing that could be looked into."""


@dataclass(frozen=True, slots=True)
class _Named:
    name: str


@dataclass(frozen=True, slots=True)
class _Storage:
    kind: str
    key: str = ""


@dataclass(frozen=True, slots=True)
class Stored(Tensor):
    """``storage``: what holds its numbers; ``first``: how many numbers of that lie before it; ``is_plain``:
    they lie there one behind the other, as safetensors has them."""

    storage: str = ""
    first: int = 0
    is_plain: bool = False


class _Mark:
    """The place of a MARK on the stack."""


def read_pickled_table(path: Path) -> dict[str, Stored]:
    """Name -> shape, kind and place of each tensor. Raises `OldPickleError`, `UnsafePickleError`,
    `ShortFileError`, ValueError (damaged) and OSError."""
    try:
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive:
                state = _Reader().read(io.BytesIO(_pickle_of(archive, path.stat().st_size)))
        else:
            state, _ = _state_of_old_form(path)
    except BROKEN_ZIP as error:
        raise ValueError(str(error)[:200]) from error
    if not isinstance(state, dict):
        raise ValueError("no table of weights")
    inner = state.get("state_dict")
    table = inner if isinstance(inner, dict) else state
    tensors = {name: value for name, value in table.items() if isinstance(value, Stored)}
    return {name: value for name, value in tensors.items() if isinstance(name, str)}


@contextmanager
def storages(path: Path) -> Iterator[Callable[[str, int], IO[bytes]]]:
    """Gives what opens a storage by its name, so many bytes behind its beginning; of a file that
    `read_pickled_table` has read. Raises KeyError, ValueError and OSError."""
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            table = next(name for name in archive.namelist() if _TABLE.fullmatch(name))

            def packed(key: str, skipped: int) -> IO[bytes]:
                stream = archive.open(f"{table.removesuffix('data.pkl')}data/{key}")
                stream.seek(skipped)
                return stream

            yield packed
        return
    _, starts = _state_of_old_form(path)

    def plain(key: str, skipped: int) -> IO[bytes]:
        stream = path.open("rb")
        stream.seek(starts[key] + skipped)
        return stream

    yield plain


def is_little_endian(path: Path) -> bool:
    """Whether the numbers lie there as nearly every processor has them, and safetensors always."""
    if not zipfile.is_zipfile(path):
        return True  # the old form knows nothing else
    with zipfile.ZipFile(path) as archive:
        noted = [name for name in archive.namelist() if re.fullmatch(r"[^/]+/byteorder", name)]
        return not noted or archive.read(noted[0])[:8] == b"little"


def _state_of_old_form(path: Path) -> tuple[Any, dict[str, int]]:
    """And where each storage begins.

    What `torch.save` wrote before 1.6, as many known encoders have it: a number to know it by, a
    version, a table of facts, the table of weights, the names of their storages, and then these, each
    with its length."""
    with path.open("rb") as file:
        if file.read(2) == b"PK":
            raise ValueError("cut off")  # a zip that lost its end
        file.seek(0)
        stream = _Measured(file)
        if _Reader().read(stream) != _OLD_MAGIC or _Reader().read(stream) != _OLD_VERSION:
            raise OldPickleError(path.name)
        _Reader().read(stream)
        reader = _Reader()
        state = reader.read(stream)
        order = _Reader().read(stream)
        needed, starts = file.tell(), {}
        for key in order if isinstance(order, list) else reader.storages:
            if not isinstance(key, str) or key not in reader.storages:
                raise ValueError("a storage that no weight lies in")
            starts[key] = needed + 8
            needed += 8 + reader.storages[key]
    size = path.stat().st_size
    if size < needed:
        raise ShortFileError(size, needed)
    return state, starts


class _Measured:
    """A file of which no more is read than a table of weights can need."""

    def __init__(self, file: BinaryIO) -> None:
        self._file, self._left = file, _LARGEST_PICKLE

    def read(self, count: int) -> bytes:
        self._left -= count
        if self._left < 0:
            raise ValueError("no table of weights")
        return self._file.read(count)

    def readline(self) -> bytes:
        line = self._file.readline(_LONGEST_LINE)
        self._left -= len(line)
        return line

    def tell(self) -> int:
        return self._file.tell()


def _pickle_of(archive: zipfile.ZipFile, size: int) -> bytes:
    entries = archive.infolist()
    if len(entries) > _MOST_ENTRIES or sum(entry.file_size for entry in entries) > size:
        raise ValueError("packed weights")  # torch stores them as they are
    found = [
        entry for entry in entries if entry.filename.count("/") == 1 and entry.filename.endswith("/data.pkl")
    ]
    if len(found) != 1:
        raise OldPickleError("data.pkl")
    pickles = [entry for entry in entries if entry.filename.lower().endswith((".pkl", ".pickle", ".py"))]
    if len(pickles) != 1:
        raise UnsafePickleError(next(entry.filename for entry in pickles if entry not in found)[:100])
    if found[0].file_size > _LARGEST_PICKLE:
        raise ValueError(f"data.pkl: {found[0].file_size} bytes")
    return archive.read(found[0])


class _Reader:
    """A stack and a memo as the pickle machine has them, of values that are only looked at."""

    def __init__(self) -> None:
        self._stack: list[Any] = []
        self._memo: dict[int, Any] = {}
        self.storages: dict[str, int] = {}
        """Bytes of each storage that the weights lie in."""

    def read(self, pickle: Any) -> Any:
        """The value of the next pickle of a stream, as far as it is a table of weights."""
        try:
            for opcode, argument, _ in pickletools.genops(pickle):
                if opcode.name == "STOP":
                    return self._stack.pop()
                self._do(opcode.name, argument)
        except (IndexError, TypeError, KeyError, AttributeError, OverflowError) as error:
            raise ValueError(f"data.pkl: {type(error).__name__}") from error
        raise ValueError("data.pkl: no end")

    def _do(self, name: str, argument: Any) -> None:
        if name in _VALUES:
            self._stack.append(argument)
        elif name in _MADE:
            self._stack.append(_MADE[name]())
        elif name in _ACTS:
            _ACTS[name](self, argument)
        elif name not in ("PROTO", "FRAME"):
            raise UnsafePickleError(name)

    def _since_mark(self) -> list[Any]:
        place = max(index for index, value in enumerate(self._stack) if isinstance(value, _Mark))
        values = self._stack[place + 1 :]
        del self._stack[place:]
        return values

    def _tuple(self, count: int) -> None:
        values = tuple(self._stack[-count:])
        del self._stack[-count:]
        self._stack.append(values)

    def _keep(self, place: Any) -> None:
        self._memo[len(self._memo) if place is None else int(place)] = self._stack[-1]

    def _name(self, argument: Any) -> None:
        # genops gives "module name"; STACK_GLOBAL takes both from the stack.
        if argument is None:
            name, module = self._stack.pop(), self._stack.pop()
            if not (isinstance(name, str) and isinstance(module, str)):
                raise UnsafePickleError("STACK_GLOBAL")
            argument = f"{module} {name}"
        if argument not in ALLOWED:
            raise UnsafePickleError(argument.replace(" ", ".")[:100])
        self._stack.append(_Named(argument))

    def _storage(self, _: Any) -> None:
        parts = self._stack.pop()
        if not (isinstance(parts, tuple) and len(parts) > 1 and isinstance(parts[1], _Named)):
            raise ValueError("data.pkl: a storage without a kind")
        kind = _KINDS.get(parts[1].name.partition(" ")[2], "")
        if len(parts) > 4 and isinstance(parts[2], str) and isinstance(parts[4], int):
            self.storages[parts[2]] = parts[4] * BYTES.get(kind, 0)
        self._stack.append(_Storage(kind, parts[2] if len(parts) > 2 and isinstance(parts[2], str) else ""))

    def _call(self, _: Any) -> None:
        arguments, named = self._stack.pop(), self._stack.pop()
        if not isinstance(named, _Named) or not isinstance(arguments, tuple):
            raise UnsafePickleError(type(named).__name__)
        if named.name == _DICTIONARY:
            self._stack.append({})
            for pair in arguments[0] if arguments else ():
                self._set(list(pair))
        elif named.name == _PARAMETER:
            self._stack.append(arguments[0])
        elif named.name == _REBUILD and isinstance(arguments[0], _Storage):
            self._stack.append(_stored(*arguments[:4]))
        else:
            raise UnsafePickleError(named.name.replace(" ", "."))

    def _set(self, pairs: list[Any]) -> None:
        table = self._stack[-1]
        for key, value in zip(pairs[::2], pairs[1::2], strict=True):
            # Nothing else is ever asked for its hash: of tuples in tuples that takes for ever.
            if not isinstance(key, str | int) or not isinstance(table, dict):
                raise ValueError("data.pkl: no table of names")
            table[key] = value

    def _extend(self, values: list[Any]) -> None:
        target = self._stack[-1]
        if not isinstance(target, list):
            raise TypeError("list")
        target.extend(values)

    def _set_one(self) -> None:
        value, key = self._stack.pop(), self._stack.pop()
        self._set([key, value])


def _stored(storage: _Storage, first: Any, size: Any, stride: Any) -> Stored:
    shape, steps = _shape(size), _shape(stride)
    step, is_plain = 1, isinstance(first, int) and 0 <= first < 1 << 48 and len(shape) == len(steps)
    for side, there in zip(reversed(shape), reversed(steps), strict=False):
        is_plain = is_plain and (side <= 1 or there == step)
        step *= max(1, side)
    return Stored(shape, storage.kind, storage.key, first if is_plain else 0, is_plain)


def _shape(given: Any) -> tuple[int, ...]:
    is_short = isinstance(given, tuple) and len(given) <= MOST_SIDES
    if is_short and all(isinstance(side, int) and 0 <= side < 1 << 48 for side in given):
        shape: tuple[int, ...] = given
        return shape
    raise ValueError("data.pkl: a shape that is none")


_VALUES = frozenset(
    (
        "INT", "BININT", "BININT1", "BININT2", "LONG", "LONG1", "LONG4", "FLOAT", "BINFLOAT", "UNICODE",
        "BINUNICODE", "SHORT_BINUNICODE", "BINUNICODE8", "STRING", "BINSTRING", "SHORT_BINSTRING",
        "BINBYTES", "SHORT_BINBYTES",
    )
)  # fmt: skip
_MADE: dict[str, Callable[[], Any]] = {
    "EMPTY_DICT": dict,
    "EMPTY_LIST": list,
    "EMPTY_TUPLE": tuple,
    "NONE": lambda: None,
    "NEWTRUE": lambda: True,
    "NEWFALSE": lambda: False,
    "MARK": _Mark,
}
_ACTS: dict[str, Callable[[_Reader, Any], Any]] = {
    "GLOBAL": _Reader._name,
    "STACK_GLOBAL": _Reader._name,
    "BINPERSID": _Reader._storage,
    "REDUCE": _Reader._call,
    "BUILD": lambda reader, _: reader._stack.pop(),  # what torch notes beside a table (versions of modules)
    "TUPLE": lambda reader, _: reader._stack.append(tuple(reader._since_mark())),
    "TUPLE1": lambda reader, _: reader._tuple(1),
    "TUPLE2": lambda reader, _: reader._tuple(2),
    "TUPLE3": lambda reader, _: reader._tuple(3),
    "SETITEMS": lambda reader, _: reader._set(reader._since_mark()),
    "SETITEM": lambda reader, _: reader._set_one(),
    "APPENDS": lambda reader, _: reader._extend(reader._since_mark()),
    "APPEND": lambda reader, _: reader._extend([reader._stack.pop()]),
    "PUT": _Reader._keep,
    "BINPUT": _Reader._keep,
    "LONG_BINPUT": _Reader._keep,
    "MEMOIZE": _Reader._keep,
    "GET": lambda reader, place: reader._stack.append(reader._memo[int(place)]),
    "BINGET": lambda reader, place: reader._stack.append(reader._memo[place]),
    "LONG_BINGET": lambda reader, place: reader._stack.append(reader._memo[place]),
}
