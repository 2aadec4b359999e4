"""What breaks inside the library of tokenizers, as an error that can be told.

It is written in Rust, and where it takes a file for better than it is it panics. That reaches Python as an
exception that `except Exception` does not see.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from senti_studio.errors import UserError

PROBES = ("好", "a", "1", ".", "龘 Ab-12，…\u200d👍ﷺ ", "")
"""Texts on which a tokenizer that only looks whole breaks: unknown characters, marks, none at all."""


def is_panic(error: BaseException) -> bool:
    """Whether ``error`` is what a panic of a Rust library becomes."""
    return type(error).__name__ == "PanicException"


@contextmanager
def panics_told(file: str) -> Iterator[None]:
    """Raises UserError ``TOKENIZER_BROKE`` in the place of a panic."""
    try:
        yield
    except BaseException as error:
        if not is_panic(error):
            raise
        raise UserError("TOKENIZER_BROKE", file=file, reason=str(error)[:200]) from error
