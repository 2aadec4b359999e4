"""Groups of comments that nearly say the same."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class NearSummary:
    """What the last look for near-copies found: ``groups`` of two or more, with ``members`` comments in all,
    among ``comments`` that were looked at. ``is_current``: no file has come or gone since."""

    groups: int
    members: int
    comments: int
    seconds: float
    is_current: bool = True
