"""Whether the worker of a run still gets to work: the lock says that it lives, beats that it is not held."""

from __future__ import annotations

import time

from senti_studio.jobs.run_folder import RunFolder

BEAT_EVERY_S = 2.0
SILENT_AFTER_S = 30.0
"""A worker that has not beaten for so long is held (SIGSTOP, a debugger, a suspended virtual machine) or gets
no time of the processor; one long step is no reason, since another thread beats."""
_AWAY_S = 10.0
"""Whoever has not looked for so long has been held himself, and begins anew."""


class Pulse:
    """Looks at the signs of life of one run, by the clock of whoever looks."""

    def __init__(self, folder: RunFolder) -> None:
        self._folder = folder
        self.restart()

    def restart(self) -> None:
        """Another worker is at work."""
        self._sign: tuple[int, int] | None = None
        self._since = self._looked = time.monotonic()

    def silent_s(self) -> float:
        """Seconds since the last sign of life, as far as it was looked for; call it every second or so."""
        now = time.monotonic()
        sign = self._folder.sign_of_life()
        if sign != self._sign or now - self._looked > _AWAY_S:
            self._sign, self._since = sign, now
        self._looked = now
        return now - self._since
