"""A model that the next training can take something over from. No Qt."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ModelChoice:
    """A model that can be taken: what it is called, and of which architecture it is."""

    id: str
    name: str
    architecture: str
