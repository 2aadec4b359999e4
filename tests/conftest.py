"""What all tests share: an isolated home, and the development data where it is present."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")


@pytest.fixture(autouse=True)
def home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Settings, recent projects and samples of each test lie in a folder of its own, with a Chinese name."""
    folder = tmp_path_factory.mktemp("家 目录")
    monkeypatch.setenv("SENTI_STUDIO_HOME", str(folder))
    return folder


@pytest.fixture(scope="session")
def data_folder() -> Path:
    """The development data sets; tests that need them skip, visibly, where they are absent."""
    given = os.environ.get("SENTI_DATA")
    folder = Path(given) if given else Path(__file__).resolve().parents[2] / "shared" / "data"
    if not (folder / "README.md").exists():
        pytest.skip(f"development data not found at {folder} (set SENTI_DATA)")
    return folder
