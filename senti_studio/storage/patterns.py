"""Regular expressions that users write, with an end to the time that they may take."""

from __future__ import annotations

from typing import TYPE_CHECKING

from senti_studio.errors import UserError
from senti_studio.storage.pattern_size import LARGEST, written_out

if TYPE_CHECKING:
    import regex

TEXT_SECONDS = 0.5
"""A pattern that needs longer for one text is given up."""
_AT_ONCE_SECONDS = 0.01
LONGEST = 1000
"""Characters of a pattern."""


class TextPattern:
    """A pattern over texts; ASCII and other letters match in either case.

    Nearly every text takes microseconds, for which the interpreter lock is not given back. One that takes
    longer is begun again without the lock, so that a pattern that backtracks for ever stops nobody else.
    """

    def __init__(self, source: str) -> None:
        """Raises UserError ``BAD_PATTERN`` for one that is no regular expression, ``PATTERN_TOO_LARGE``."""
        self._source = source
        self._pattern = compiled(source)

    def is_in(self, text: str) -> bool:
        """Raises UserError ``PATTERN_TOO_SLOW``."""
        try:
            return self._pattern.search(text, timeout=_AT_ONCE_SECONDS, concurrent=False) is not None
        except TimeoutError:
            return self._is_in_slowly(text)

    def _is_in_slowly(self, text: str) -> bool:
        try:
            return self._pattern.search(text, timeout=TEXT_SECONDS, concurrent=True) is not None
        except TimeoutError as error:
            raise UserError("PATTERN_TOO_SLOW", pattern=self._source) from error


def compiled(source: str) -> regex.Pattern[str]:
    """Raises UserError ``BAD_PATTERN`` with what is wrong and where (counted from 1), ``PATTERN_TOO_LARGE``
    for repetitions that would fill the memory."""
    import regex

    if len(source) > LONGEST:
        raise UserError("BAD_PATTERN", pattern=source[:40] + "…", reason=f"> {LONGEST}", at=LONGEST)
    if written_out(source) > LARGEST:
        raise UserError("PATTERN_TOO_LARGE", pattern=source, most=LARGEST)
    try:
        return regex.compile(source, regex.IGNORECASE)
    except (regex.error, OverflowError, RecursionError) as error:
        at = getattr(error, "pos", None)
        reason = getattr(error, "msg", str(error))
        raise UserError(
            "BAD_PATTERN", pattern=source, reason=reason, at=0 if at is None else at + 1
        ) from error
