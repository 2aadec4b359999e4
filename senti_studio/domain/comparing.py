"""Lines of a file as several encodings read them, side by side."""

from __future__ import annotations

from dataclasses import dataclass

COMPARED_LINES = 200


@dataclass(frozen=True, slots=True)
class ComparedLine:
    """One line (long ones in part); ``texts`` and ``damaged`` have one place for each encoding."""

    line: int
    texts: tuple[str, ...]
    damaged: tuple[bool, ...]

    @property
    def differs(self) -> bool:
        """Whether it matters for this line which encoding is chosen."""
        return len(set(self.texts)) > 1


@dataclass(frozen=True, slots=True)
class EncodingComparison:
    """At most `COMPARED_LINES` lines: first those that the first encoding finds damaged, then those that
    differ, then others; each group in the order of the file."""

    encodings: tuple[str, ...]
    lines: tuple[ComparedLine, ...]
