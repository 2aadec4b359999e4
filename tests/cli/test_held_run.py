"""A run that is held from outside, as the terminal tells it: real worker, real signals."""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from senti_studio.cli.terminal import Terminal

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no signal that holds a process")
ENDLESS = ["--epochs", "1000", "--patience", "1000", "--embedding-size", "8", "--hidden-size", "8"]


def last_of(folder: Path, kind: str) -> dict[str, object] | None:
    for events in folder.glob("runs/*/events.jsonl"):
        for line in reversed(events.read_text("utf-8").splitlines()):
            said = json.loads(line)
            if said["type"] == kind:
                return dict(said)
    return None


def until(is_so: Callable[[], object]) -> None:
    """Looks again every few milliseconds."""
    pause, end = threading.Event(), time.monotonic() + 120
    while not is_so():
        assert time.monotonic() < end
        pause.wait(0.05)


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """All sentences of the terminal so far."""
    heard: list[str] = []
    say = Terminal.say

    def overheard(terminal: Terminal, zh: str, en: str) -> None:
        say(terminal, zh, en)
        heard.append(zh)

    monkeypatch.setattr(Terminal, "say", overheard)
    return heard


@pytest.mark.parametrize("then", [signal.SIGCONT, signal.SIGINT])
def test_a_held_run_is_told_and_can_be_ended(
    then: signal.Signals,
    program: Callable[..., Any],
    tmp_path: Path,
    comments: Path,
    said: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("senti_studio.cli.silence.SILENT_AFTER_S", 3.5)
    folder = tmp_path / "我的 项目.senti"
    program("new", folder)
    program("import", folder, comments, "--text-column", "评论内容", "--label-column", "情感")

    def disturb() -> None:
        until(lambda: last_of(folder, "CheckpointSaved"))
        started = last_of(folder, "Started")
        assert started is not None
        pid = int(str(started["pid"]))
        os.kill(pid, signal.SIGSTOP)
        until(lambda: [sentence for sentence in said if "任务没有回应" in sentence])
        if then is signal.SIGCONT:
            os.kill(pid, signal.SIGCONT)
            until(lambda: "任务又有回应了。" in said)
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
