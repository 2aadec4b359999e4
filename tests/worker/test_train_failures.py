"""How exceptions of a run become its terminal event."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest

from senti_studio.errors import UserError
from senti_studio.jobs.protocol import Failed, Finished
from senti_studio.jobs.run_folder import RunFolder
from senti_studio.messages import CATALOGUE
from senti_studio.worker.run_process import CommandListener, failure, run_locked


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (UserError("NAN_LOSS", step=3, lr=0.1), "NAN_LOSS"),
        (OSError(errno.ENOSPC, "No space left on device", "模型/weights.safetensors"), "DISK_FULL"),
        (PermissionError(errno.EACCES, "Permission denied", "模型"), "NO_PERMISSION"),
        (MemoryError(), "OUT_OF_MEMORY"),
        (ZeroDivisionError("division by zero"), "INTERNAL"),
    ],
)
def test_exceptions_become_codes(error: BaseException, code: str, tmp_path: Path) -> None:
    end = failure(error, RunFolder(tmp_path))
    assert end.code == code
    assert code in CATALOGUE
    assert bool(end.traceback) == (code == "INTERNAL")


def test_a_bug_still_ends_with_one_terminal_event(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    folder = RunFolder(tmp_path)

    def work(listener: CommandListener) -> Finished:
        raise ZeroDivisionError("哎呀")

    assert run_locked(folder, work, resume=False) == 1
    (end,) = folder.events()
    assert isinstance(end, Failed)
    assert "哎呀" in end.params["detail"]
    assert "哎呀" in end.traceback
    assert "ZeroDivisionError" in capfd.readouterr().err
    assert not folder.is_alive()


def test_the_strongest_command_wins(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path)
    folder.send("stop")
    folder.send("pause")
    seen: list[str | None] = []
    alive: list[bool] = []

    def work(listener: CommandListener) -> Finished:
        listener.stop()
        seen.append(listener.wanted)
        alive.append(folder.is_alive())
        return Finished()

    after: list[str] = []
    assert run_locked(folder, work, resume=False, afterwards=lambda end: after.append(end.type)) == 0
    assert seen == ["stop"]
    assert alive == [True]
    assert after == ["Finished"]
    assert run_locked(folder, work, resume=True) == 0
    assert seen == ["stop", None]
