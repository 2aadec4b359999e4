"""Starts worker processes: detached runs that outlive the window, and the command of attached helpers."""

from __future__ import annotations

import atexit
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from senti_studio.jobs.run_folder import RunFolder

WORKER_ENVIRONMENT = {
    # Spinning OpenMP threads stop a recurrent net dead as soon as another program wants the cores.
    "OMP_WAIT_POLICY": "PASSIVE",
    "KMP_BLOCKTIME": "0",
    "PYTHONUTF8": "1",
    "PYTHONUNBUFFERED": "1",
}

RUN_ENVIRONMENT = {
    # For glibc: what a step of a training frees the next one needs. Given back to the system and fetched
    # again it costs a tenth of the time and more.
    "MALLOC_MMAP_THRESHOLD_": str(64 << 20),
    "MALLOC_TRIM_THRESHOLD_": str(512 << 20),
    # oneDNN keeps a plan for each shape of a product, and hardly two batches of texts have the same: with its
    # thousand plans a process grows by two gigabytes and more, and a step needs one or two hundred.
    "ONEDNN_PRIMITIVE_CACHE_CAPACITY": "256",
    "LRU_CACHE_CAPACITY": "256",
}


_children: list[subprocess.Popen[bytes]] = []


def reap_children() -> None:
    """Lets go of workers that ended, so that none stays behind as a zombie."""
    _children[:] = [child for child in _children if child.poll() is None]


@atexit.register
def _leave_children() -> None:
    """Detached runs outlive us on purpose: Python shall not warn that they are still at work."""
    reap_children()
    for child in _children:
        child.returncode = 0


def worker_command(*arguments: str) -> list[str]:
    """The command line of ``senti-studio worker …`` for this installation, also in a frozen build.

    With ``-P``: a run works in its own folder, which may have come from anybody, and ``-m`` alone would take
    modules from there before all others.
    """
    if getattr(sys, "frozen", False):
        program = Path(sys.executable)
        console = program.with_name("senti-studio-worker" + program.suffix)
        return [str(console if console.exists() else program), "worker", *arguments]
    return [sys.executable, "-P", "-m", "senti_studio", "worker", *arguments]


def worker_environment() -> dict[str, str]:
    """The environment that every worker gets; what the user set himself wins for the thread settings only."""
    return {**WORKER_ENVIRONMENT, **os.environ, "PYTHONUTF8": "1", "PYTHONUNBUFFERED": "1"}


def launch_run(folder: RunFolder, *, resume: bool = False, extra: Sequence[str] = ()) -> int:
    """Starts the run of ``folder`` in a session of its own and returns its process id.

    stdout and stderr go to ``worker.log``. Raises OSError when the process cannot be started.
    """
    kind = folder.spec().kind
    arguments = [kind, str(folder.path), *(["--resume"] if resume else []), *extra]
    with folder.log_path.open("ab") as log:
        folder.note_launch()
        process = subprocess.Popen(
            worker_command(*arguments),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            env={**RUN_ENVIRONMENT, **worker_environment()},
            cwd=str(folder.path),
            close_fds=True,
            **_detached(),
        )
        folder.note_worker(process.pid)
    reap_children()
    _children.append(process)
    return process.pid


def end_by_force(folder: RunFolder, pid: int) -> bool:
    """Kills the worker ``pid`` of a run that no longer listens; False when nobody holds its lock any more.

    The lock says that the worker lives, so the number cannot have passed on to a stranger.
    """
    if pid <= 0 or not folder.is_alive():
        return False
    try:
        os.kill(pid, getattr(signal, "SIGKILL", signal.SIGTERM))
    except ProcessLookupError:
        return False
    reap_children()
    return True


def _detached() -> dict[str, Any]:
    if sys.platform == "win32":
        flags = subprocess.CREATE_NO_WINDOW | subprocess.CREATE_NEW_PROCESS_GROUP
        return {"creationflags": flags | subprocess.BELOW_NORMAL_PRIORITY_CLASS}
    return {"start_new_session": True}
