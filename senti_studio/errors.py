"""The two kinds of error: the user's world (a sentence and a next step) and our own bugs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

_speakers: list[Callable[[str, Mapping[str, Any]], str]] = []


def speak_with(speaker: Callable[[str, Mapping[str, Any]], str]) -> None:
    """From now on ``speaker`` makes a sentence of code and parameters: the catalogue knows these errors, not
    they the catalogue."""
    _speakers.append(speaker)


class SentiError(Exception):
    """Root of every error that this program raises on purpose."""


class UserError(SentiError):
    """Something outside the program is not as needed: a file, the disk, an input.

    ``code`` is a key of the message catalogue (`senti_studio.messages`), ``params`` fill its sentence.
    Codes, not prose, cross process boundaries.
    """

    def __init__(self, code: str, **params: Any) -> None:
        super().__init__(code, params)
        self.code = code
        self.params: dict[str, Any] = params

    def __str__(self) -> str:
        """The sentence of the catalogue with the code behind it; code and parameters where no catalogue has
        been loaded."""
        if _speakers:
            return f"{_speakers[-1](self.code, self.params)} ({self.code})"
        return f"{self.code} {self.params}" if self.params else self.code


class BugError(SentiError):
    """A state that our own code must never reach; shown with details to copy."""
