"""Keeps Python's cycle collector from stopping the window: what lives for ever is not looked at again."""

from __future__ import annotations

import gc


def leave_alone() -> None:
    """Takes everything that exists now out of the collector's sight; after the window or a page was made.

    A full collection over the objects of Qt's modules and the pages takes over 100 ms on a slow machine, in
    the middle of a plot or of a key press. What was made since the last call is still collected.
    """
    gc.freeze()
