"""What a check of an encoder says: facts, and findings as codes with parameters."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from senti_studio.errors import UserError

Progress = Callable[[int, int], None]
"""Called with bytes done and bytes in all (0: not known)."""
ShouldStop = Callable[[], bool]


def tell_nobody(_done: int, _total: int) -> None:
    """For callers that do not want to know."""


def never() -> bool:
    """For callers that do not stop anything."""
    return False


@dataclass(frozen=True, slots=True)
class Finding:
    """``code`` is a key of the message catalogue; one that ``refuses`` keeps the encoder off the shelf."""

    code: str
    params: Mapping[str, Any]
    refuses: bool = True


@dataclass(frozen=True, slots=True)
class Facts:
    """Of an encoder, from its files alone. ``longest``: units of a text that it can read at once (0: no
    limit); ``table``: rows of its embedding table, ``vocabulary``: units that its vocabulary names;
    ``chinese``: how many of these hold a Chinese character; ``weights``: ``safetensors`` or ``pickled``;
    sizes in bytes."""

    family: str = ""
    family_name: str = ""
    layers: int = 0
    width: int = 0
    heads: int = 0
    inner: int = 0
    parameters: int = 0
    table: int = 0
    vocabulary: int = 0
    chinese: int = 0
    longest: int = 0
    weights: str = ""
    number_type: str = ""
    licence: str = ""
    size: int = 0


@dataclass(frozen=True, slots=True)
class Checked:
    """``files``: what belongs to the encoder, by name; everything else stays where it is."""

    facts: Facts
    files: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = field(default=())

    @property
    def refusals(self) -> tuple[Finding, ...]:
        return tuple(finding for finding in self.findings if finding.refuses)

    @property
    def is_fit(self) -> bool:
        return not self.refusals

    def require_fit(self) -> None:
        """Raises UserError with the first finding that refuses; the number of further ones is its
        ``more``."""
        if not self.refusals:
            return
        first = self.refusals[0]
        raise UserError(first.code, **{**first.params, "more": len(self.refusals) - 1})
