"""Keeps the machine from going to sleep while a run works."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator

_WHY = "Senti Studio: a run is at work"


@contextlib.contextmanager
def awake() -> Iterator[None]:
    """Asks the system not to sleep until the block (or the process) ends; does nothing where there is nobody
    to ask."""
    if sys.platform == "win32":
        import ctypes

        continuous, system_required = 0x80000000, 0x00000001
        ctypes.windll.kernel32.SetThreadExecutionState(continuous | system_required)
        try:
            yield
        finally:
            ctypes.windll.kernel32.SetThreadExecutionState(continuous)
        return
    keeper = _start(_command(os.getpid()))
    try:
        yield
    finally:
        if keeper is not None:
            keeper.terminate()
            keeper.wait()


def _command(pid: int) -> list[str]:
    """A command that holds the machine awake and ends by itself when process ``pid`` dies."""
    if sys.platform == "darwin":
        return ["caffeinate", "-i", "-w", str(pid)]
    return [
        "systemd-inhibit",
        "--what=idle:sleep",
        "--mode=block",
        "--who=Senti Studio",
        f"--why={_WHY}",
        "tail",
        f"--pid={pid}",
        "-f",
        "/dev/null",
    ]


def _start(command: list[str]) -> subprocess.Popen[bytes] | None:
    program = shutil.which(command[0])
    if program is None:
        return None
    try:
        return subprocess.Popen(
            [program, *command[1:]],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
    except OSError as error:
        print(f"cannot keep the machine awake: {error}", file=sys.stderr)  # noqa: T201 - the log of the run
        return None
