"""Attached helpers: whole lines only, superseded answers dropped, an end is told once and with a sentence."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from senti_studio.ui import job_process
from senti_studio.ui.job_process import JobProcess, ProcessEnd

Start = Callable[[str], JobProcess]

PRELUDE = """
import json, os, sys, time
def say(**values):
    os.write(1, (json.dumps(values, ensure_ascii=False) + "\\n").encode("utf-8"))
def requests():
    for line in sys.stdin.buffer:
        yield json.loads(line)
"""


@pytest.fixture
def start(qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Start]:
    """Starts a helper of the given Python text in a real process."""
    made: list[JobProcess] = []

    def run(program: str) -> JobProcess:
        script = tmp_path / "帮手.py"
        script.write_text(PRELUDE + program, "utf-8")
        monkeypatch.setattr(job_process, "worker_command", lambda *_: [sys.executable, str(script)])
        process = JobProcess()
        made.append(process)
        process.start("anything")
        return process

    yield run
    for process in made:
        process.close_and_wait()
        process.deleteLater()


def collect(process: JobProcess) -> tuple[list[dict[str, Any]], list[ProcessEnd]]:
    messages: list[dict[str, Any]] = []
    ends: list[ProcessEnd] = []
    process.message.connect(messages.append)
    process.ended.connect(ends.append)
    return messages, ends


def test_the_real_probe_answers(qtbot: QtBot) -> None:
    process = JobProcess()
    messages, ends = collect(process)
    process.start("probe")
    process.request("devices")
    qtbot.waitUntil(lambda: bool(messages), timeout=30_000)
    assert messages[0]["type"] == "Result"
    assert any(device["key"] == "cpu" for device in messages[0]["devices"])
    process.close()
    qtbot.waitUntil(lambda: bool(ends), timeout=10_000)
    assert ends[0].ok
    process.deleteLater()


def test_lines_that_come_in_pieces_are_put_together(start: Start, qtbot: QtBot) -> None:
    process = start("""
line = json.dumps({"id": 1, "type": "Result", "text": "汤洒了一半"}, ensure_ascii=False).encode() + b"\\n"
next(requests())
for position in range(len(line)):
    os.write(1, line[position:position + 1])
    time.sleep(0.002)
for _ in requests(): pass
""")
    messages, _ = collect(process)
    process.request("读")
    qtbot.waitUntil(lambda: bool(messages), timeout=10_000)
    assert messages == [{"id": 1, "type": "Result", "text": "汤洒了一半"}]


def test_answers_to_a_superseded_request_are_dropped(start: Start, qtbot: QtBot) -> None:
    process = start("""
asked = [request for _, request in zip(range(2), requests())]
for request in asked:
    say(id=request["id"], type="Progress", rows=1)
    say(id=request["id"], type="Result", encoding=request["encoding"])
for _ in requests(): pass
""")
    messages, _ = collect(process)
    process.request("read", encoding="utf-8")
    newest = process.request("read", encoding="gb18030")
    qtbot.waitUntil(lambda: len(messages) == 2, timeout=10_000)
    qtbot.wait(50)
    assert [m["id"] for m in messages] == [newest, newest]
    assert messages[1]["encoding"] == "gb18030"


def test_prints_and_unknown_lines_do_no_harm(start: Start, qtbot: QtBot) -> None:
    process = start("""
request = next(requests())
os.write(1, b"a library prints\\n[1, 2]\\n\\xff\\xfe\\n")
sys.stderr.write("警告\\n"); sys.stderr.flush()
say(id=request["id"], type="Result")
for _ in requests(): pass
""")
    messages, _ = collect(process)
    process.request("x")
    qtbot.waitUntil(lambda: bool(messages), timeout=10_000)
    assert len(messages) == 1
    qtbot.waitUntil(lambda: "警告" in process.stderr)


def test_a_crash_is_one_end_with_a_sentence(start: Start, qtbot: QtBot) -> None:
    process = start("""
next(requests())
sys.stderr.write("显存不足\\n"); sys.stderr.flush()
os.kill(os.getpid(), 9)
""")
    _, ends = collect(process)
    process.request("x")
    qtbot.waitUntil(lambda: bool(ends), timeout=10_000)
    assert len(ends) == 1
    assert not ends[0].ok
    assert ends[0].sentence
    assert "显存不足" in ends[0].stderr


def test_only_the_last_200_lines_of_stderr_are_kept(start: Start, qtbot: QtBot) -> None:
    process = start("""
for number in range(1000):
    sys.stderr.write(f"line {number}\\n")
""")
    _, ends = collect(process)
    qtbot.waitUntil(lambda: bool(ends), timeout=10_000)
    lines = ends[0].stderr.splitlines()
    assert len(lines) == 200
    assert lines[-1] == "line 999"


def test_close_ends_a_helper_that_does_not_listen(
    start: Start, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(job_process, "KILL_AFTER_MS", 100)
    process = start("""
say(id=None, type="Progress")
while True: time.sleep(1)
""")
    messages, ends = collect(process)
    qtbot.waitUntil(lambda: bool(messages), timeout=10_000)
    process.close()
    qtbot.waitUntil(lambda: bool(ends), timeout=10_000)
    assert ends[0].ok


def test_a_program_that_cannot_start_is_told(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(job_process, "worker_command", lambda *_: ["/没有/这个程序"])
    process = JobProcess()
    _, ends = collect(process)
    process.start("probe")
    qtbot.waitUntil(lambda: bool(ends))
    assert not ends[0].ok
    process.deleteLater()


def test_cancel_names_the_open_requests(start: Start, qtbot: QtBot) -> None:
    process = start("""
source = requests()
first = next(source)
say(id=first["id"], type="Progress", rows=1)
cancel = next(source)
say(id=first["id"], type="Failed", code="CANCELLED", saw=cancel)
for _ in source: pass
""")
    messages, _ = collect(process)
    number = process.request("import")
    qtbot.waitUntil(lambda: bool(messages), timeout=10_000)
    process.cancel()
    qtbot.waitUntil(lambda: len(messages) == 2, timeout=10_000)
    assert messages[1]["saw"] == {"do": "cancel", "id": number}


def test_those_that_do_not_leave_are_waited_for_together(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(job_process, "END_MS", 500)
    made = [start("while True: time.sleep(1)") for _ in range(4)]
    began = time.monotonic()
    with job_process.ended_together():
        for each in made:
            each.close_and_wait()
    assert time.monotonic() - began < 1.5
    assert not any(each.is_running for each in made)
