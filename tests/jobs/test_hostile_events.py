"""Lines that no worker of ours wrote: skipped, never an exception; one bad run leaves the others alone."""

from __future__ import annotations

import json
import shutil
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from senti_studio.domain.run_states import RunState
from senti_studio.domain.specs import LabelName, TrainingSpec
from senti_studio.jobs.protocol import EVENTS, Finished, Progress, event_from_line
from senti_studio.jobs.run_folder import RunFolder, RunStatus

ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=4,
)


@given(
    st.sampled_from(sorted(EVENTS)),
    st.dictionaries(st.sampled_from(["at", "step", "code", "params", "loss", "confusion"]), ANYTHING),
)
def test_fields_of_wrong_kinds_make_a_line_unreadable(name: str, values: dict[str, object]) -> None:
    event = event_from_line(json.dumps({"type": name, **values}))
    if event is None:
        return
    status = RunStatus()
    status.feed(event)
    assert status.started_at is None or status.started_at.year > 0


@pytest.mark.parametrize(
    "line",
    [
        '{"type":"Progress","step":1,"at":"x"}',
        '{"type":"Progress","at":1e300}',
        '{"type":"Progress","at":1e14}',
        '{"type":"Cancelled","at":-62135596801}',
        '{"type":"Failed","code":[1]}',
        '{"type":"Evaluated"}',
        '{"type":"Evaluated","loss":0.5,"accuracy":0.9}',
        '{"type":"Evaluated","loss":0.5,"accuracy":90,"macro_f1":0.8}',
    ],
)
def test_known_bad_lines_are_skipped(line: str) -> None:
    assert event_from_line(line) is None


def _folder(path: Path) -> RunFolder:
    labels = (LabelName("1", "正面"), LabelName("3", "负面"))
    return RunFolder.create(path, TrainingSpec("运行", "LSTM #1", "lstm", labels))


def test_a_copied_run_is_not_taken_for_one_just_launched(tmp_path: Path) -> None:
    folder = _folder(tmp_path / "甲")
    folder.note_launch()
    folder.append_event(Finished(at=time.time() + 1))
    copy = RunFolder(shutil.copytree(folder.path, tmp_path / "乙"))
    copy.launched_path.touch()
    assert copy.state() is RunState.FINISHED


def test_a_launch_shows_as_preparing_until_the_worker_speaks_or_the_grace_is_over(tmp_path: Path) -> None:
    folder = _folder(tmp_path / "丙")
    assert folder.state() is RunState.QUEUED
    folder.append_event(Progress(step=1, at=time.time() - 100))
    assert folder.state() is RunState.INTERRUPTED
    folder.note_launch()
    assert folder.state() is RunState.PREPARING
    folder.launched_path.write_text(f"{time.time() - 60}", "ascii")
    assert folder.state() is RunState.INTERRUPTED
