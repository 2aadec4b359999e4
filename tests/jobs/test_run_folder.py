"""The run folder: torn lines, tails by offset, states, and a lock that a killed process gives back."""

from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from senti_studio.domain.run_states import RunState
from senti_studio.domain.specs import ClassificationSpec, FileToClassify, LabelName, TrainingSpec
from senti_studio.domain.training_options import TrainingOptions
from senti_studio.errors import UserError
from senti_studio.jobs.lock import FileLock, is_locked
from senti_studio.jobs.protocol import (
    Cancelled,
    Failed,
    Finished,
    Paused,
    Progress,
    Started,
    Stopped,
    Written,
    event_to_line,
)
from senti_studio.jobs.run_folder import CommandTail, EventTail, RunFolder, RunStatus, write_atomically
from senti_studio.operations.run_list import read_figures

HOLDER = """
import sys
from pathlib import Path
from senti_studio.jobs.lock import FileLock
lock = FileLock(Path(sys.argv[1]))
print(lock.acquire(), flush=True)
sys.stdin.read()
"""


@pytest.fixture
def folder(tmp_path: Path) -> RunFolder:
    spec = TrainingSpec("run-1", "第一次", "lstm", (LabelName("1", "正面"), LabelName("3", "负面")))
    return RunFolder.create(tmp_path / "运行 一", spec)


def test_specs_come_back(folder: RunFolder) -> None:
    assert folder.spec().name == "第一次"
    spec = ClassificationSpec(
        "b-1", "批次", "模型", "预测", FileToClassify("评论.csv", "评论", "gb18030"), batch_size=64
    )
    folder.write_spec(spec)
    found = folder.spec()
    assert found == spec.located(folder.path)
    assert found.model_folder == str(folder.path / "模型"), "what lies in the project moves with it"
    folder.write_spec(found)
    assert folder.spec() == found, "absolute paths stay"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (None, "RUN_DAMAGED"),
        (b"{", "RUN_DAMAGED"),
        (b"[]", "RUN_DAMAGED"),
        (b"[" * 200_000, "RUN_DAMAGED"),
        (b'{"version": 99}', "SPEC_TOO_NEW"),
        (b'{"version": 1, "kind": "train"}', "BAD_SPEC"),
        (b'{"version": 1, "kind": "classify", "file": {"way": 1}}', "BAD_SPEC"),
    ],
)
def test_bad_specs_are_told(folder: RunFolder, content: bytes | None, code: str) -> None:
    folder.spec_path.unlink()
    if content is not None:
        folder.spec_path.write_bytes(content)
    with pytest.raises(UserError, match=code):
        folder.spec()


def test_all_bad_options_are_told_at_once(folder: RunFolder) -> None:
    values = json.loads(folder.spec_path.read_bytes())
    values["options"] |= {"epochs": 0, "dropout": 2.0}
    folder.spec_path.write_text(json.dumps(values), encoding="utf-8")
    with pytest.raises(UserError) as caught:
        folder.spec()
    assert len(caught.value.params["problems"]) == 2


@pytest.mark.parametrize(
    "edit",
    [
        {"name": 5},
        {"device": ["cpu"]},
        {"labels": [{"key": 1, "name": "正面"}, {"key": "3", "name": None}]},
        {"labels": [{"key": "1", "name": "正面"}, {"key": "1", "name": "负面"}]},
        {"data": {"rows": 7}},
    ],
    ids=["name", "device", "names of labels", "two labels of one key", "rows"],
)
def test_an_edited_spec_is_refused_before_anything_is_made_of_it(
    folder: RunFolder, edit: dict[str, object]
) -> None:
    values = json.loads(folder.spec_path.read_bytes())
    folder.spec_path.write_text(json.dumps({**values, **edit}), encoding="utf-8")
    with pytest.raises(UserError, match="BAD_SPEC"):
        folder.spec()


def test_what_stands_behind_the_end_does_not_bring_a_run_back_to_life(folder: RunFolder) -> None:
    for event in (Started(), Progress(step=1), Finished(), Progress(step=2)):
        folder.append_event(event)
    assert folder.state() is RunState.FINISHED


def test_the_tail_waits_for_whole_lines(folder: RunFolder) -> None:
    tail = EventTail(folder.events_path)
    assert tail.read() == []
    line = event_to_line(Written(at=1.0, rows_done=3, label_rows={"正面": 2}))
    for cut in (10, len(line) - 1):
        with folder.events_path.open("ab") as file:
            file.write(line[:cut])
        assert tail.read() == []
        with folder.events_path.open("ab") as file:
            file.write(line[cut:])
        assert tail.read() == [Written(at=1.0, rows_done=3, label_rows={"正面": 2})]
    assert tail.offset == folder.events_path.stat().st_size
    again = EventTail(folder.events_path, len(line))
    assert len(again.read()) == 1


def test_a_torn_line_of_a_killed_worker_is_closed(folder: RunFolder) -> None:
    folder.append_event(Started(run_id="run-1"))
    with folder.events_path.open("ab") as file:
        file.write(b'{"type":"Progress","step":12,"lo')
    folder.append_event(Paused(step=5))
    events = list(folder.events())
    assert [event.type for event in events] == ["Started", "Paused"]
    assert all(event.at > 0 for event in events)
    assert folder.events_path.read_bytes().endswith(b"\n")


def test_commands_from_before_a_start_are_skipped(folder: RunFolder) -> None:
    folder.send("stop")
    tail = CommandTail(folder)
    assert tail.commands() == []
    folder.send("pause")
    with folder.commands_path.open("ab") as file:
        file.write(b'{"command": "dance"}\n{"command": "can')
    assert tail.commands() == ["pause"]
    with folder.commands_path.open("ab") as file:
        file.write(b'cel"}\n')
    assert tail.commands() == ["cancel"]


def test_states(folder: RunFolder) -> None:
    folder.log_path.touch()
    assert folder.state() is RunState.QUEUED
    old = 1_000_000.0
    os.utime(folder.log_path, (old, old))
    lock = FileLock(folder.lock_path)
    assert lock.acquire()
    for event, state in (
        (Started(run_id="run-1"), RunState.PREPARING),
        (Progress(step=1), RunState.RUNNING),
        (Finished(), RunState.FINISHED),
        (Started(run_id="run-1", resumed_from_step=1), RunState.PREPARING),
        (Written(rows_done=1), RunState.RUNNING),
        (Stopped(), RunState.STOPPED),
        (Failed(code="DISK_FULL"), RunState.FAILED),
        (Started(run_id="run-1"), RunState.PREPARING),
    ):
        folder.append_event(event)
        assert folder.state() is state
    lock.release()
    assert folder.state() is RunState.INTERRUPTED
    assert RunStatus.read(folder).started_at is not None


def test_a_run_that_is_taken_up_again_is_being_prepared(folder: RunFolder) -> None:
    """A worker that goes on has the lock at once, and reads its libraries for seconds before it says so."""
    lock = FileLock(folder.lock_path)
    assert lock.acquire()
    folder.note_launch()
    folder.append_event(Started(run_id="run-1", at=time.time() + 0.1))
    folder.append_event(Paused(step=3, at=time.time() + 0.1))
    assert folder.state() is RunState.PAUSED, "its end is written, the process is about to leave"
    time.sleep(0.2)
    folder.note_launch()
    assert folder.state() is RunState.PREPARING
    assert read_figures(folder)["state"] == RunState.PREPARING.value
    folder.append_event(Started(run_id="run-1", resumed_from_step=3))
    folder.append_event(Progress(step=4))
    assert folder.state() is RunState.RUNNING
    lock.release()


def test_a_clock_that_was_put_back_makes_no_time_negative(folder: RunFolder) -> None:
    folder.append_event(Started(run_id="run-1", at=2_000_000.0))
    folder.append_event(Cancelled(at=1_990_000.0))
    assert read_figures(folder)["duration"] == 0.0


def test_a_killed_process_gives_its_lock_back(folder: RunFolder) -> None:
    assert not is_locked(folder.lock_path)
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(folder.lock_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    with holder:
        assert holder.stdout is not None
        assert holder.stdout.readline().strip() == b"True"
        assert folder.is_alive()
        assert not FileLock(folder.lock_path).acquire()
        holder.send_signal(signal.SIGKILL)
        holder.wait(30)
    assert not folder.is_alive()
    lock = FileLock(folder.lock_path)
    assert lock.acquire()
    assert lock.acquire()
    lock.release()
    lock.release()


def test_files_are_replaced_whole(tmp_path: Path) -> None:
    path = tmp_path / "指针.json"
    write_atomically(path, b"1")
    write_atomically(path, "二".encode())
    assert path.read_bytes() == "二".encode()
    assert list(tmp_path.iterdir()) == [path]


def test_what_cannot_be_written_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "指针.json"
    write_atomically(path, b"1")

    def full(number: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        write_atomically(path, b"2")
    assert path.read_bytes() == b"1"
    assert list(tmp_path.iterdir()) == [path]


def test_the_log_tail_is_short(folder: RunFolder) -> None:
    assert folder.log_tail() == ""
    folder.log_path.write_bytes(("行\n" * 30_000).encode() + b"\xff last\n")
    assert folder.log_tail(3).splitlines() == ["行", "行", "\ufffd last"]


def test_options_have_a_default_inside_their_range() -> None:
    from senti_studio.domain.training_options import problems_of

    assert problems_of(TrainingOptions()) == []
