"""The machine stays awake while a run works."""

from __future__ import annotations

import os
import sys
import threading
from pathlib import Path

import pytest

from senti_studio.worker.awake import awake

_KEEPER = {"linux": "systemd-inhibit", "darwin": "caffeinate"}


@pytest.mark.skipif(sys.platform not in _KEEPER, reason="Windows is asked by a system call")
def test_a_keeper_runs_for_as_long_as_the_work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told = tmp_path / "被告知"
    keeper = tmp_path / _KEEPER[sys.platform]
    keeper.write_text(f'#!/bin/sh\necho "$$ $*" > "{told}.tmp"\nmv "{told}.tmp" "{told}"\nexec sleep 60\n')
    keeper.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    with awake():
        pause = threading.Event()
        for _ in range(500):
            if told.exists():
                break
            pause.wait(0.02)
        pid, _, words = told.read_text().partition(" ")
        assert str(os.getpid()) in words
        os.kill(int(pid), 0)
    with pytest.raises(ProcessLookupError):
        os.kill(int(pid), 0)


def test_where_nobody_can_be_asked_the_work_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    done = False
    with awake():
        done = True
    assert done
