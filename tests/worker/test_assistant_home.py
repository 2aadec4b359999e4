"""Folders of assistants that found the one in the project taken."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from senti_studio.worker.assistant_home import Home

_TAKE = """
import sys
from pathlib import Path
from senti_studio.worker.assistant_home import Home
home = Home(Path(sys.argv[1]))
home.folder.mkdir()
print(home.folder, flush=True)
sys.stdin.read()
"""


def test_what_a_killed_one_left_is_swept_and_the_living_keep_theirs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    cache = tmp_path / "缓存"
    cache.mkdir()
    first = Home(cache)
    second = subprocess.Popen(
        [sys.executable, "-c", _TAKE, str(cache)],
        env={**os.environ, "TMPDIR": str(tmp_path), "TEMP": str(tmp_path)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with second:
        assert second.stdout is not None
        folder = Path(second.stdout.readline().strip())
        assert folder.parent.parent == tmp_path
        third = Home(cache)
        assert folder.is_dir(), "its process lives"
        second.kill()
    third.close()
    fourth = Home(cache)
    assert not folder.parent.exists()
    fourth.close()
    first.close()
    assert list(tmp_path.glob("senti-assistant-*")) == []
