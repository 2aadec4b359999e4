"""How an option is called on the page."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class OptionText:
    """English source texts of one option; ``choices`` for options that are words."""

    title: str
    help: str
    choices: tuple[tuple[str, str], ...] = ()
    step: float = 0.0
    decimals: int = 2
    zero: str = ""
    """What the smallest value is called where it is more than a number."""
    is_file: bool = False
