"""How values of ``card.json`` are written into a card."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def mapping(values: object) -> Mapping[str, Any]:
    """``values`` where they are an object, else an empty one: cards of earlier versions know less."""
    return values if isinstance(values, Mapping) else {}


def number(value: object) -> str:
    """A number with its thousands apart."""
    return f"{value:,}" if isinstance(value, (int, float)) else "—"


def plain(text: str) -> str:
    """A name that cannot break a table, make a link of itself, or command a terminal."""
    for sign in "\\`*_[]<>|#":
        text = text.replace(sign, "\\" + sign)
    return "".join(sign for sign in " ".join(text.split()) if sign.isprintable())
