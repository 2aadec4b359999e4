"""Devices of a spec that stand for several processes which learn together."""

from __future__ import annotations

import re

ALL_CARDS = "cuda:all"
"""One process on each graphics card of this machine."""

_PROCESSES = re.compile(r"cpu:([2-8])")


def processes_in(device: str) -> int:
    """How many processes on the processor ``cpu:2`` … ``cpu:8`` name, 0 for any other device."""
    found = _PROCESSES.fullmatch(device)
    return int(found[1]) if found else 0
