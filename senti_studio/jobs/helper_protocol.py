"""JSON lines between a window (or a script) and its attached helpers; see ``docs/protocol.md``."""

from __future__ import annotations

import dataclasses
import enum
import json
import types
import typing
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

HELPERS = (
    "preview",
    "import",
    "export",
    "index",
    "survey",
    "assist",
    "explain",
    "models",
    "encoders",
    "probe",
)
"""The attached helpers: ``senti-studio worker NAME``."""

ANSWERS = ("Progress", "Result", "Failed")
CANCEL = "cancel"

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Request:
    """One line to a helper: ``do`` with its parameters; ``cancel`` names the id of another request."""

    id: int
    do: str
    params: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Answer:
    """One line from a helper. ``Result`` and ``Failed`` end a request; exactly one of them comes for each.

    ``values``: the fields of a progress or result; of a failure ``code``, ``params`` and ``traceback``.
    """

    id: int
    type: str
    values: Mapping[str, Any] = field(default_factory=dict)

    @property
    def is_last(self) -> bool:
        return self.type != "Progress"


def request_to_line(request: Request) -> bytes:
    return _line({"id": request.id, "do": request.do, **request.params})


def request_from_line(line: bytes | str) -> Request | None:
    """Reads one line; None when it is no request (to be skipped, with a word in the log)."""
    values = _object(line)
    if values is None or not isinstance(values.get("do"), str) or not isinstance(values.get("id"), int):
        return None
    rest = {name: value for name, value in values.items() if name not in ("id", "do")}
    return Request(values["id"], values["do"], rest)


def answer_to_line(answer: Answer) -> bytes:
    return _line({"id": answer.id, "type": answer.type, **answer.values})


def answer_from_line(line: bytes | str) -> Answer | None:
    """Reads one line; None for an unknown type or a line that is no answer."""
    values = _object(line)
    if values is None or values.get("type") not in ANSWERS or not isinstance(values.get("id"), int):
        return None
    rest = {name: value for name, value in values.items() if name not in ("id", "type")}
    return Answer(values["id"], values["type"], rest)


class LineBuffer:
    """Collects bytes as they arrive and gives whole lines; a half-received line (or character) waits for
    its end."""

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, block: bytes) -> list[bytes]:
        """The lines that ``block`` completes, without their line feeds; blank ones are left out."""
        *lines, self._rest = (self._rest + block).split(b"\n")
        return [line for line in lines if line.strip()]


def to_json(value: Any) -> Any:
    """A dataclass (nested, with tuples, mappings and enums) as plain JSON values."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: to_json(getattr(value, f.name)) for f in dataclasses.fields(value)}
    if isinstance(value, enum.Enum):
        return value.value
    if isinstance(value, Mapping):
        return {str(key): to_json(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [to_json(item) for item in value]
    return value


def from_json(kind: type[Value], values: Any) -> Value:
    """The dataclass that `to_json` made ``values`` from; unknown fields are dropped.

    Raises TypeError when a field without a default is missing or a nested value has the wrong shape.
    """
    made = _build(kind, values)
    return typing.cast("Value", made)


def _build(kind: Any, value: Any) -> Any:
    origin, inner = typing.get_origin(kind), typing.get_args(kind)
    if origin in (typing.Union, types.UnionType):
        real = [part for part in inner if part is not type(None)]
        return None if value is None else _build(real[0], value)
    if origin is tuple:
        if len(inner) == 2 and inner[1] is Ellipsis:
            return tuple(_build(inner[0], item) for item in value)
        return tuple(_build(part, item) for part, item in zip(inner, value, strict=True))
    if origin is frozenset:
        return frozenset(_build(inner[0], item) for item in value)
    if dataclasses.is_dataclass(kind) and isinstance(kind, type):
        if not isinstance(value, Mapping):
            raise TypeError(f"{kind.__name__} from {type(value).__name__}")
        hints = typing.get_type_hints(kind)
        known = {f.name for f in dataclasses.fields(kind)}
        return kind(**{name: _build(hints[name], item) for name, item in value.items() if name in known})
    if isinstance(kind, type) and issubclass(kind, enum.Enum):
        return kind(value)
    return value


def _line(values: Mapping[str, Any]) -> bytes:
    # "replace": a lone surrogate (a file name that is no UTF-8) must not end the conversation.
    text = json.dumps(to_json(values), ensure_ascii=False, separators=(",", ":"))
    return text.encode("utf-8", "replace") + b"\n"


def _object(line: bytes | str) -> dict[str, Any] | None:
    try:
        values = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return values if isinstance(values, dict) else None
