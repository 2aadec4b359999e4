"""The stop ladder: a command, "Stopping…", after ten seconds *Force stop*, then the process is killed."""

from __future__ import annotations

from dataclasses import dataclass

FORCE_AFTER_S = 10.0


@dataclass(slots=True)
class Ladder:
    """What was asked of a run (``pause`` | ``stop`` | ``cancel`` | nothing) and whether it may be
    forced by now."""

    wish: str = ""
    may_force: bool = False

    def ask(self, wish: str) -> None:
        self.wish, self.may_force = wish, False

    def clear(self) -> None:
        self.wish, self.may_force = "", False
