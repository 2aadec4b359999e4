"""The stop ladder: a command, "Stopping…", after ten seconds *Force stop*, then the process is killed."""

from __future__ import annotations

from dataclasses import dataclass

FORCE_AFTER_S = 10.0


@dataclass(slots=True)
class Ladder:
    """What was asked of a run (``pause`` | ``stop`` | ``cancel`` | nothing) and whether it may be
    forced by now; ``is_silent``: its process lives and gives no sign of life, so it would not hear;
    ``is_gone``: its folder is no longer where it was, so nobody can say how it stands."""

    wish: str = ""
    may_force: bool = False
    is_silent: bool = False
    is_gone: bool = False

    def ask(self, wish: str) -> None:
        self.wish, self.may_force = wish, False

    def clear(self) -> None:
        self.wish, self.may_force, self.is_silent, self.is_gone = "", False, False, False

    @property
    def ends_in_force(self) -> bool:
        """Nothing but force helps at present."""
        return self.may_force or self.is_silent
