"""The two kinds of error: the user's world (a sentence and a next step) and our own bugs."""

from __future__ import annotations

from typing import Any


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
        return f"{self.code} {self.params}" if self.params else self.code


class BugError(SentiError):
    """A state that our own code must never reach; shown with details to copy."""
