"""What breaks inside the library of tokenizers, as an error that can be told.

It is written in Rust, and where it takes a file for better than it is it panics. That reaches Python as an
exception that `except Exception` does not see.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

from senti_studio.errors import UserError

PROBES = ("好", "a", "1", ".", "龘 Ab-12，…\u200d👍ﷺ ", "")
"""Texts on which a tokenizer that only looks whole breaks: unknown characters, marks, none at all."""


@contextmanager
def broken_told(
    tell: Callable[[BaseException], Exception],
    *,
    told: type[Exception] | tuple[type[Exception], ...] = (),
    passing: type[Exception] | tuple[type[Exception], ...] = (),
) -> Iterator[None]:
    """Raises what ``tell`` makes of a panic, and of exceptions ``told`` but those that are ``passing``."""
    try:
        yield
    except passing:
        raise
    except BaseException as error:
        # A panic has no class that could be named.
        if not isinstance(error, told) and type(error).__name__ != "PanicException":
            raise
        raise tell(error) from error


def panics_told(file: str) -> AbstractContextManager[None]:
    """Raises UserError ``TOKENIZER_BROKE`` in the place of a panic."""
    return broken_told(lambda error: UserError("TOKENIZER_BROKE", file=file, reason=str(error)[:200]))
