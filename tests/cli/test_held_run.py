"""A run that is held from outside, as the terminal tells it: real worker, real signals."""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
import time
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no signal that holds a process")
ENDLESS = ["--epochs", "1000", "--patience", "1000", "--embedding-size", "8", "--hidden-size", "8"]


def last_of(folder: Path, kind: str) -> dict[str, object] | None:
    for events in folder.glob("runs/*/events.jsonl"):
        for line in reversed(events.read_text("utf-8").splitlines()):
            said = json.loads(line)
            if said["type"] == kind:
                return dict(said)
    return None


def until_said(folder: Path, kind: str) -> dict[str, object]:
    end = time.monotonic() + 120
    while time.monotonic() < end:
        said = last_of(folder, kind)
        if said is not None:
            return said
        time.sleep(0.1)
    raise AssertionError(f"never said {kind}")


@pytest.mark.parametrize("then", [signal.SIGCONT, signal.SIGINT])
def test_a_held_run_is_told_and_can_be_ended(
    then: signal.Signals, program, tmp_path: Path, comments: Path, monkeypatch: pytest.MonkeyPatch
) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setattr("senti_studio.cli.silence.SILENT_AFTER_S", 3.5)
    folder = tmp_path / "我的 项目.senti"
    program("new", folder)
    program("import", folder, comments, "--text-column", "评论内容", "--label-column", "情感")

    def disturb() -> None:
        until_said(folder, "CheckpointSaved")
        pid = int(str(until_said(folder, "Started")["pid"]))
        os.kill(pid, signal.SIGSTOP)
        time.sleep(6)
        if then is signal.SIGCONT:
            os.kill(pid, signal.SIGCONT)
            time.sleep(3)
        # Ctrl-C of whoever looks on: asks a run that answers to stop, and ends one that does not.
        os.kill(os.getpid(), signal.SIGINT)

    other = threading.Thread(target=disturb)
    other.start()
    answer = program("train", folder, *ENDLESS, "--allow-few")
    other.join()
    assert "任务没有回应" in answer.said
    if then is signal.SIGCONT:
        assert "任务又有回应了" in answer.said
        assert "正在停止并保留最佳轮" in answer.said
        assert last_of(folder, "Stopped") is not None
    else:
        assert answer.values["error"]["code"] == "RUN_INTERRUPTED", answer.said
        assert last_of(folder, "Stopped") is None
        again = program("runs", folder, "last")
        assert again.values["runs"][0]["state"] == "interrupted"
