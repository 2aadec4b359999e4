"""transformers, imported when it is needed: that takes seconds, and only runs with an encoder need it."""

from __future__ import annotations

import functools
from typing import Any


@functools.cache
def transformers() -> Any:
    """The package, silent: it is read by a program, not by people, and nothing is fetched."""
    import transformers as found

    found.logging.set_verbosity_error()
    found.logging.disable_progress_bar()
    return found
